import type { KeptRevisions } from './compaction.ts';
import type { KeyRange, KeyStore } from '../keyStore.ts';

/** Events of all keys together that v2 keeps. */
const EVENTS_KEPT = 1000n;
const SLASH = '/';

/**
 * Finds the indexes whose events a v2 store keeps: at most those after `oldest`, up to `newest`, the present.
 * @throws EtcdError
 */
export async function eventWindow(store: KeyStore, range: KeyRange, signal?: AbortSignal): Promise<KeptRevisions> {
  return windowUpTo((await store.get(keyWithin(range), { signal })).revision);
}

export function windowUpTo(newest: bigint): KeptRevisions {
  return { oldest: newest < EVENTS_KEPT ? 0n : newest - EVENTS_KEPT, newest };
}

/** Returns a key that is readable for anyone who may read the range; it need not exist. */
function keyWithin({ start }: KeyRange): Uint8Array {
  if (start.length === 0) return Buffer.from(`${SLASH}0`);
  return start.at(-1) === SLASH.charCodeAt(0) ? Buffer.concat([start, Buffer.from('0')]) : start;
}
