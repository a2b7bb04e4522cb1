import { grown } from './keyTable.ts';
import type { RecordReader } from './recordReader.ts';

const TWO_32 = 2 ** 32;

/**
 * Checks whether each record of a key continues the one before: its version is one higher, and its create revision is
 * the same. Without a checksum, this finds damages beyond the file's structure. It compares the lower 32 bits.
 */
export class VersionChain {
  /** Number of records that do not continue the one before. */
  broken = 0;
  readonly #compacted: number;
  /** The version of each key's last record, by the key's number; 0 after a deletion. */
  #versions = new Uint32Array(1 << 8);
  #creates = new Uint32Array(1 << 8);
  #known = 0;

  constructor(compacted: bigint) {
    this.#compacted = Number(compacted);
  }

  put(key: number, record: RecordReader): void {
    const isNew = this.#meet(key);
    const version = this.#versions[key] ?? 0;
    const create = record.createHigh * TWO_32 + record.createLow;
    const isBorn = isNew ? create > this.#compacted : version === 0;
    const isSound = isBorn
      ? record.versionLow === 1 && record.createLow === record.modLow
      : isNew || (record.versionLow === (version + 1) % TWO_32 && record.createLow === this.#creates[key]);
    if (!isSound) this.broken++;
    this.#versions[key] = record.versionLow;
    this.#creates[key] = record.createLow;
  }

  delete(key: number, main: number): void {
    const isNew = this.#meet(key);
    if (isNew ? main > this.#compacted : this.#versions[key] === 0) this.broken++;
    this.#versions[key] = 0;
  }

  /** Releases what only `put` and `delete` need. */
  freeze(): void {
    this.#versions = new Uint32Array();
    this.#creates = new Uint32Array();
  }

  /** Returns true if no record of the key was seen before. */
  #meet(key: number): boolean {
    if (key < this.#known) return false;
    this.#known = key + 1;
    if (key >= this.#versions.length) {
      this.#versions = grown(this.#versions);
      this.#creates = grown(this.#creates);
    }
    return true;
  }
}
