import type { KeyRange } from '../keyStore.ts';
import { clippedSpans, toKeyRange, toSpan, type Span } from './spans.ts';
import { prefixRange } from './ranges.ts';

const WHOLE_KEYSPACE = toSpan(prefixRange(new Uint8Array()));

/** Merges ranges into as few as possible, in key order, that neither overlap nor touch. */
export function joinedRanges(ranges: readonly KeyRange[]): KeyRange[] {
  return clippedSpans(ranges.map(toSpan), WHOLE_KEYSPACE).map(toKeyRange);
}

/** Returns the parts of a range outside of the holes, in key order. */
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

/** Returns the parts of a range that are in the others, in key order, with touching ones joined. */
export function rangeWithin(range: KeyRange, others: readonly KeyRange[]): KeyRange[] {
  return clippedSpans(others.map(toSpan), toSpan(range)).map(toKeyRange);
}

/** Whether a key can be in both ranges. */
export function rangesMeet(a: KeyRange, b: KeyRange): boolean {
  const [one, other] = [toSpan(a), toSpan(b)];
  return one.lo < other.hi && other.lo < one.hi;
}
