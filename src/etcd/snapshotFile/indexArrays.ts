import { keyOrder } from './keyOrder.ts';
import type { KeyTable } from './keyTable.ts';
import { NumberList } from './numberList.ts';
import { sumsOf, type Bytes, type Numbers } from './numbers.ts';
import type { PlaceArrays } from './recordPlaces.ts';
import type { ScratchFile } from './scratchFile.ts';

/** Top bit of a record's number, set if the record deletes its key. */
export const DELETES = 0x80000000;
/** Key number of a record without a key. */
export const NO_KEY = 0xffffffff;

/** All keys of a file and their records. A key's place is its index in key order. */
export interface IndexArrays extends PlaceArrays {
  /** The keys, one after another, and where each ends. */
  readonly keyBytes: Bytes;
  readonly keyEnds: Numbers;
  /** Index in `records` where each key's records begin, and one more entry for the end. */
  readonly starts: Numbers;
  /** Numbers of records, each key's in the order of revisions, with `DELETES`. */
  readonly records: Numbers;
  /** How many keys before each place exist, and bytes of their names and values; one more entry for all. */
  readonly counts: Numbers;
  readonly presentBytes: Numbers;
  /** Bytes of names and values in all records of the keys before each place; one more entry for all. */
  readonly allBytes: Numbers;
}

/** The records of a file in the order of revisions, before they are sorted by keys. */
export interface UnsortedRecords {
  readonly keys: KeyTable;
  readonly places: PlaceArrays;
  /** Each record's key, with `DELETES`. */
  readonly keyOf: Numbers;
  /** Bytes of each key's last record, and of all its records, by the key's number. */
  readonly lastBytes: Uint32Array;
  readonly bytes: Float64Array;
}

/** Sorts records by their keys. Memory is taken for each key, but for no more than some millions of records at a time. */
export function sortByKey(
  { keys, places, keyOf, lastBytes, bytes }: UnsortedRecords,
  scratch: ScratchFile,
): IndexArrays {
  const order = keyOrder(keys);
  const numberAt = (place: number) => order[place] ?? 0;
  const placeOf = new Uint32Array(keys.count);
  for (const [place, number] of order.entries()) placeOf[number] = place;
  const recordCounts = new Uint32Array(keys.count);
  const isDeleted = new Uint8Array(keys.count);
  for (let record = 0; record < keyOf.length; record++) {
    const key = keyOf.at(record) ?? NO_KEY;
    if (key === NO_KEY) continue;
    const number = key & ~DELETES;
    recordCounts[number] = (recordCounts[number] ?? 0) + 1;
    isDeleted[number] = key >= DELETES ? 1 : 0;
  }
  const sums = () => new Float64Array(keys.count + 1);
  const starts = sumsOf(new Uint32Array(keys.count + 1), (place) => recordCounts[numberAt(place)] ?? 0);
  const exists = (place: number) => isDeleted[numberAt(place)] === 0;
  return {
    ...places,
    ...keysInOrder(keys, order),
    starts,
    records: sortedRecords({ keyOf, placeOf, starts }, scratch),
    counts: sumsOf(new Uint32Array(keys.count + 1), (place) => (exists(place) ? 1 : 0)),
    presentBytes: sumsOf(sums(), (place) => (exists(place) ? (lastBytes[numberAt(place)] ?? 0) : 0)),
    allBytes: sumsOf(sums(), (place) => bytes[numberAt(place)] ?? 0),
  };
}

function keysInOrder(keys: KeyTable, order: Uint32Array): Pick<IndexArrays, 'keyBytes' | 'keyEnds'> {
  const ends = sumsOf(new Uint32Array(order.length + 1), (place) => keys.lengthOf(order[place] ?? 0));
  const keyBytes = new Uint8Array(ends.at(-1) ?? 0);
  for (const [place, number] of order.entries()) keyBytes.set(keys.key(number), ends[place]);
  return { keyBytes, keyEnds: ends.subarray(1) };
}

interface Places {
  readonly keyOf: Numbers;
  readonly placeOf: Uint32Array;
  readonly starts: Uint32Array;
}

function sortedRecords({ keyOf, placeOf, starts }: Places, scratch: ScratchFile): Numbers {
  const keyCount = placeOf.length;
  const next = starts.slice();
  const sorted = new NumberList(scratch);
  for (let from = 0; from < keyCount;) {
    const begin = starts[from] ?? 0;
    let to = from + 1;
    while (to < keyCount && (starts[to + 1] ?? 0) - begin <= scratch.mostSorted) to++;
    const part = new Uint32Array((starts[to] ?? 0) - begin);
    for (let record = 0; record < keyOf.length; record++) {
      const key = keyOf.at(record) ?? NO_KEY;
      if (key === NO_KEY) continue;
      const place = placeOf[key & ~DELETES] ?? 0;
      if (place < from || place >= to) continue;
      const at = next[place] ?? 0;
      next[place] = at + 1;
      part[at - begin] = key >= DELETES ? record + DELETES : record;
    }
    if (to === keyCount && from === 0) return part;
    for (const record of part) sorted.push(record);
    from = to;
  }
  return sorted;
}
