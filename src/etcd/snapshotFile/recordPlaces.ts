import { grown } from './keyTable.ts';

const FIRST_ROOM = 1 << 8;
const TWO_32 = 2 ** 32;

/** A record's place in the file. */
export interface RecordPlace {
  readonly page: number;
  readonly element: number;
}

/**
 * The place of each record and the revision that wrote it, by its number in the order of revisions. A page's number and
 * that of its first record are enough to find all of its records.
 */
export class RecordPlaces {
  count = 0;
  /** Revisions in two halves, the lower one first, because JavaScript's numbers are not exact beyond 2^53. */
  #revisions = new Uint32Array(2 * FIRST_ROOM);
  #pages = new Uint32Array(FIRST_ROOM);
  #firsts = new Uint32Array(FIRST_ROOM);
  /** Number of elements at the beginning of a page that are not counted. */
  #skipped = new Uint32Array(FIRST_ROOM);
  #leaves = 0;

  add(high: number, low: number): void {
    if (2 * this.count === this.#revisions.length) this.#revisions = grown(this.#revisions);
    this.#revisions[2 * this.count] = low;
    this.#revisions[2 * this.count + 1] = high;
    this.count++;
  }

  /** Records the page of the records since `first`. */
  endLeaf(page: number, first: number, skipped: number): void {
    if (first === this.count) return;
    if (this.#leaves === this.#pages.length) {
      this.#pages = grown(this.#pages);
      this.#firsts = grown(this.#firsts);
      this.#skipped = grown(this.#skipped);
    }
    this.#pages[this.#leaves] = page;
    this.#firsts[this.#leaves] = first;
    this.#skipped[this.#leaves] = skipped;
    this.#leaves++;
  }

  /** Releases what was left over from growing. */
  freeze(): void {
    this.#revisions = this.#revisions.slice(0, 2 * this.count);
    this.#pages = this.#pages.slice(0, this.#leaves);
    this.#firsts = this.#firsts.slice(0, this.#leaves);
    this.#skipped = this.#skipped.slice(0, this.#leaves);
  }

  revisionOf(record: number): bigint {
    return (BigInt(this.high(record)) << 32n) | BigInt(this.low(record));
  }

  high(record: number): number {
    return this.#revisions[2 * record + 1] ?? 0;
  }

  low(record: number): number {
    return this.#revisions[2 * record] ?? 0;
  }

  /** Returns the number of records up to this revision. */
  boundOf(revision: bigint): number {
    const wanted = Number(revision >> 32n) * TWO_32;
    const low = Number(revision & 0xffffffffn);
    let [from, to] = [0, this.count];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const high = this.high(middle) * TWO_32;
      if (high < wanted || (high === wanted && this.low(middle) <= low)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  placeOf(record: number): RecordPlace {
    let [from, to] = [0, this.#leaves];
    while (to - from > 1) {
      const middle = (from + to) >>> 1;
      if ((this.#firsts[middle] ?? 0) <= record) from = middle;
      else to = middle;
    }
    const element = record - (this.#firsts[from] ?? 0) + (this.#skipped[from] ?? 0);
    return { page: this.#pages[from] ?? 0, element };
  }

  /** Bytes of memory. */
  get bytes(): number {
    return [this.#revisions, this.#pages, this.#firsts, this.#skipped].reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    );
  }
}
