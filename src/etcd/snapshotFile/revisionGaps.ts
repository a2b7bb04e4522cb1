const MAX_REPORTED = 20;

/**
 * Finds missing records: a revision above the last compaction has at least one record, and its records are numbered
 * from 0 on.
 */
export class RevisionGaps {
  /** The first missing ranges of revisions, both ends included. */
  readonly ranges: (readonly [from: number, to: number])[] = [];
  /** Number of revisions that are missing completely. */
  revisions = 0;
  /** Number of revisions that are missing partly. */
  parts = 0;
  readonly #compacted: number;
  #main = 0;
  #sub = 0;
  #isFirst = true;

  constructor(compacted: bigint) {
    this.#compacted = Number(compacted);
  }

  /** Records the next record in the order of revisions. */
  next(main: number, sub: number): void {
    if (main <= this.#compacted || !Number.isSafeInteger(main)) return;
    // A new etcd is at revision 1.
    const expected = this.#isFirst ? Math.max(this.#compacted, 1) + 1 : this.#main + 1;
    if (!this.#isFirst && main === this.#main) {
      if (sub !== this.#sub + 1) this.parts++;
    } else {
      if (main > expected) this.#miss(expected, main - 1);
      if (sub !== 0) this.parts++;
    }
    this.#main = main;
    this.#sub = sub;
    this.#isFirst = false;
  }

  #miss(from: number, to: number): void {
    this.revisions += to - from + 1;
    if (this.ranges.length < MAX_REPORTED) this.ranges.push([from, to]);
  }
}
