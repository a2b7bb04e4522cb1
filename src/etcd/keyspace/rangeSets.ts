import type { KeyRange } from '../keyStore.ts';
import { clippedSpans, toKeyRange, toSpan, type Span } from './listing/folderSpace.ts';
import { prefixRange } from './ranges.ts';

const WHOLE_KEYSPACE = toSpan(prefixRange(new Uint8Array()));

/** The keys of all the ranges as few ranges in key order, which neither overlap nor touch. */
export function joinedRanges(ranges: readonly KeyRange[]): KeyRange[] {
  return clippedSpans(ranges.map(toSpan), WHOLE_KEYSPACE).map(toKeyRange);
}

/** What is left of a range without the holes, in key order. */
export function rangeWithout(range: KeyRange, holes: readonly KeyRange[]): KeyRange[] {
  const bounds = toSpan(range);
  const left: Span[] = [];
  let { lo } = bounds;
  for (const hole of clippedSpans(holes.map(toSpan), bounds)) {
    if (lo < hole.lo) left.push({ lo, hi: hole.lo });
    lo = hole.hi;
  }
  if (lo < bounds.hi) left.push({ lo, hi: bounds.hi });
  return left.map(toKeyRange);
}

/** What a range has of the others, in key order; those that touch are one. */
export function rangeWithin(range: KeyRange, others: readonly KeyRange[]): KeyRange[] {
  return clippedSpans(others.map(toSpan), toSpan(range)).map(toKeyRange);
}

/** Whether there can be a key in both. */
export function rangesMeet(a: KeyRange, b: KeyRange): boolean {
  const [one, other] = [toSpan(a), toSpan(b)];
  return one.lo < other.hi && other.lo < one.hi;
}
