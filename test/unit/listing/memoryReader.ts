import assert from 'node:assert/strict';
import { toBinaryKey } from '../../../src/etcd/keys/binaryKey.ts';
import type { LimitedRange, RangeResults, RangeReader } from '../../../src/etcd/listing/childListing.ts';

/** Converts binary text to a key. */
export const binary = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

/** Sorts keys as etcd does, each once. */
export function sortedKeys(keys: Iterable<string>): string[] {
  return [...new Set(keys)].toSorted((a, b) => (a < b ? -1 : 1));
}

/**
 * Answers etcd's range requests over keys in memory, and counts what was asked. Refuses what a listing must not ask.
 */
export class MemoryReader {
  static readonly revision = 7n;
  readonly #keys: readonly string[];
  readonly asked: LimitedRange[] = [];
  requests = 0;
  pinnedRequests = 0;
  underWay = 0;
  mostUnderWay = 0;
  returnedKeys = 0;
  countedKeys = 0;
  /** Number of ranges that had keys. */
  found = 0;

  /** @param keys sorted */
  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  readonly read: RangeReader = async (ranges, { revision, signal }) => {
    this.requests++;
    if (revision !== undefined) this.pinnedRequests++;
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    await new Promise(setImmediate);
    this.underWay--;
    signal.throwIfAborted();
    return this.answer(ranges, revision);
  };

  answer(ranges: readonly LimitedRange[], revision: bigint | undefined): RangeResults {
    assert.ok(revision === undefined || revision === MemoryReader.revision);
    assert.ok(ranges.length > 0 && ranges.length <= 128, `${ranges.length} ranges`);
    // As in etcd, an answer for an older revision contains the newest one.
    const newest = revision === undefined ? MemoryReader.revision : MemoryReader.revision + 1n;
    return { revision: newest, results: ranges.map((range) => this.#answerRange(range)) };
  }

  #answerRange(range: LimitedRange): { keys: string[]; count: number } {
    this.asked.push(range);
    assert.ok(range.start.length > 0 && Number.isSafeInteger(range.limit) && range.limit >= 1);
    const [start, end] = [toBinaryKey(range.start), toBinaryKey(range.end)];
    assert.ok(end === '\0' || start < end, 'an inverted range');
    const [from, to] = [this.#indexOf(start), end === '\0' ? this.#keys.length : this.#indexOf(end)];
    const keys = this.#keys.slice(from, Math.min(to, from + range.limit));
    this.returnedKeys += keys.length;
    this.countedKeys += to - from;
    if (to > from) this.found++;
    return { keys, count: to - from };
  }

  #indexOf(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] ?? key) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
