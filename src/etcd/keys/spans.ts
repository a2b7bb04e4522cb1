import type { KeyRange } from '../keyStore.ts';
import { fromBinaryKey, toBinaryKey } from './binaryKey.ts';
import { prefixEnd } from './ranges.ts';

/** Sorts after every binary key: the end of a span without an end. */
const ENDLESS = '\u0100';

/** Half-open range of binary keys; both ends are compared as binary strings. */
export interface Span {
  readonly lo: string;
  readonly hi: string;
}

/** Returns the first position after all keys that begin with a prefix. */
export function binaryPrefixEnd(prefix: string): string {
  const last = prefix.charCodeAt(prefix.length - 1);
  if (last < 0xff) return prefix.slice(0, -1) + String.fromCharCode(last + 1);
  return toPositionEnd(prefixEnd(fromBinaryKey(prefix)));
}

export function toSpan({ start, end }: KeyRange): Span {
  return { lo: toBinaryKey(start), hi: toPositionEnd(end) };
}

export function toKeyRange({ lo, hi }: Span): KeyRange {
  return { start: fromBinaryKey(lo === '' ? '\0' : lo), end: fromBinaryKey(hi === ENDLESS ? '\0' : hi) };
}

function toPositionEnd(end: Uint8Array): string {
  const position = toBinaryKey(end);
  return position === '\0' ? ENDLESS : position;
}

/** Clips the spans to `bounds`; returns them in key order, without empty ones, and with touching ones joined. */
export function clippedSpans(spans: readonly Span[], bounds: Span): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => (a.lo < b.lo ? -1 : 1))) {
    const lo = span.lo > bounds.lo ? span.lo : bounds.lo;
    const hi = span.hi < bounds.hi ? span.hi : bounds.hi;
    const last = joined.at(-1);
    if (lo >= hi) {
      continue;
    }
    if (last && lo <= last.hi) {
      joined[joined.length - 1] = { lo: last.lo, hi: hi > last.hi ? hi : last.hi };
    } else {
      joined.push({ lo, hi });
    }
  }
  return joined;
}
