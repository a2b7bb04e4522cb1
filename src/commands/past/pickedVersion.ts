import type { HistoryEntry } from '../../etcd/past/keyHistory.ts';
import type { KeyValue } from '../../etcd/keyStore.ts';

/** A version of the key whose history is shown. */
export interface PickedVersion {
  readonly modRevision: bigint;
  readonly readAt: bigint;
  /** The version itself, where etcd cannot return it again; otherwise a long list would hold every value. */
  readonly kv?: KeyValue;
}

/** @param keepsValue true if etcd returns the version only once */
export function pickedVersion(
  { kv, readAt }: Extract<HistoryEntry, { kind: 'version' }>,
  keepsValue: boolean,
): PickedVersion {
  return { modRevision: kv.modRevision, readAt, ...(keepsValue && { kv }) };
}
