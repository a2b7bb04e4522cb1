import { NumberList } from './numberList.ts';
import { lastNotAbove, type Numbers } from './numbers.ts';
import type { ScratchFile } from './scratchFile.ts';

/** A record's place in the file. */
export interface RecordPlace {
  readonly page: number;
  readonly element: number;
}

/**
 * The place of each record and the revision that wrote it, by its number in the order of revisions. A page's number and
 * that of its first record are enough to find all of its records.
 */
export interface PlaceArrays {
  /** The lower 32 bits of each record's revision, because JavaScript's numbers are not exact beyond 2^53. */
  readonly lows: Numbers;
  /** The records at which the upper 32 bits change, and these bits. */
  readonly highStarts: Numbers;
  readonly highs: Numbers;
  /** Pages with records, and the first record of each. */
  readonly pages: Numbers;
  readonly firsts: Numbers;
  /** Number of elements at the beginning of each page that are not counted. */
  readonly skipped: Numbers;
}

/** Collects the places of records. */
export class PlaceLists implements PlaceArrays {
  readonly lows: NumberList;
  readonly highStarts: NumberList;
  readonly highs: NumberList;
  readonly pages: NumberList;
  readonly firsts: NumberList;
  readonly skipped: NumberList;

  constructor(scratch: ScratchFile) {
    this.lows = new NumberList(scratch);
    this.highStarts = new NumberList(scratch);
    this.highs = new NumberList(scratch);
    this.pages = new NumberList(scratch);
    this.firsts = new NumberList(scratch);
    this.skipped = new NumberList(scratch);
  }

  get count(): number {
    return this.lows.length;
  }

  /** Adds the next record in the order of revisions. */
  add(high: number, low: number): void {
    if (this.highs.at(this.highs.length - 1) !== high) {
      this.highStarts.push(this.count);
      this.highs.push(high);
    }
    this.lows.push(low);
  }

  /** Records the page of the records since `first`. */
  endLeaf(page: number, first: number, skipped: number): void {
    if (first === this.count) return;
    this.pages.push(page);
    this.firsts.push(first);
    this.skipped.push(skipped);
  }
}

/** Finds records by their revision, and in the file. */
export class RecordPlaces {
  readonly #arrays: PlaceArrays;

  constructor(arrays: PlaceArrays) {
    this.#arrays = arrays;
  }

  get count(): number {
    return this.#arrays.lows.length;
  }

  revisionOf(record: number): bigint {
    const { lows, highStarts, highs } = this.#arrays;
    const high = highs.at(lastNotAbove(highStarts, record)) ?? 0;
    return (BigInt(high) << 32n) | BigInt(lows.at(record) ?? 0);
  }

  /** Returns the number of records up to this revision. */
  boundOf(revision: bigint): number {
    const { lows, highStarts, highs } = this.#arrays;
    const high = Number(revision >> 32n);
    const part = lastNotAbove(highs, high);
    if (part < 0) return 0;
    const [start = 0, end = this.count] = [highStarts.at(part), highStarts.at(part + 1)];
    if (highs.at(part) !== high) return end;
    return lastNotAbove(lows, Number(revision & 0xffffffffn), start, end) + 1;
  }

  placeOf(record: number): RecordPlace {
    const { pages, firsts, skipped } = this.#arrays;
    const leaf = lastNotAbove(firsts, record);
    const element = record - (firsts.at(leaf) ?? 0) + (skipped.at(leaf) ?? 0);
    return { page: pages.at(leaf) ?? 0, element };
  }
}
