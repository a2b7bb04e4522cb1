import type { KeyRange, KeyValue } from '../keyStore.ts';
import { totalOf, type Estimate } from './estimate.ts';
import { strataOf, type Sampled } from './strata.ts';

/** Space that the keys of a range take. */
export interface Space {
  /** Exact. */
  readonly keys: number;
  /** Bytes of names and values. */
  readonly bytes: Estimate;
  /** Writes since the keys were created; undefined if the store does not count them. */
  readonly writes: Estimate | undefined;
}

/** Number of parts of a range; some keys of each are read. */
const STRATA = 12;
const KEYS_READ = 5;

/** Estimates what a range takes: counts are exact, sizes and writes are from a few keys of each of several parts. */
export async function sampledSpace(store: Sampled, range: KeyRange, keys: number, signal: AbortSignal): Promise<Space> {
  const parts = await strataOf(store, range, { keys, wanted: STRATA, enough: KEYS_READ }, signal);
  const samples = await Promise.all(
    parts.map(async (part) => {
      const { kvs } = await store.firstKeys(part.range, KEYS_READ, { signal, values: true });
      return { keys: part.keys, kvs };
    }),
  );
  const total = (figure: (kv: KeyValue) => number) =>
    totalOf(samples.map(({ keys: all, kvs }) => ({ keys: Math.max(all, kvs.length), values: kvs.map(figure) })));
  const countsWrites = samples.every(({ kvs }) => kvs.every(({ version }) => version !== undefined));
  return { keys, bytes: total(bytesOf), writes: countsWrites ? total(writesOf) : undefined };
}

export function bytesOf({ key, value }: KeyValue): number {
  return key.length + value.length;
}

export function writesOf({ version = 0n }: KeyValue): number {
  return Number(version);
}
