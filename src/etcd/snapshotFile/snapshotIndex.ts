import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { compareKeys, prefixEnd } from '../keys/ranges.ts';
import type { KeyRange, KeyValue } from '../keyStore.ts';
import type { KeySpace } from '../space/keySpace.ts';
import { ELEMENT, HEADER, type BoltFile } from './boltFile.ts';
import type { Bucket } from './boltTree.ts';
import { Damage } from './damage.ts';
import { DELETES, type IndexArrays } from './indexArrays.ts';
import { TOMBSTONE_LENGTH } from './indexBuilder.ts';
import { sumsOf, type Numbers } from './numbers.ts';
import { RecordPlaces } from './recordPlaces.ts';
import { RecordReader } from './recordReader.ts';

/** Revisions whose counts are kept, besides the newest one. */
const MAX_COUNTS = 3;

/** A record of the file: a version of a key, or its deletion. */
export type FileRecord =
  | { readonly kind: 'put'; readonly kv: KeyValue }
  | { readonly kind: 'delete'; readonly key: Uint8Array; readonly modRevision: bigint };

/** Records of a file, by key and by revision. */
export interface IndexFacts {
  readonly arrays: IndexArrays;
  /** Number of records that are deletions. */
  readonly tombstones: number;
  /** Number of records without a key: etcdutl writes one when it restores a snapshot at a higher revision. */
  readonly keyless: number;
}

interface IndexParts extends IndexFacts {
  readonly file: BoltFile;
  readonly bucket: Bucket | undefined;
  readonly compacted: bigint;
  /** Frees what the arrays use. */
  readonly release: () => void;
}

/**
 * All keys of a file, and the places of their records; values are read from the file on request. "Within a bound" means
 * among the first records up to a number, which is the past at some revision.
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
  readonly #arrays: IndexArrays;
  readonly #release: () => void;
  readonly #counts = new Map<number, Uint32Array>();
  readonly #reader = new RecordReader();

  constructor({ file, bucket, arrays, tombstones, keyless, compacted, release }: IndexParts) {
    this.file = file;
    this.#bucket = bucket;
    this.#arrays = arrays;
    this.#release = release;
    this.places = new RecordPlaces(arrays);
    this.keyless = keyless;
    this.compacted = compacted;
    this.tombstones = tombstones;
    const { count } = this.places;
    const last = count > 0 ? this.places.revisionOf(count - 1) : 1n;
    this.revision = last > compacted ? last : compacted;
  }

  /** Everything that was found out by reading the whole file. */
  get facts(): IndexFacts {
    return { arrays: this.#arrays, tombstones: this.tombstones, keyless: this.keyless };
  }

  /** Number of all keys that were ever in the file. */
  get keyCount(): number {
    return this.#arrays.keyEnds.length;
  }

  get recordCount(): number {
    return this.places.count;
  }

  /** Returns the key at a place, in the index's memory. */
  keyAt(place: number): Uint8Array {
    const { keyBytes, keyEnds } = this.#arrays;
    return keyBytes.subarray(place === 0 ? 0 : (keyEnds.at(place - 1) ?? 0), keyEnds.at(place) ?? 0);
  }

  /** Returns the first place whose key is not before this one. */
  placeOf(key: Uint8Array): number {
    let [from, to] = [0, this.keyCount];
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
    return [from, Math.max(from, isOpen ? this.keyCount : this.placeOf(end))];
  }

  /** Returns the first place behind all keys that begin with the prefix. */
  placeAfter(prefix: Uint8Array): number {
    return this.placesOf({ start: prefix, end: prefixEnd(prefix) })[1];
  }

  /** Returns the place of exactly this key. */
  placeOfKey(key: Uint8Array): number | undefined {
    const place = this.placeOf(key);
    return place < this.keyCount && compareKeys(this.keyAt(place), key) === 0 ? place : undefined;
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
    const { starts, records } = this.#arrays;
    const begin = starts.at(place) ?? 0;
    let from = begin;
    let to = starts.at(place + 1) ?? 0;
    while (from < to) {
      const middle = from + ((to - from) >>> 1);
      const entry = records.at(middle) ?? 0;
      if ((entry >= DELETES ? entry - DELETES : entry) < bound) from = middle + 1;
      else to = middle;
    }
    if (from === begin) return undefined;
    const entry = records.at(from - 1) ?? 0;
    return entry >= DELETES ? undefined : entry;
  }

  /** Returns a key's records, oldest first. */
  historyAt(place: number): { readonly record: number; readonly isDeletion: boolean }[] {
    const { starts, records } = this.#arrays;
    const begin = starts.at(place) ?? 0;
    return Array.from({ length: (starts.at(place + 1) ?? 0) - begin }, (_, index) => {
      const entry = records.at(begin + index) ?? 0;
      return { record: entry >= DELETES ? entry - DELETES : entry, isDeletion: entry >= DELETES };
    });
  }

  /** Returns what the keys from one place to before another take. */
  spaceOf(from: number, to: number): KeySpace {
    const { counts, presentBytes, starts, allBytes } = this.#arrays;
    const between = (sums: Numbers) => (sums.at(to) ?? 0) - (sums.at(from) ?? 0);
    return {
      keys: between(counts),
      bytes: between(presentBytes),
      revisions: between(starts),
      allBytes: between(allBytes),
    };
  }

  /**
   * Returns, by place, how many keys before it exist within a bound, with one more entry for all. Kept for the latest
   * bounds.
   */
  countsWithin(bound: number): Numbers {
    if (bound === this.places.count) return this.#arrays.counts;
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

  /** Closes the file. */
  close(): void {
    this.file.close();
    this.#release();
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

  #count(bound: number): Uint32Array {
    const exists = (place: number) => this.stateAt(place, bound) !== undefined;
    return sumsOf(new Uint32Array(this.keyCount + 1), (place) => (exists(place) ? 1 : 0));
  }
}
