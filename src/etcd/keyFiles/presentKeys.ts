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

/** Keys that one range may have, as a multiple of the wanted ones. */
const MOST_IN_RANGE = 2;
/** Calls without a range after one that did not help. */
const CALLS_WITHOUT = 8;

/** Reads keys of a store with their values. */
export class PresentKeys {
  readonly #store: KeyStore;
  /** Number of calls for which ranges are not tried. */
  #without = 0;

  constructor(store: KeyStore) {
    this.#store = store;
  }

  /** Returns what there is of each key, in the order of the keys. @throws EtcdError */
  async read(keys: readonly Uint8Array[], signal?: AbortSignal): Promise<readonly Present[]> {
    const inRange = this.#without === 0 ? await this.#readRange(keys, signal) : undefined;
    if (inRange) return inRange;
    if (this.#without > 0) this.#without--;
    try {
      return (await this.#store.getMany(keys, { values: true, signal })).kvs.map((kv) => ({ kv }));
    } catch (error) {
      if (!EtcdError.is(error, 'unsupported')) throw error;
    }
    return await this.#readEach(keys, signal);
  }

  /** Reads the keys as one range; undefined if they are not in order, or if that does not help. */
  async #readRange(
    keys: readonly Uint8Array[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Present[] | undefined> {
    const [first, last] = [keys[0], keys.at(-1)];
    const isOrdered = keys.every((key, at) => at === 0 || compareKeys(keys[at - 1] ?? key, key) < 0);
    if (!this.#store.firstKeys || !first || !last || !isOrdered) return undefined;
    const most = keys.length * MOST_IN_RANGE;
    const range = { start: first, end: singleKeyRange(last).end };
    try {
      const { kvs } = await this.#store.firstKeys(range, most, { values: true, signal });
      const byKey = new Map(kvs.map((kv) => [toBinaryKey(kv.key), kv]));
      if (kvs.length < most) return keys.map((key) => ({ kv: byKey.get(toBinaryKey(key)) }));
      this.#without = CALLS_WITHOUT;
    } catch (error) {
      if (EtcdError.is(error, 'permissionDenied')) this.#without = Infinity;
      else if (EtcdError.is(error, 'answerTooLarge')) this.#without = CALLS_WITHOUT;
      else throw error;
    }
    return undefined;
  }

  /** Reads the keys one by one, because the store cannot hold one of them. */
  async #readEach(keys: readonly Uint8Array[], signal: AbortSignal | undefined): Promise<readonly Present[]> {
    const found: Present[] = [];
    for (const key of keys)
      try {
        const { kv } = await this.#store.get(key, { signal });
        found.push({ kv });
      } catch (error) {
        if (!EtcdError.is(error, 'unsupported')) throw error;
        found.push({ isImpossible: true });
      }
    return found;
  }
}
