import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { bytesText } from '../countText.ts';
import { EtcdError } from '../errors.ts';
import type { SnapshotProgress } from './clusterAdmin.ts';

/** Only the owner may read the file, because it has all values and the hashes of the passwords. */
const SECRET = 0o600;
const HASH_BYTES = 32;
/** Size of a sector of a database's file; bytes beyond whole sectors are the hash. */
const SECTOR = 512;

/** A part of a snapshot, as etcd sends it. */
interface SnapshotPart {
  readonly blob: Uint8Array;
  readonly remainingBytes: bigint;
}

interface SnapshotLimits {
  readonly progress: (done: SnapshotProgress) => void;
  /** Milliseconds until the next part must come. */
  readonly silence: number;
  /** Name of the member in failures. */
  readonly name: string;
}

/**
 * Writes a snapshot to a file. The file appears, or is replaced, once everything has come and matches the hash that
 * etcd sends at the end; until then it has another name, and a failure leaves nothing behind. One part at a time is in
 * memory.
 * @throws EtcdError, and errors of the file system
 */
export async function writeSnapshot(
  parts: AsyncIterable<SnapshotPart>,
  path: string,
  options: SnapshotLimits,
): Promise<void> {
  const part = `${path}.${randomUUID().slice(0, 8)}.part`;
  const file = await open(part, 'wx', SECRET);
  try {
    const hash = new TrailingHash();
    let written = 0;
    for await (const { blob, remainingBytes } of inTime(parts, options)) {
      // Unlike `write`, `writeFile` continues until everything is written, or fails.
      await file.writeFile(blob);
      hash.add(blob);
      written += blob.length;
      options.progress({ written, total: written + Number(remainingBytes) });
    }
    if (!hash.isRight(written)) throw incomplete(options.name, written);
    await file.sync();
    await file.close();
    await rename(part, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}

/** Syncs a folder, so that the new name survives a crash; systems that cannot open a folder do that by themselves. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  try {
    await folder?.sync().catch(() => undefined);
  } finally {
    await folder?.close();
  }
}

/** Yields the parts, with a time limit for each: only time reveals a member that has stopped sending. */
async function* inTime(
  parts: AsyncIterable<SnapshotPart>,
  { silence, name }: Pick<SnapshotLimits, 'silence' | 'name'>,
): AsyncGenerator<SnapshotPart> {
  const iterator = parts[Symbol.asyncIterator]();
  try {
    for (;;) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(silent(name, silence)), silence);
      const next = await Promise.race([iterator.next(), late.promise]).finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited, because a silent stream may never end.
    void iterator.return?.().catch(() => undefined);
  }
}

/** Checks the last 32 bytes, which must be the SHA-256 of everything before. */
class TrailingHash {
  readonly #hash = createHash('sha256');
  #end: Uint8Array = new Uint8Array();

  add(bytes: Uint8Array): void {
    const all = Buffer.concat([this.#end, bytes]);
    const end = Math.max(all.length - HASH_BYTES, 0);
    this.#hash.update(all.subarray(0, end));
    this.#end = all.subarray(end);
  }

  /** @param written number of all bytes */
  isRight(written: number): boolean {
    return written % SECTOR === HASH_BYTES && Buffer.compare(this.#hash.digest(), this.#end) === 0;
  }
}

function incomplete(name: string, written: number): EtcdError {
  return new EtcdError(
    'unexpected',
    l10n.t(
      'The snapshot of {0} is not complete: what came ({1}) does not have the hash that etcd sends with it. No file was written; try again.',
      name,
      bytesText(written),
    ),
  );
}

function silent(name: string, milliseconds: number): EtcdError {
  const message = l10n.t(
    '{0} has sent nothing of its snapshot for {1} s. No file was written.',
    name,
    milliseconds / 1000,
  );
  return new EtcdError('timedOut', message);
}
