import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile as readLocal, realpath, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { l10n, workspace, type Uri } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import type { RepeatableChunks } from '../etcd/keyFiles/texts.ts';
import { openRegularFile, readable, readRegularFile } from '../etcd/regularFile.ts';

/** Number of gathered characters that are written together. */
const CHARACTERS_AT_ONCE = 256 * 1024;
const CHUNK = 256 * 1024;
const MAX_BYTES_AT_ONCE = 256 * 1024 * 1024;
/** Mode of files that only their owner may read, because values are often secret. */
const SECRET = 0o600;
const PUBLIC = 0o644;

/**
 * Writes a file from text that comes in pieces. The file appears, or is replaced, once all of it is written; a failure
 * leaves nothing behind. If the file is not on this machine, there are no streams, and memory holds all of it.
 */
export async function writeWhole(target: Uri, pieces: AsyncIterable<string>): Promise<void> {
  if (target.scheme === 'file') return await replaceLocal(target.fsPath, SECRET, pieces);
  const folder = await mkdtemp(join(tmpdir(), 'etcd-export-'));
  try {
    const part = join(folder, 'part');
    await writeNew(part, SECRET, pieces);
    await writeRemote(target, await readLocal(part));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes a file that is not secret, completely or not at all; a replaced file keeps its permissions.
 * `workspace.fs.writeFile` would report success on a full disk if some of the bytes still fit.
 * @throws EtcdError; a file on this machine is then as it was before
 */
export async function writeFile(target: Uri, content: Uint8Array): Promise<void> {
  try {
    if (target.scheme === 'file') await writeLocal(target.fsPath, content);
    else await writeRemote(target, content);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EtcdError('unexpected', l10n.t('{0} could not be written: {1}.', target.fsPath, reason), { cause });
  }
}

async function writeLocal(target: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  // If the target is a link, the file that it points to is written.
  const path = await realpath(target).catch(() => target);
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => PUBLIC,
  );
  await replaceLocal(path, mode, [content]);
}

/** Writes to a file system that is not this machine's. @throws Error if some bytes are missing afterwards */
export async function writeRemote(target: Uri, content: Uint8Array): Promise<void> {
  await workspace.fs.writeFile(target, content);
  const { size } = await workspace.fs.stat(target);
  if (size !== content.length)
    throw new Error(l10n.t('only {0} of {1} bytes were written to {2}', size, content.length, target.path));
}

type Pieces = AsyncIterable<string> | Iterable<Uint8Array>;

async function replaceLocal(path: string, mode: number, pieces: Pieces): Promise<void> {
  const part = join(dirname(path), `.etcd-${randomUUID()}.part`);
  await writeNew(part, mode, pieces);
  try {
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Creates a file, and removes it if it cannot be written completely. */
async function writeNew(path: string, mode: number, pieces: Pieces): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    // Unlike `write`, `writeFile` continues until everything is written, or fails.
    let gathered: string[] = [];
    let length = 0;
    const flush = async () => {
      await file.writeFile(gathered.join(''));
      [gathered, length] = [[], 0];
    };
    for await (const piece of pieces) {
      if (typeof piece !== 'string') {
        await file.writeFile(piece);
        continue;
      }
      gathered.push(piece);
      length += piece.length;
      if (length >= CHARACTERS_AT_ONCE) await flush();
    }
    await flush();
    await file.sync();
    await file.close();
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}

/** Reads a file's bytes in chunks, again for each iteration; all at once from a file system without streams. */
export function readInChunks(source: Uri): RepeatableChunks {
  return { isRepeatable: true, [Symbol.asyncIterator]: () => chunksOf(source) };
}

async function* chunksOf(source: Uri): AsyncGenerator<Uint8Array> {
  if (source.scheme !== 'file') return yield await readAtOnce(source, MAX_BYTES_AT_ONCE);
  const file = await openRegularFile(source.fsPath);
  try {
    yield* readable(file, CHUNK);
  } finally {
    await file.close();
  }
}

/** Reads a file up to a size. @throws EtcdError if it is not a file, or is larger */
export async function readUpTo(source: Uri, maxBytes: number): Promise<Uint8Array> {
  return source.scheme === 'file' ? await readRegularFile(source.fsPath, maxBytes) : await readAtOnce(source, maxBytes);
}

/** Reads a file from one of VS Code's file systems, which have no streams; trusts the size that they report. */
async function readAtOnce(source: Uri, maxBytes: number): Promise<Uint8Array> {
  if ((await workspace.fs.stat(source)).size > maxBytes)
    throw new EtcdError(
      'configuration',
      l10n.t('{0} is larger than {1} MB and was not read.', source.path, maxBytes / (1024 * 1024)),
    );
  return await workspace.fs.readFile(source);
}
