import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { compareKeys, prefixEnd } from '../keys/ranges.ts';
import type { KeyRange, KeyValue } from '../keyStore.ts';
import { ELEMENT, HEADER, type BoltFile } from './boltFile.ts';
import type { Bucket } from './boltTree.ts';
import { Damage } from './damage.ts';
import { TOMBSTONE_LENGTH, type KeyRecords } from './indexBuilder.ts';
import { keyOrder } from './keyOrder.ts';
import type { KeyTable } from './keyTable.ts';
import type { RecordPlaces } from './recordPlaces.ts';
import { RecordReader } from './recordReader.ts';

const DELETES = 0x80000000;
/** Revisions whose counts are kept, besides the newest one. */
const MAX_COUNTS = 3;

/** A record of the file: a version of a key, or its deletion. */
export type FileRecord =
  | { readonly kind: 'put'; readonly kv: KeyValue }
  | { readonly kind: 'delete'; readonly key: Uint8Array; readonly modRevision: bigint };

interface IndexParts {
  readonly file: BoltFile;
  readonly bucket: Bucket | undefined;
  readonly keys: KeyTable;
  readonly places: RecordPlaces;
  readonly records: KeyRecords;
  readonly keyless: number;
  readonly compacted: bigint;
  readonly isUnderWay: boolean;
}

/**
 * All keys of a file in memory, and the places of their records; values are read from the file on request. "Within a
 * bound" means among the first records up to a number, which is the past at some revision.
 */
export class SnapshotIndex {
  readonly file: BoltFile;
  readonly places: RecordPlaces;
  /** The newest revision of the store. */
  readonly revision: bigint;
  /** The oldest revision that can be read; 0 if nothing was compacted. */
  readonly compacted: bigint;
  readonly tombstones: number;
  readonly keyless: number;
  readonly #bucket: Bucket | undefined;
  readonly #keys: KeyTable;
  readonly #starts: Uint32Array;
  readonly #records: Uint32Array;
  /** Numbers of keys in key order; a key's place is its index here. */
  readonly #order: Uint32Array;
  readonly #newestCounts: Uint32Array;
  readonly #counts = new Map<number, Uint32Array>();
  readonly #reader = new RecordReader();

  constructor({ file, bucket, keys, places, records, keyless, compacted }: IndexParts) {
    this.file = file;
    this.#bucket = bucket;
    this.#keys = keys;
    this.places = places;
    this.keyless = keyless;
    this.compacted = compacted;
    this.#starts = records.starts;
    this.#records = records.records;
    this.tombstones = records.tombstones;
    const last = places.count > 0 ? places.revisionOf(places.count - 1) : 1n;
    this.revision = last > compacted ? last : compacted;
    this.#order = keyOrder(keys);
    this.#newestCounts = this.#count(places.count);
  }

  /** Number of all keys that were ever in the file. */
  get keyCount(): number {
    return this.#order.length;
  }

  get recordCount(): number {
    return this.places.count;
  }

  /** Returns the key at a place, in the index's memory. */
  keyAt(place: number): Uint8Array {
    return this.#keys.key(this.#order[place] ?? 0);
  }

