import { Hierarchy } from '../keys/hierarchy.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import { prefixRange } from '../keys/ranges.ts';
import type { Child, KeyEvent, KeyRange, KeySnapshot, KeyValue } from '../keyStore.ts';
import type { ChildSpace, ChildSpaces } from '../space/keySpace.ts';
import { readFacts, type FileFacts } from './fileFacts.ts';
import { hashKv, snapshotStatus, type Checksum, type SnapshotStatus } from './checksums.ts';
import { lastNotAbove, type Numbers } from './numbers.ts';
import type { OpenedFile } from './openIndex.ts';
import type { FileRecord, SnapshotIndex } from './snapshotIndex.ts';

/** Keys of a page; small enough to be passed from one thread to another without a noticeable pause. */
const MAX_PAGE_KEYS = 1000;
const MAX_PAGE_BYTES = 512 * 1024;
/** Bytes that are read if values are much larger than those of the page before; the rest is left for other pages. */
const MAX_READ_BYTES = 4 * 1024 * 1024;
const FIRST_PAGE_KEYS = 64;
/** Limit of the folders and keys of a level whose space is reported: the ones that take the most. */
const MAX_ROWS = 100;

/** Facts about an open file. */
export interface SnapshotSummary {
  readonly revision: bigint;
  /** The oldest revision that can be read; 0 if nothing was compacted. */
  readonly compacted: bigint;
  /** Number of keys that exist at the newest revision. */
  readonly keys: number;
  /** Number of versions and deletions of all keys. */
  readonly records: number;
  readonly tombstones: number;
  readonly checksum: Checksum;
  /** Sentences about what is wrong with the file; the first ones of `damageCount`. */
  readonly damages: readonly string[];
  readonly damageCount: number;
  /** Size of the file in bytes. */
  readonly size: number;
  readonly facts: FileFacts;
}

/** A summary with the path of its file. */
export interface FileSummary extends SnapshotSummary {
  readonly path: string;
}

export interface ChildQuestion {
  readonly prefix: Uint8Array;
  readonly namePrefix?: Uint8Array | undefined;
  readonly from?: Uint8Array | undefined;
  readonly revision?: bigint | undefined;
  readonly separators: readonly Uint8Array[];
  readonly size: number;
  /** The end of the page before. */
  readonly place?: number | undefined;
}

export interface PageQuestion {
  readonly range: KeyRange;
  readonly revision?: bigint | undefined;
  readonly values: boolean;
  readonly place?: number | undefined;
}

export interface EventQuestion {
  readonly range: KeyRange;
  readonly fromRevision: bigint;
  readonly previous: boolean;
  /** Number of events of the range that were delivered before. */
  readonly returned: number;
}

interface Page {
  /** Number of keys in the whole range. */
  readonly total: number;
  /** The beginning of the next page; undefined if there is none. */
  readonly next: number | undefined;
}

/**
 * Answers requests about an open file, synchronously and with small answers of plain data, so that it can run in
 * another thread. Everything that takes a revision throws EtcdError `compacted` or `futureRevision`; everything that
 * reads values throws `unreadableFile`.
 */
export class SnapshotReader {
  readonly #opened: OpenedFile;
  readonly #index: SnapshotIndex;
  readonly #checksum: Checksum;
  /** Number of keys with values that fill a page, judging by earlier pages. */
  #pageKeys = FIRST_PAGE_KEYS;
  /** The records of the range for which events were last requested. */
  #events: { readonly name: string; readonly records: Uint32Array } | undefined;

  constructor(opened: OpenedFile, checksum: Checksum) {
    this.#opened = opened;
    this.#index = opened.index;
    this.#checksum = checksum;
  }

