import { windowUpTo } from './eventWindow.ts';
import type { HistoryEntry } from './keyHistory.ts';
import { singleKeyRange } from '../keys/ranges.ts';
import type { KeyEvent, KeyStore } from '../keyStore.ts';
import { keptEvents } from '../watch/keptEvents.ts';

/**
 * Returns the versions of a v2 key, newest first, as far as they are among the store's last 1,000 events, because v2
 * cannot read a key at an earlier index. For a key that does not exist, returns its earlier lives. The last entry says
 * where the events begin.
 * @throws EtcdError
 */
export async function eventHistory(
  store: KeyStore,
  key: Uint8Array,
  signal?: AbortSignal,
): Promise<readonly HistoryEntry[]> {
  const { kv, revision } = await store.get(key, { signal });
  const last = kv?.modRevision ?? revision;
  let from = windowUpTo(revision).oldest + 1n;
  const events: KeyEvent[] = [];
  if (last >= from)
    for await (const batch of keptEvents(store, singleKeyRange(key), { from, last, signal })) {
      ({ from } = batch);
      events.push(...batch.events);
    }
  const entries: HistoryEntry[] = kv ? [{ kind: 'version', kv, readAt: kv.modRevision }] : [];
  for (const event of events.toReversed()) {
    if (event.kind === 'delete') entries.push({ kind: 'deleted', revision: event.modRevision });
    if (event.kind === 'put' && event.kv.modRevision !== kv?.modRevision)
      entries.push({ kind: 'version', kv: event.kv, readAt: event.kv.modRevision });
  }
  return [...entries, { kind: 'compacted', revision: from }];
}
