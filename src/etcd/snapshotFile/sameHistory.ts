import { EtcdError } from '../errors.ts';
import type { KeyStore } from '../keyStore.ts';

/** Whether a file and a cluster have one history. */
export type HistoryComparison =
  /** They had the same keys, values and revisions up to the file's newest revision. */
  | 'same'
  | 'different'
  /** The cluster has compacted the file's newest revision, or has compacted less than the file. */
  | 'notComparable'
  /** The cluster has not reached the file's newest revision. */
  | 'newerFile'
  /** The server does not compute such a hash for this connection. */
  | 'unsupported';

/**
 * Compares etcd's own hash (HashKV) of a member with that of a file, at the file's newest revision.
 * @param compacted the file's last compaction; 0 if there was none
 * @throws EtcdError, such as `permissionDenied` for any user but root
 */
export async function compareHistory(
  file: KeyStore,
  { revision, compacted }: { readonly revision: bigint; readonly compacted: bigint },
  cluster: KeyStore,
  signal?: AbortSignal,
): Promise<HistoryComparison> {
  if (!cluster.contentHash || !file.contentHash) return 'unsupported';
  try {
    const live = await cluster.contentHash(revision, { signal });
    // A hash depends on the last compaction, and the file's can only be computed for a later one.
    if (compacted > 0n && live.compacted < compacted) return 'notComparable';
    const { hash } = await file.contentHash(revision, { compacted: live.compacted, signal });
    return hash === live.hash ? 'same' : 'different';
  } catch (error) {
    if (EtcdError.is(error, 'compacted')) return 'notComparable';
    if (EtcdError.is(error, 'futureRevision')) return 'newerFile';
    // The gateway of etcd 3.4 answers "not found".
    if (EtcdError.is(error, 'notEtcd', 'unsupported')) return 'unsupported';
    throw error;
  }
}