  /** Returns the first place whose key is not before this one. */
  placeOf(key: Uint8Array): number {
    let [from, to] = [0, this.#order.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (compareKeys(this.keyAt(middle), key) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Returns the places of a range: from the first one up to but not including the second one. */
  placesOf({ start, end }: KeyRange): readonly [from: number, to: number] {
    const from = this.placeOf(start);
    const isOpen = end.length === 1 && end[0] === 0;
    return [from, Math.max(from, isOpen ? this.#order.length : this.placeOf(end))];
  }

  /** Returns the first place behind all keys that begin with the prefix. */
  placeAfter(prefix: Uint8Array): number {
    return this.placesOf({ start: prefix, end: prefixEnd(prefix) })[1];
  }

  /** Returns the place of exactly this key. */
  placeOfKey(key: Uint8Array): number | undefined {
    const place = this.placeOf(key);
    return place < this.#order.length && compareKeys(this.keyAt(place), key) === 0 ? place : undefined;
  }

  /** @throws EtcdError `compacted`, `futureRevision` */
  boundOf(revision: bigint | undefined): number {
    if (revision === undefined || revision === this.revision) return this.places.count;
    if (revision > this.revision)
      throw new EtcdError(
        'futureRevision',
        l10n.t(
          'Revision {0} is not in this file, which ends at revision {1}.',
          String(revision),
          String(this.revision),
        ),
      );
    if (revision < this.compacted)
      throw new EtcdError(
        'compacted',
        l10n.t(
          'Revision {0} is compacted: the file goes back to revision {1}.',
          String(revision),
          String(this.compacted),
        ),
        { oldestRevision: this.compacted },
      );
    return this.places.boundOf(revision);
  }

  /** Returns the record of a key within a bound; undefined if the key does not exist. */
  stateAt(place: number, bound: number): number | undefined {
    return this.#stateOf(this.#order[place] ?? 0, bound);
  }

  /** Returns a key's records, oldest first. */
  historyAt(place: number): { readonly record: number; readonly isDeletion: boolean }[] {
    const number = this.#order[place] ?? 0;
    return Array.from(this.#records.subarray(this.#starts[number], this.#starts[number + 1]), (entry) => ({
      record: entry >= DELETES ? entry - DELETES : entry,
      isDeletion: entry >= DELETES,
    }));
  }

  /**
   * Returns, by place, how many keys before it exist within a bound, with one more entry for all. Kept for the latest
   * bounds.
   */
  countsWithin(bound: number): Uint32Array {
    if (bound === this.places.count) return this.#newestCounts;
    const counts = this.#counts.get(bound) ?? this.#count(bound);
    this.#counts.delete(bound);
    this.#counts.set(bound, counts);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MAX_COUNTS && oldest !== undefined) this.#counts.delete(oldest);
    return counts;
  }

  /**
   * Reads a record into memory of its own.
   * @throws EtcdError `unreadableFile` if the file has changed since it was opened; Node's error
   */
  read(record: number, withValue = true): FileRecord {
    try {
      const { page, element } = this.places.placeOf(record);
      const isInline = this.#bucket?.inline !== undefined && page === this.#bucket.page;
      const bytes = isInline ? this.#bucket.inline : this.file.node(page);
      const found = this.#recordIn(bytes, element, record, withValue);
      if (found) return found;
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
    }
    throw new EtcdError('unreadableFile', l10n.t('The file has changed since it was opened: open it again.'));
  }

  /** Bytes of memory, not counting values. */
  get bytes(): number {
    const counts = [...this.#counts.values()];
    const arrays = [this.#starts, this.#records, this.#order, this.#newestCounts, ...counts];
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, this.#keys.bytes + this.places.bytes);
  }

  #recordIn(bytes: Buffer, element: number, record: number, withValue: boolean): FileRecord | undefined {
    if (element >= bytes.readUInt16LE(10)) return undefined;
    const at = HEADER + element * ELEMENT;
    const keyAt = at + bytes.readUInt32LE(at + 4);
    const keyLength = bytes.readUInt32LE(at + 8);
    const valueAt = keyAt + keyLength;
    const end = valueAt + bytes.readUInt32LE(at + 12);
    const modRevision = this.places.revisionOf(record);
    const reader = this.#reader;
    const isSame = end <= bytes.length && keyLength >= 17 && bytes.readBigUInt64BE(keyAt) === modRevision;
    if (!isSame || !reader.read(bytes, valueAt, end)) return undefined;
    const key = new Uint8Array(bytes.subarray(reader.keyAt, reader.keyAt + reader.keyLength));
    if (keyLength === TOMBSTONE_LENGTH) return { kind: 'delete', key, modRevision };
    const valueEnd = reader.valueAt + (withValue ? reader.valueLength : 0);
    const value = new Uint8Array(bytes.subarray(reader.valueAt, valueEnd));
    const { createRevision, version, lease } = reader;
    return { kind: 'put', kv: { key, value, createRevision, modRevision, version, lease } };
  }

  #stateOf(number: number, bound: number): number | undefined {
    const begin = this.#starts[number] ?? 0;
    let from = begin;
    let to = this.#starts[number + 1] ?? 0;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const entry = this.#records[middle] ?? 0;
      if ((entry >= DELETES ? entry - DELETES : entry) < bound) from = middle + 1;
      else to = middle;
    }
    if (from === begin) return undefined;
    const entry = this.#records[from - 1] ?? 0;
    return entry >= DELETES ? undefined : entry;
  }

  #count(bound: number): Uint32Array {
    const counts = new Uint32Array(this.#order.length + 1);
    for (let place = 0; place < this.#order.length; place++) {
      const exists = this.#stateOf(this.#order[place] ?? 0, bound) !== undefined;
      counts[place + 1] = (counts[place] ?? 0) + (exists ? 1 : 0);
    }
    return counts;
  }
}
