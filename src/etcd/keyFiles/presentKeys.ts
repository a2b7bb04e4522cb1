import { EtcdError } from '../errors.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import { compareKeys, singleKeyRange } from '../keys/ranges.ts';
import type { KeyStore, KeyValue } from '../keyStore.ts';

// See docs/contributing/decisions/bulk-work.md

/** A key as a store has it now: absent without `kv`. */
export interface Present {
  readonly kv?: KeyValue | undefined;
  /** True if the store cannot hold such a key. */
  readonly isImpossible?: boolean;
}

/** Keys that one range may have besides the wanted ones, as a multiple of these. */
const MOST_BESIDE = 1;

/** Reads keys with their values, in the order in which they are given. @throws EtcdError */
export async function presentKeys(
  store: KeyStore,
  keys: readonly Uint8Array[],
  signal?: AbortSignal,
): Promise<readonly Present[]> {
  const inRange = await readAsRange(store, keys, signal);
  if (inRange) return inRange;
  try {
    return (await store.getMany(keys, { values: true, signal })).kvs.map((kv) => ({ kv }));
  } catch (error) {
    if (!EtcdError.is(error, 'unsupported')) throw error;
  }
  const found: Present[] = [];
  for (const key of keys)
    try {
      const { kv } = await store.get(key, { signal });
      found.push({ kv });
    } catch (error) {
      if (!EtcdError.is(error, 'unsupported')) throw error;
      found.push({ isImpossible: true });
    }
  return found;
}

/**
 * Reads the keys as one range, which costs a tenth of as many requests for one key. Undefined if they are not in order,
 * if too many others lie between them, or if the range may not be read or is too large.
 */
async function readAsRange(
  store: KeyStore,
  keys: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): Promise<readonly Present[] | undefined> {
  const [first, last] = [keys[0], keys.at(-1)];
  const isOrdered = keys.every((key, at) => at === 0 || compareKeys(keys[at - 1] ?? key, key) < 0);
  if (!store.firstKeys || !first || !last || !isOrdered) return undefined;
  const most = keys.length * (1 + MOST_BESIDE);
  const range = { start: first, end: singleKeyRange(last).end };
  try {
    const { kvs } = await store.firstKeys(range, most, { values: true, signal });
    if (kvs.length >= most) return undefined;
    const byKey = new Map(kvs.map((kv) => [toBinaryKey(kv.key), kv]));
    return keys.map((key) => ({ kv: byKey.get(toBinaryKey(key)) }));
  } catch (error) {
    if (EtcdError.is(error, 'permissionDenied') || EtcdError.is(error, 'answerTooLarge')) return undefined;
    throw error;
  }
}
