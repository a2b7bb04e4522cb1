import { keptRevisions, type KeptRevisions } from './compaction.ts';
import { EtcdError } from '../errors.ts';
import type { KeyStore, KeyValue } from '../keyStore.ts';
import { deletions } from './deletions.ts';
import { singleKeyRange } from '../keys/ranges.ts';

export type HistoryEntry =
  | {
      readonly kind: 'version';
      readonly kv: KeyValue;
      /** A revision at which the version can be read; its own may be compacted although it was still current later. */
      readonly readAt: bigint;
    }
  | { readonly kind: 'deleted'; readonly revision: bigint }
  /** The key did not exist at this revision, the last one before its creation. */
  | { readonly kind: 'absent'; readonly revision: bigint }
  /** Everything before this revision is compacted. */
  | { readonly kind: 'compacted'; readonly revision: bigint };

/**
 * Yields the versions of a key, newest first, each found by one read just before the next one; then those of its
 * earlier lives, which etcd's events reveal. Ends where the key never existed before, or at the compaction.
 * @param live store whose events report deletions, if `store` is fixed at a revision and has none
 * @throws EtcdError `unsupported` if the store has no history
 */
export async function* keyHistory(
  store: KeyStore,
  key: Uint8Array,
  signal?: AbortSignal,
  live: KeyStore = store,
): AsyncGenerator<HistoryEntry> {
  const now = await store.get(key, { signal });
  let end = yield* oneLife(store, key, now.revision, now.kv, signal);
  if (end === 'compacted') return;
  const kept = await keptRevisions(live, signal);
  if (end >= kept.oldest) {
    for (const revision of await earlierEnds(live, key, signal, kept)) {
      // A past view's history ends at its revision.
      if (revision > now.revision) continue;
      yield { kind: 'deleted', revision };
      const { kv } = await store.get(key, { revision: revision - 1n, signal });
      end = yield* oneLife(store, key, revision - 1n, kv, signal);
      if (end === 'compacted') return;
    }
    if (end >= kept.oldest) yield { kind: 'absent', revision: end };
  }
  if (kept.oldest > 1n) yield { kind: 'compacted', revision: kept.oldest };
}

/** Finds the revisions at which a key was deleted, newest first. */
async function earlierEnds(
  live: KeyStore,
  key: Uint8Array,
  signal: AbortSignal | undefined,
  kept: KeptRevisions,
): Promise<readonly bigint[]> {
  const ends: bigint[] = [];
  for await (const { changes } of deletions(live, singleKeyRange(key), signal, kept))
    for (const { deleted, revision } of changes) if (deleted) ends.push(revision);
  return ends.toReversed();
}

/** Yields the versions of one life back to the key's creation; returns the revision before that. */
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
