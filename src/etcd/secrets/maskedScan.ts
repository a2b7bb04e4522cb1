import { setImmediate } from 'node:timers/promises';
import type { KeyStore, KeyValue } from '../keyStore.ts';
import type { SearchedStore } from '../search/searchKeys.ts';
import { readableValue } from './readableValue.ts';

/** Milliseconds of masking before other work of the process gets its turn. */
const TURN = 5;

/**
 * Returns what a search needs of a store, with masked values: a search that could match what is masked would tell it,
 * pattern by pattern.
 */
export function maskedScan(store: KeyStore): SearchedStore {
  return {
    hierarchy: store.hierarchy,
    scanKeys: (range, options) => store.scanKeys(range, options),
    scan: async function* scan(range, options) {
      for await (const page of store.scan(range, options)) yield { ...page, kvs: await maskedValues(page.kvs) };
    },
  };
}

async function maskedValues(kvs: readonly KeyValue[]): Promise<KeyValue[]> {
  const masked: KeyValue[] = [];
  let end = performance.now() + TURN;
  for (const kv of kvs) {
    const shown = await readableValue(kv.key, kv.value, true);
    masked.push({ ...kv, value: Buffer.from(shown?.text ?? '') });
    if (performance.now() < end) continue;
    await setImmediate();
    end = performance.now() + TURN;
  }
  return masked;
}
