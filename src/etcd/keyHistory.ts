import { EtcdError } from './errors.ts';
import type { KeyStore, KeyValue } from './keyStore.ts';
import { deletions } from './deletions.ts';
import { singleKeyRange } from './keyspace/ranges.ts';

export type HistoryEntry =
  | {
      readonly kind: 'version';
      readonly kv: KeyValue;
      /** A revision at which it can be read: its own may be compacted while it was still current later. */
      readonly readAt: bigint;
    }
  | { readonly kind: 'deleted'; readonly revision: bigint }
  /** The key did not exist at this revision, the one before it was created. */
  | { readonly kind: 'absent'; readonly revision: bigint }
  /** What was before this revision is compacted. */
  | { readonly kind: 'compacted'; readonly revision: bigint };

/**
 * The versions of a key, newest first, each found by one read just before the one after it; also those of its earlier lives, from
 * before it was deleted, which etcd's events tell. It ends where the key never existed before, or etcd has compacted what was.
 * @throws EtcdError `unsupported` where the store has no history
 */
export async function* keyHistory(
  store: KeyStore,
  key: Uint8Array,
  signal?: AbortSignal,
): AsyncGenerator<HistoryEntry> {
  const now = await store.get(key, { signal });
  let end = yield* oneLife(store, key, now.revision, now.kv, signal);
  if (end === 'compacted') return;
  const ends = await deletions(store, singleKeyRange(key), now.revision, signal);
  for (const { revision } of ends.found.toReversed()) {
    yield { kind: 'deleted', revision };
    const { kv } = await store.get(key, { revision: revision - 1n, signal });
    end = yield* oneLife(store, key, revision - 1n, kv, signal);
    if (end === 'compacted') return;
  }
  yield ends.oldest > 1n ? { kind: 'compacted', revision: ends.oldest } : { kind: 'absent', revision: end };
}

/** The versions from one on, back to the one that created the key; the revision before that. */
async function* oneLife(
  store: KeyStore,
  key: Uint8Array,
  revision: bigint,
  newest: KeyValue | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<HistoryEntry, bigint | 'compacted'> {
  let [kv, readAt] = [newest, revision];
  while (kv) {
    yield { kind: 'version', kv, readAt };
    readAt = kv.modRevision - 1n;
    if (kv.createRevision === kv.modRevision) return readAt;
    try {
      ({ kv } = await store.get(key, { revision: readAt, signal }));
    } catch (error) {
      if (!EtcdError.is(error, 'compacted')) throw error;
      yield { kind: 'compacted', revision: readAt };
      return 'compacted';
    }
  }
  return readAt;
}
