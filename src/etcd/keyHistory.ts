import { EtcdError } from './errors.ts';
import type { KeyStore, KeyValue } from './keyStore.ts';

export type HistoryEntry =
  | { readonly kind: 'version'; readonly kv: KeyValue }
  /** The key did not exist at this revision, the one before it was created. */
  | { readonly kind: 'absent'; readonly revision: bigint }
  /** What was before this revision is compacted. */
  | { readonly kind: 'compacted'; readonly revision: bigint };

/**
 * The versions of a key, newest first, each found by one read just before the one after it, back to where the key did not
 * exist or etcd has compacted what was. Nothing where the key does not exist now.
 * @throws EtcdError `unsupported` where the store has no history
 */
export async function* keyHistory(
  store: KeyStore,
  key: Uint8Array,
  signal?: AbortSignal,
): AsyncGenerator<HistoryEntry> {
  let { kv } = await store.get(key, { signal });
  while (kv) {
    yield { kind: 'version', kv };
    const revision = kv.modRevision - 1n;
    try {
      ({ kv } = await store.get(key, { revision, signal }));
    } catch (error) {
      if (!EtcdError.is(error, 'compacted')) throw error;
      yield { kind: 'compacted', revision };
      return;
    }
    if (!kv) yield { kind: 'absent', revision };
  }
}
