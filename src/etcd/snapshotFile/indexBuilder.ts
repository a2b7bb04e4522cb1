import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { BoltFile } from './boltFile.ts';
import { forEachElement, type Leaf } from './boltTree.ts';
import { Damage } from './damage.ts';
import { grown, KeyTable } from './keyTable.ts';
import { RecordPlaces } from './recordPlaces.ts';
import { RecordReader } from './recordReader.ts';
import { RevisionGaps } from './revisionGaps.ts';
import { VersionChain } from './versionChain.ts';

/**
 * Length of a record's key: its revision (8 bytes), `_`, and its place within that (8 bytes). A deletion's key has a
 * `t` at its end.
 */
export const PUT_LENGTH = 17;
export const TOMBSTONE_LENGTH = 18;
const UNDERSCORE = 0x5f;
const TOMBSTONE = 0x74;
const TWO_32 = 2 ** 32;
/** Top bit of a record's key number, set if the record deletes the key. */
const DELETES = 0x80000000;
const NO_KEY = 0xffffffff;
/** Bytes of memory that the index of a file may take. */
const MAX_INDEX_BYTES = 1024 ** 3;
const BYTES_OF_RECORD = 16;

/** The records of a file by key. */
export interface KeyRecords {
  /** Index in `records` where each key's records begin, by the key's number; the last entry is the end. */
  readonly starts: Uint32Array;
  /** Numbers of records, each key's in the order of revisions; the top bit is set if the record deletes its key. */
  readonly records: Uint32Array;
  readonly tombstones: number;
}

/** Receives the records of a file in the order of revisions. */
export class IndexBuilder {
  readonly keys = new KeyTable();
  readonly places = new RecordPlaces();
  readonly gaps: RevisionGaps;
  readonly chain: VersionChain;
  /** Number of records without a key: etcdutl writes one when it restores a snapshot at a higher revision. */
  keyless = 0;
  readonly #file: BoltFile;
  readonly #reader = new RecordReader();
  /** Each record's key, with `DELETES`. */
  #keyOf = new Uint32Array(1 << 8);
  #high = 0;
  #low = 0;
  #sub = -1;

  constructor(file: BoltFile, compacted: bigint) {
    this.#file = file;
    this.gaps = new RevisionGaps(compacted);
    this.chain = new VersionChain(compacted);
  }

  /**
   * Adds a leaf's records, up to the first one that is damaged.
   * @param isRecovered the leaf was not found through the tree: records that came before are left out
   * @throws EtcdError `unreadableFile` if there are more than memory may hold
   */
  add(leaf: Leaf, isRecovered = false): void {
    const first = this.places.count;
    let skipped = 0;
    this.#file.damages.attempt(() =>
      forEachElement(leaf, (flags, keyAt, keyLength, valueLength) => {
        const { bytes } = leaf;
        if (flags !== 0 || !isRevision(bytes, keyAt, keyLength))
          throw new Damage(l10n.t('Page {0} holds something other than revisions.', leaf.id));
        const high = bytes.readUInt32BE(keyAt);
        const low = bytes.readUInt32BE(keyAt + 4);
        const sub = bytes.readUInt32BE(keyAt + 13);
        if (!this.#isLater(high, low, sub)) {
          if (!isRecovered || this.places.count > first)
            throw new Damage(l10n.t('Page {0}: its revisions are not later than those before.', leaf.id));
          skipped++;
          return;
        }
        this.#record(leaf, keyAt, keyLength, valueLength, high, low, sub);
      }),
    );
    this.places.endLeaf(leaf.id, first, skipped);
    if (this.places.count * BYTES_OF_RECORD + this.keys.bytes > MAX_INDEX_BYTES)
      throw new EtcdError('unreadableFile', l10n.t('The file has more keys and revisions than fit into memory here.'));
  }

  /** Sorts the records by their keys. */
  finish(): KeyRecords {
    const starts = new Uint32Array(this.keys.count + 1);
    const { count } = this.places;
    for (let record = 0; record < count; record++) {
      const key = this.#keyOf[record] ?? NO_KEY;
      if (key !== NO_KEY) starts[(key & ~DELETES) + 1] = (starts[(key & ~DELETES) + 1] ?? 0) + 1;
    }
    for (let key = 1; key < starts.length; key++) starts[key] = (starts[key] ?? 0) + (starts[key - 1] ?? 0);
    const records = new Uint32Array(count - this.keyless);
    const next = starts.slice();
    let tombstones = 0;
    for (let record = 0; record < count; record++) {
      const key = this.#keyOf[record] ?? NO_KEY;
      if (key === NO_KEY) continue;
      const number = key & ~DELETES;
      const at = next[number] ?? 0;
      next[number] = at + 1;
      records[at] = key >= DELETES ? record + DELETES : record;
      if (key >= DELETES) tombstones++;
    }
    this.#keyOf = new Uint32Array();
    this.keys.freeze();
    this.places.freeze();
    return { starts, records, tombstones };
  }

  #record(
    { bytes, id }: Leaf,
    keyAt: number,
    keyLength: number,
    valueLength: number,
    high: number,
    low: number,
    sub: number,
  ): void {
    const reader = this.#reader;
    const isDeletion = keyLength === TOMBSTONE_LENGTH;
    const valueAt = keyAt + keyLength;
    if (!reader.read(bytes, valueAt, valueAt + valueLength))
      throw new Damage(l10n.t('Page {0} holds a value that is not a record of etcd.', id));
    // A tombstone has only the key.
    if (!isDeletion && valueLength > 0 && (reader.modLow !== low || reader.modHigh !== high))
      throw new Damage(l10n.t('Page {0} holds a record of another revision than its own.', id));
    this.gaps.next(high * TWO_32 + low, sub);
    if (this.places.count === this.#keyOf.length) this.#keyOf = grown(this.#keyOf);
    this.#keyOf[this.places.count] = this.#keyNumber(bytes, isDeletion, high * TWO_32 + low);
    this.places.add(high, low);
    this.#high = high;
    this.#low = low;
    this.#sub = sub;
  }

  #keyNumber(bytes: Uint8Array, isDeletion: boolean, main: number): number {
    const reader = this.#reader;
    if (reader.keyLength === 0) {
      this.keyless++;
      return NO_KEY;
    }
    const key = this.keys.numberOf(bytes, reader.keyAt, reader.keyLength);
    if (isDeletion) this.chain.delete(key, main);
    else this.chain.put(key, reader);
    return isDeletion ? key + DELETES : key;
  }

  #isLater(high: number, low: number, sub: number): boolean {
    if (high !== this.#high) return high > this.#high;
    return low === this.#low ? sub > this.#sub : low > this.#low;
  }
}

/** Whether bytes are a revision: neither half is negative, and no transaction has 2^32 steps. */
export function isRevision(bytes: Buffer, at: number, length: number): boolean {
  return (
    (length === PUT_LENGTH || (length === TOMBSTONE_LENGTH && bytes[at + PUT_LENGTH] === TOMBSTONE)) &&
    bytes[at + 8] === UNDERSCORE &&
    bytes.readUInt32BE(at) <= 0x7fffffff &&
    bytes.readUInt32BE(at + 9) === 0
  );
}
