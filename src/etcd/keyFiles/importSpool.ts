import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { FileEntry } from './fileEntry.ts';
import { readAll, writeAll } from './wholeIo.ts';

// See docs/contributing/decisions/bulk-work.md

/** Bytes gathered before they are written. */
const BYTES_AT_ONCE = 1024 * 1024;
/** Entries read at a time, because thousands of them would outlive the collections of young objects. */
const ENTRIES_AT_ONCE = 1024;
const HEADER_BYTES = 4 + 4 + 8 + 8;
const NO_TTL = 2n ** 64n - 1n;

/** The keys of an import in a file of its own, so that memory holds only a few bytes per key. */
export class ImportSpool {
  readonly #file: FileHandle;
  readonly #path: string;
  /** Records that are not written yet; buffers of their own would outlive the collections of young objects. */
  readonly #waiting = Buffer.allocUnsafe(BYTES_AT_ONCE);
  #waitingBytes = 0;
  #written = 0;
  /** Offset of each record; the last is where the next record will begin. */
  #offsets = new Float64Array(1024);
  #length = 0;
  readonly #hash = createHash('sha256');

  /** Digest of the file's content; set once it is sealed. */
  #digest: string | undefined;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Creates the file, readable only by its owner. The caller deletes it after `close`. */
  static async create(path: string): Promise<ImportSpool> {
    return new ImportSpool(await open(path, 'wx+', 0o600), path);
  }

  get length(): number {
    return this.#length;
  }

  /**
   * SHA-256 of the file's content in order, which tells whether a source that is read again is still the same.
   * Available once sealed.
   */
  get digest(): string {
    if (this.#digest === undefined) throw new Error('the spool is not sealed');
    return this.#digest;
  }

  /** Returns a promise only when the file is written to; the next entry must wait for it. */
  add(entry: FileEntry): Promise<void> | undefined {
    const size = HEADER_BYTES + entry.key.length + entry.value.length;
    const isFull = this.#waitingBytes + size > BYTES_AT_ONCE;
    this.#length++;
    if (this.#length === this.#offsets.length) this.#grow();
    this.#offsets[this.#length] = (this.#offsets[this.#length - 1] ?? 0) + size;
    if (isFull) return this.#addAfterFlush(entry, size);
    this.#gather(entry, size);
    return undefined;
  }

  async #addAfterFlush(entry: FileEntry, size: number): Promise<void> {
    await this.flush();
    if (size <= BYTES_AT_ONCE) return this.#gather(entry, size);
    const record = Buffer.allocUnsafe(size);
    writeRecord(entry, record, 0);
    await this.#write(record);
  }

  #gather(entry: FileEntry, size: number): void {
    writeRecord(entry, this.#waiting, this.#waitingBytes);
    this.#waitingBytes += size;
  }

  async flush(): Promise<void> {
    await this.#write(this.#waiting.subarray(0, this.#waitingBytes));
    this.#waitingBytes = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(this.#file, bytes, this.#written);
    } catch (cause) {
      throw new EtcdError(
        'unexpected',
        l10n.t(
          'The keys to import could not be stored in {0}: {1}. Free some disk space for temporary files and import again.',
          this.#path,
          cause instanceof Error ? cause.message : String(cause),
        ),
        { cause },
      );
    }
    this.#hash.update(bytes);
    this.#written += bytes.length;
  }

  /**
   * Ends adding, and reads the file back, because only what the file holds is imported. @throws EtcdError if that is
   * not what was added
   */
  async seal(): Promise<void> {
    await this.flush();
    const held = createHash('sha256');
    for (let at = 0; at < this.#written; at += BYTES_AT_ONCE)
      held.update(await this.#read(at, Math.min(at + BYTES_AT_ONCE, this.#written)));
    const digest = held.digest('base64');
    if (digest !== this.#hash.copy().digest('base64')) throw this.#damaged();
    this.#digest = digest;
  }

  /** @param index from 0 up to, but not including, `length`; all entries before must be flushed */
  async at(index: number): Promise<FileEntry> {
    return entryAt(await this.#read(this.#offsets[index] ?? 0, this.#offsets[index + 1] ?? 0), 0).entry;
  }

  /**
   * Returns the entries from an index on: up to `most`, and up to about one megabyte of them. They share memory: copy
   * what is kept.
   */
  async from(index: number, most = ENTRIES_AT_ONCE): Promise<readonly FileEntry[]> {
    const start = this.#offsets[index] ?? 0;
    let end = index + 1;
    while (end < this.#length && end - index < most && (this.#offsets[end + 1] ?? 0) - start <= BYTES_AT_ONCE) end++;
    const bytes = await this.#read(start, this.#offsets[end] ?? 0);
    const entries: FileEntry[] = [];
    for (let at = 0; at < bytes.length;) {
      const { entry, size } = entryAt(bytes, at);
      entries.push(entry);
      at += size;
    }
    return entries;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #read(start: number, end: number): Promise<Buffer> {
    try {
      return await readAll(this.#file, end - start, start);
    } catch (cause) {
      throw this.#damaged(cause);
    }
  }

  #damaged(cause?: unknown): EtcdError {
    return new EtcdError(
      'unexpected',
      l10n.t('{0} no longer holds the keys of the import: something has changed it. Import again.', this.#path),
      { cause },
    );
  }

  #grow(): void {
    const larger = new Float64Array(this.#offsets.length * 2);
    larger.set(this.#offsets);
    this.#offsets = larger;
  }
}

function writeRecord({ key, value, lease = 0n, ttl }: FileEntry, to: Buffer, at: number): void {
  to.writeUInt32LE(key.length, at);
  to.writeUInt32LE(value.length, at + 4);
  to.writeBigUInt64LE(BigInt.asUintN(64, lease), at + 8);
  to.writeBigUInt64LE(ttl === undefined ? NO_TTL : BigInt(ttl), at + 16);
  to.set(key, at + HEADER_BYTES);
  to.set(value, at + HEADER_BYTES + key.length);
}

function entryAt(bytes: Buffer, at: number): { readonly entry: FileEntry; readonly size: number } {
  const keyLength = bytes.readUInt32LE(at);
  const valueLength = bytes.readUInt32LE(at + 4);
  const lease = bytes.readBigUInt64LE(at + 8);
  const ttl = bytes.readBigUInt64LE(at + 16);
  const keyStart = at + HEADER_BYTES;
  const end = keyStart + keyLength + valueLength;
  const entry = {
    key: new Uint8Array(bytes.buffer, bytes.byteOffset + keyStart, keyLength),
    value: new Uint8Array(bytes.buffer, bytes.byteOffset + keyStart + keyLength, valueLength),
    ...(lease !== 0n && { lease }),
    ...(ttl !== NO_TTL && { ttl: Number(ttl) }),
  };
  return { entry, size: end - at };
}
