import type { KeyRange } from '../keyStore.ts';

/** The byte 0. As a range's `end`: no end. As its `start`: the smallest possible key, because no key is empty. */
const nul = Uint8Array.of(0);

/** Compares two keys in etcd's order: negative, 0 or positive. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** Returns the first key after all keys that begin with `prefix`, or the single byte 0 if no key follows them. */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  if (last < 0) {
    return nul;
  }
  const end = Uint8Array.from(prefix.subarray(0, last + 1));
  end[last] = (prefix[last] ?? 0) + 1;
  return end;
}

/** Returns the range of all keys that begin with `prefix`; the whole keyspace for an empty prefix. */
export function prefixRange(prefix: Uint8Array): KeyRange {
  return { start: prefix.length === 0 ? nul : prefix, end: prefixEnd(prefix) };
}

/** Returns the range of one key. @throws RangeError for the empty key, whose range would have no end */
export function singleKeyRange(key: Uint8Array): KeyRange {
  if (key.length === 0) {
    throw new RangeError('A key cannot be empty.');
  }
  const end = new Uint8Array(key.length + 1);
  end.set(key);
  return { start: key, end };
}

export function rangeContains(range: KeyRange, key: Uint8Array): boolean {
  return compareKeys(range.start, key) <= 0 && (isOpen(range) || compareKeys(key, range.end) < 0);
}

/** Returns the ranges in key order, without empty ones and those inside another range. */
export function withoutNested(ranges: readonly KeyRange[]): KeyRange[] {
  const sorted = ranges
    .filter((range) => isOpen(range) || compareKeys(range.start, range.end) < 0)
    .toSorted((a, b) => compareKeys(a.start, b.start) || compareEnds(b, a));
  const kept: KeyRange[] = [];
  for (const range of sorted) {
    const last = kept.at(-1);
    if (!last || compareEnds(last, range) < 0) {
      kept.push(range);
    }
  }
  return kept;
}

/** Whether a range goes on to the end of the keyspace. */
export function isOpen({ end }: KeyRange): boolean {
  return end.length === 1 && end[0] === 0;
}

function compareEnds(a: KeyRange, b: KeyRange): number {
  return isOpen(a) || isOpen(b) ? Number(isOpen(a)) - Number(isOpen(b)) : compareKeys(a.end, b.end);
}
