import { compareKeys } from '../keys/ranges.ts';
import type { KeyRange, KeyStore } from '../keyStore.ts';
import { middleKey } from './middleKey.ts';

// See docs/contributing/decisions/space.md

/** A part of a range, and the number of its keys. */
export interface Stratum {
  readonly range: KeyRange;
  readonly keys: number;
}

/** A store that can read the beginning of a range. */
export type Sampled = KeyStore & Required<Pick<KeyStore, 'firstKeys'>>;

/** Splits that may be tried: keys that differ only at their ends need several until one divides them. */
const MAX_SPLITS = 60;

/**
 * Divides a range into parts with keys by splitting the largest part again and again, each time after counting.
 * @param keys number of keys of the range
 * @param wanted number of parts
 * @param enough keys that a part may have without being split
 */
export async function strataOf(
  store: Sampled,
  range: KeyRange,
  { keys, wanted, enough }: { readonly keys: number; readonly wanted: number; readonly enough: number },
  signal: AbortSignal,
): Promise<Stratum[]> {
  let open: Stratum[] = [{ range, keys }];
  const closed: Stratum[] = [];
  for (let splits = 0; splits < MAX_SPLITS && open.length > 0 && open.length + closed.length < wanted; splits++) {
    const largest = open.reduce((most, each) => (each.keys > most.keys ? each : most));
    open = open.filter((each) => each !== largest);
    const parts = largest.keys > enough ? await split(store, largest, signal) : undefined;
    if (parts) open.push(...parts);
    else closed.push(largest);
  }
  return [...open, ...closed];
}

/** @returns undefined if no key lies between its ends */
async function split(store: Sampled, { range, keys }: Stratum, signal: AbortSignal): Promise<Stratum[] | undefined> {
  const { kvs } = await store.firstKeys(range, 1, { signal });
  const [first] = kvs;
  if (!first) return [];
  const start = first.key;
  const middle = middleKey({ start, end: range.end });
  if (!middle || compareKeys(middle, start) <= 0) return undefined;
  const left = { start, end: middle };
  const { keys: leftKeys } = await store.count([left], signal);
  const parts = [
    { range: left, keys: leftKeys },
    { range: { start: middle, end: range.end }, keys: Math.max(0, keys - leftKeys) },
  ];
  return parts.filter((part) => part.keys > 0);
}