  summary(): SnapshotSummary {
    const { file, revision, compacted, recordCount, tombstones, keyCount } = this.#index;
    const facts = readFacts(file, this.#opened.buckets);
    return {
      revision,
      compacted,
      keys: this.#index.countsWithin(recordCount).at(keyCount) ?? 0,
      records: recordCount,
      tombstones,
      checksum: this.#checksum,
      damages: file.damages.reported,
      damageCount: file.damages.count,
      size: file.size,
      facts,
    };
  }

  /** Reads the whole file. */
  status(): SnapshotStatus {
    return snapshotStatus(this.#opened);
  }

  /** Reads the whole file. @param compacted see `hashKv` */
  hashKv(revision?: bigint, compacted?: bigint): number {
    return hashKv(this.#opened, revision, compacted);
  }

  get(key: Uint8Array, revision: bigint | undefined): KeySnapshot {
    const [kv] = this.getMany([key], revision, true);
    return { revision: this.#index.revision, ...(kv && { kv }) };
  }

  getMany(keys: readonly Uint8Array[], revision: bigint | undefined, values: boolean): (KeyValue | undefined)[] {
    const bound = this.#index.boundOf(revision);
    return keys.map((key) => {
      const place = this.#index.placeOfKey(key);
      const record = place === undefined ? undefined : this.#index.stateAt(place, bound);
      return record === undefined ? undefined : putOf(this.#index.read(record, values));
    });
  }

  /** Counts the keys of all ranges together, which may overlap. */
  count(ranges: readonly KeyRange[], revision?: bigint): number {
    const counts = this.#index.countsWithin(this.#index.boundOf(revision));
    return ranges.reduce((sum, range) => {
      const [from, to] = this.#index.placesOf(range);
      return sum + between(counts, from, to);
    }, 0);
  }

  /** Returns children of a folder, with the number of keys below each. */
  children(question: ChildQuestion): Omit<Page, 'total'> & { readonly children: readonly Child[] } {
    const { prefix, namePrefix = new Uint8Array(), from = new Uint8Array(), size, revision } = question;
    const index = this.#index;
    const hierarchy = new Hierarchy(question.separators);
    const counts = index.countsWithin(index.boundOf(revision));
    const [begin, end] = index.placesOf(prefixRange(Buffer.concat([prefix, namePrefix])));
    let place = question.place ?? Math.max(begin, index.placeOf(from));
    const children: Child[] = [];
    for (; children.length < size;) {
      place = firstExisting(counts, place, end);
      if (place >= end) break;
      const key = index.keyAt(place);
      const segment = hierarchy.segmentEnd(toBinaryKey(key), prefix.length);
      if (!segment) {
        children.push({ kind: 'key', name: new Uint8Array(key.subarray(prefix.length)), path: new Uint8Array(key) });
        place++;
        continue;
      }
      const path = new Uint8Array(key.subarray(0, segment.separator));
      const after = index.placeAfter(path);
      const name = path.slice(prefix.length, segment.name);
      children.push({ kind: 'folder', name, path, keyCount: between(counts, place, after) });
      place = after;
    }
    return { children, next: firstExisting(counts, place, end) < end ? place : undefined };
  }

  /** Returns keys of a range in key order. */
  page({ range, revision, values, place }: PageQuestion): Page & { readonly kvs: readonly KeyValue[] } {
    const index = this.#index;
    const bound = index.boundOf(revision);
    const counts = index.countsWithin(bound);
    const [begin, end] = index.placesOf(range);
    const records: number[] = [];
    let next = firstExisting(counts, place ?? begin, end);
    const limit = values ? this.#pageKeys : MAX_PAGE_KEYS;
    for (; next < end && records.length < limit; next = firstExisting(counts, next + 1, end)) {
      const record = index.stateAt(next, bound);
      if (record !== undefined) records.push(record);
    }
    const kvs = this.#readSome(records, values);
    const last = kvs.at(-1);
    // What did not fit begins the next page.
    if (last && kvs.length < records.length) next = firstExisting(counts, index.placeOf(last.key) + 1, end);
    return { kvs, total: between(counts, begin, end), next: next < end ? next : undefined };
  }

  /** Returns only the keys of a range, one after another, and where each ends. */
  keyPage({ range, revision, place }: Omit<PageQuestion, 'values'>): Page & {
    readonly bytes: Uint8Array;
    readonly ends: Uint32Array;
  } {
    const index = this.#index;
    const counts = index.countsWithin(index.boundOf(revision));
    const [begin, end] = index.placesOf(range);
    const keys: Uint8Array[] = [];
    const ends: number[] = [];
    let length = 0;
    let next = firstExisting(counts, place ?? begin, end);
    for (; next < end && length < MAX_PAGE_BYTES; next = firstExisting(counts, next + 1, end)) {
      const key = index.keyAt(next);
      keys.push(key);
      length += key.length;
      ends.push(length);
    }
    return {
      bytes: new Uint8Array(Buffer.concat(keys)),
      ends: Uint32Array.from(ends),
      total: between(counts, begin, end),
      next: next < end ? next : undefined,
    };
  }

  /** Returns the changes of a range's keys from a revision on, whole revisions only. */
  events({ range, fromRevision, previous, returned }: EventQuestion): {
    readonly events: readonly KeyEvent[];
    /** Everything up to this revision was delivered. */
    readonly revision: bigint;
    readonly done: boolean;
  } {
    const index = this.#index;
    const records = this.#recordsOf(range, fromRevision);
    const events: KeyEvent[] = [];
    let bytes = 0;
    let at = returned;
    let revision = fromRevision - 1n;
    for (; at < records.length; at++) {
      const record = records[at] ?? 0;
      const current = index.places.revisionOf(record);
      if (current !== revision && (events.length >= MAX_PAGE_KEYS || bytes >= MAX_PAGE_BYTES)) break;
      revision = current;
      const event = this.#eventOf(record, previous);
      events.push(event);
      bytes += event.kind === 'put' ? event.kv.value.length : 0;
    }
    const done = at === records.length;
    return { events, revision: done ? index.revision : revision, done };
  }

  /** Returns what the folders and keys of a level take, those with the most bytes in the file first. */
  folderSpace(prefix: Uint8Array, separators: readonly Uint8Array[]): ChildSpaces {
    const index = this.#index;
    const hierarchy = new Hierarchy(separators);
    const [begin, end] = index.placesOf(prefixRange(prefix));
    let rows: ChildSpace[] = [];
    let count = 0;
    const largest = () => rows.toSorted((one, other) => other.allBytes - one.allBytes).slice(0, MAX_ROWS);
    for (let place = begin; place < end; count++) {
      const key = index.keyAt(place);
      const segment = hierarchy.segmentEnd(toBinaryKey(key), prefix.length);
      const path = new Uint8Array(segment ? key.subarray(0, segment.separator) : key);
      const after = segment ? index.placeAfter(path) : place + 1;
      rows.push({ kind: segment ? 'folder' : 'key', path, ...index.spaceOf(place, after) });
      if (rows.length === 10 * MAX_ROWS) rows = largest();
      place = after;
    }
    return { all: index.spaceOf(begin, end), rows: largest(), others: Math.max(0, count - MAX_ROWS) };
  }

  close(): void {
    this.#index.close();
  }

  #eventOf(record: number, wantsPrevious: boolean): KeyEvent {
    const index = this.#index;
    const found = index.read(record);
    const place = wantsPrevious ? index.placeOfKey(found.kind === 'put' ? found.kv.key : found.key) : undefined;
    const before = place === undefined ? undefined : index.stateAt(place, record);
    const kv = before === undefined ? undefined : putOf(index.read(before));
    const { kind: _kind, ...event } = found;
    const previous = kv && { previous: kv };
    return 'kv' in event ? { kind: 'put', ...event, ...previous } : { kind: 'delete', ...event, ...previous };
  }

  /** Returns the records of a range's keys from a revision on, in the order of revisions. */
  #recordsOf(range: KeyRange, fromRevision: bigint): Uint32Array {
    const name = `${toBinaryKey(range.start)}\n${toBinaryKey(range.end)}\n${fromRevision}`;
    if (this.#events?.name === name) return this.#events.records;
    const [begin, end] = this.#index.placesOf(range);
    const first = this.#index.places.boundOf(fromRevision - 1n);
    const found = new Uint32Array(this.#index.spaceOf(begin, end).revisions);
    let count = 0;
    for (let place = begin; place < end; place++)
      for (const { record } of this.#index.historyAt(place)) if (record >= first) found[count++] = record;
    const records = found.slice(0, count).toSorted();
    this.#events = { name, records };
    return records;
  }

  /**
   * Reads the keys of these records in the requested order: as many of the first ones as fit into a page, at least one.
   * Records that are near each other in the file are read one after another.
   */
  #readSome(records: readonly number[], values: boolean): KeyValue[] {
    const [first, ...others] = records;
    if (first === undefined) return [];
    const found = new Map<number, KeyValue>();
    let bytes = 0;
    for (const record of [first, ...others.toSorted((a, b) => a - b)]) {
      if (bytes > MAX_READ_BYTES) break;
      const kv = putOf(this.#index.read(record, values));
      if (!kv) continue;
      found.set(record, kv);
      bytes += kv.key.length + kv.value.length;
    }
    if (values) this.#pageKeys = Math.min(MAX_PAGE_KEYS, Math.ceil((found.size * MAX_PAGE_BYTES) / (bytes + 1)));
    const unread = records.findIndex((record) => !found.has(record));
    return records.slice(0, unread < 0 ? records.length : unread).flatMap((record) => found.get(record) ?? []);
  }
}

function putOf(record: FileRecord): KeyValue | undefined {
  return record.kind === 'put' ? record.kv : undefined;
}

/** Returns the first place from here on whose key exists; `end` if there is none. */
function firstExisting(counts: Numbers, place: number, end: number): number {
  const before = counts.at(place) ?? 0;
  if (place >= end || counts.at(place + 1) !== before) return place;
  return Math.min(end, lastNotAbove(counts, before, place + 1, end + 1));
}

function between(counts: Numbers, from: number, to: number): number {
  return (counts.at(to) ?? 0) - (counts.at(from) ?? 0);
}
