import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { FileEntry } from './fileEntry.ts';

/** Gathers so many bytes before it writes. */
const BYTES_AT_ONCE = 1024 * 1024;
const HEADER_BYTES = 4 + 4 + 8 + 4;
const NO_TTL = 0xffff_ffff;

/** The keys that an import is about to write, in a file of its own, so that memory holds some bytes of each and no more. */
export class ImportSpool {
  readonly #file: FileHandle;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #written = 0;
  /** Where each record begins; the last is where the next one will. */
  #offsets = new Float64Array(1024);
  #length = 0;
  readonly #hash = createHash('sha256');

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Creates the file, which only its owner may read; `close` leaves it for the caller to delete. */
  static async create(path: string): Promise<ImportSpool> {
    return new ImportSpool(await open(path, 'wx+', 0o600));
  }

  get length(): number {
    return this.#length;
  }

  /** SHA-256 of all that was added, in its order: whether a file that is read again is still the same. */
  get digest(): string {
    return this.#hash.copy().digest('base64');
  }

  async add({ key, value, lease = 0n, ttl = NO_TTL }: FileEntry): Promise<void> {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(key.length, 0);
    header.writeUInt32LE(value.length, 4);
    header.writeBigUInt64LE(BigInt.asUintN(64, lease), 8);
    header.writeUInt32LE(ttl, 16);
    const size = HEADER_BYTES + key.length + value.length;
    this.#waiting.push(header, Buffer.from(key), Buffer.from(value));
    this.#hash.update(header).update(key).update(value);
    this.#waitingBytes += size;
    this.#length++;
    if (this.#length === this.#offsets.length) this.#grow();
    this.#offsets[this.#length] = (this.#offsets[this.#length - 1] ?? 0) + size;
    if (this.#waitingBytes >= BYTES_AT_ONCE) await this.flush();
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    [this.#waiting, this.#waitingBytes] = [[], 0];
    await this.#file.write(bytes, 0, bytes.length, this.#written);
    this.#written += bytes.length;
  }

  /** @param index from 0 to, not including, `length`; all before must be flushed */
  async at(index: number): Promise<FileEntry> {
    const start = this.#offsets[index] ?? 0;
    const bytes = Buffer.alloc((this.#offsets[index + 1] ?? 0) - start);
    await this.#file.read(bytes, 0, bytes.length, start);
    return entryAt(bytes, 0).entry;
  }

  /** The entries from an index on, as many as make up about a megabyte. */
  async from(index: number): Promise<readonly FileEntry[]> {
    const start = this.#offsets[index] ?? 0;
    let end = index + 1;
    while (end < this.#length && (this.#offsets[end + 1] ?? 0) - start <= BYTES_AT_ONCE) end++;
    const bytes = Buffer.alloc((this.#offsets[end] ?? 0) - start);
    await this.#file.read(bytes, 0, bytes.length, start);
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

  #grow(): void {
    const larger = new Float64Array(this.#offsets.length * 2);
    larger.set(this.#offsets);
    this.#offsets = larger;
  }
}

function entryAt(bytes: Buffer, at: number): { readonly entry: FileEntry; readonly size: number } {
  const keyLength = bytes.readUInt32LE(at);
  const valueLength = bytes.readUInt32LE(at + 4);
  const lease = bytes.readBigUInt64LE(at + 8);
  const ttl = bytes.readUInt32LE(at + 16);
  const keyStart = at + HEADER_BYTES;
  const end = keyStart + keyLength + valueLength;
  const entry = {
    key: new Uint8Array(bytes.subarray(keyStart, keyStart + keyLength)),
    value: new Uint8Array(bytes.subarray(keyStart + keyLength, end)),
    ...(lease !== 0n && { lease }),
    ...(ttl !== NO_TTL && { ttl }),
  };
  return { entry, size: end - at };
}
