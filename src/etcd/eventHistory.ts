import { EtcdError } from './errors.ts';
import type { HistoryEntry } from './keyHistory.ts';
import { singleKeyRange } from './keyspace/ranges.ts';
import type { KeyEvent, KeyStore } from './keyStore.ts';

/** v2 remembers so many events of all keys together. */
const EVENTS_KEPT = 1000n;

/**
 * The versions of a v2 key, newest first, as far as they are among the last 1,000 events of the store, which is all that v2 has:
 * it reads no key as it was. Nothing where the key does not exist.
 * @throws EtcdError
 */
export async function eventHistory(
  store: KeyStore,
  key: Uint8Array,
  signal?: AbortSignal,
): Promise<readonly HistoryEntry[]> {
  const { kv, revision } = await store.get(key, { signal });
  if (!kv) return [];
  const from = revision < EVENTS_KEPT ? 1n : revision - EVENTS_KEPT + 1n;
  const entries: HistoryEntry[] = [{ kind: 'version', kv, readAt: kv.modRevision }];
  const { events, oldest } = await eventsUntil(store, key, from, kv.modRevision, signal);
  for (const event of events.toReversed()) {
    if (event.kind === 'delete') entries.push({ kind: 'deleted', revision: event.modRevision });
    if (event.kind === 'put' && event.kv.modRevision < kv.modRevision)
      entries.push({ kind: 'version', kv: event.kv, readAt: event.kv.modRevision });
  }
  return [...entries, { kind: 'compacted', revision: oldest }];
}

/** The events of a key up to the one that made it what it is; none where that is older than what is kept. */
async function eventsUntil(
  store: KeyStore,
  key: Uint8Array,
  from: bigint,
  last: bigint,
  signal: AbortSignal | undefined,
): Promise<{ readonly events: readonly KeyEvent[]; readonly oldest: bigint }> {
  const events: KeyEvent[] = [];
  if (last < from) return { events, oldest: from };
  const done = new AbortController();
  const either = signal ? AbortSignal.any([signal, done.signal]) : done.signal;
  try {
    for await (const batch of store.watch(singleKeyRange(key), { fromRevision: from, signal: either })) {
      events.push(...batch.events);
      if (batch.revision >= last) break;
    }
    return { events, oldest: from };
  } catch (error) {
    // Fewer events are kept than there were indexes: etcd says from which one on.
    if (!EtcdError.is(error, 'compacted') || error.oldestRevision === undefined || error.oldestRevision <= from)
      throw error;
    return await eventsUntil(store, key, error.oldestRevision, last, signal);
  } finally {
    done.abort();
  }
}
