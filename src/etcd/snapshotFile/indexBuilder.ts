import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { BoltFile } from './boltFile.ts';
import { forEachElement, type Leaf } from './boltTree.ts';
import { Damage } from './damage.ts';
import { DELETES, NO_KEY, sortByKey, type IndexArrays } from './indexArrays.ts';
import { grown, KeyTable } from './keyTable.ts';
import { NumberList } from './numberList.ts';
import { PlaceLists } from './recordPlaces.ts';
import { RecordReader } from './recordReader.ts';
import { RevisionGaps } from './revisionGaps.ts';
import type { ScratchFile } from './scratchFile.ts';
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
const FIRST_ROOM = 1 << 8;
/** Bytes of memory that keys may take while a file is read: about eleven million of usual length. */
const MAX_KEY_BYTES = 768 * 1024 ** 2;
/** Numbers of records have 31 bits. */
const MAX_RECORDS = 2 ** 31 - 2;

/** Receives the records of a file in the order of revisions. */
export class IndexBuilder {
  readonly keys = new KeyTable();
  readonly places: PlaceLists;
  readonly gaps: RevisionGaps;
  readonly chain: VersionChain;
  /** Number of records without a key: etcdutl writes one when it restores a snapshot at a higher revision. */
  keyless = 0;
  /** Number of records that are deletions. */
  tombstones = 0;
  readonly #file: BoltFile;
  readonly #reader = new RecordReader();
  readonly #scratch: ScratchFile;
  /** Each record's key, with `DELETES`. */
  readonly #keyOf: NumberList;
  /** Bytes of each key's last record, and of all its records, by the key's number. */
  #lastBytes = new Uint32Array(FIRST_ROOM);
  #bytes = new Float64Array(FIRST_ROOM);
  #high = 0;
  #low = 0;
  #sub = -1;

  constructor(file: BoltFile, compacted: bigint, scratch: ScratchFile) {
    this.#file = file;
    this.#scratch = scratch;
    this.places = new PlaceLists(scratch);
    this.#keyOf = new NumberList(scratch);
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
    if (this.keys.bytes > MAX_KEY_BYTES || this.places.count > MAX_RECORDS)
      throw new EtcdError('unreadableFile', l10n.t('The file has more keys than fit into memory here.'));
  }

  /** Sorts the records by their keys. */
  finish(): IndexArrays {
    this.keys.freeze();
    this.chain.freeze();
    const [keyOf, lastBytes, bytes] = [this.#keyOf, this.#lastBytes, this.#bytes];
    return sortByKey({ keys: this.keys, places: this.places, keyOf, lastBytes, bytes }, this.#scratch);
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
    this.#keyOf.push(this.#keyNumber(bytes, isDeletion, high * TWO_32 + low));
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
    this.#addBytes(key, reader.keyLength + reader.valueLength);
    if (!isDeletion) return key;
    this.tombstones++;
    return key + DELETES;
  }

  #addBytes(key: number, bytes: number): void {
    if (key >= this.#bytes.length) {
      this.#lastBytes = grown(this.#lastBytes);
      const longer = new Float64Array(2 * this.#bytes.length);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#lastBytes[key] = bytes;
    this.#bytes[key] = (this.#bytes[key] ?? 0) + bytes;
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
