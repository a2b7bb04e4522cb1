import { prefixRange, rangeContains, singleKeyRange } from '../keys/ranges.ts';
import type { KeyRange, KeyStore, KeyValue, Lifetime } from '../keyStore.ts';

/** A key or a folder, and its destination. */
export interface TransferRoot {
  readonly kind: 'key' | 'folder';
  /** The key, or the prefix of all the keys. */
  readonly from: Uint8Array;
  /** Replaces `from` in each key. */
  readonly to: Uint8Array;
}

/** What to do with a key whose new name exists already. */
export type TakenRule = 'skip' | 'overwrite' | 'rename';

export interface TransferPlan {
  readonly source: KeyStore;
  /** The same object as `source` for a transfer within a store. */
  readonly target: KeyStore;
  readonly roots: readonly TransferRoot[];
  /** Delete each key once its copy is confirmed. */
  readonly move: boolean;
  readonly taken: TakenRule;
  /** Whether both stores are of one cluster, as far as known; leases are then valid in both. */
  readonly oneCluster: boolean;
  /** Revisions of both stores at the preview. What was written later has not been seen, and is left alone. */
  readonly seen: { readonly source: bigint; readonly target: bigint };
  /** Proposes another name if one exists already, a different one for each attempt from 1 on; required for `rename`. */
  readonly alternative?: (key: Uint8Array, attempt: number) => Uint8Array;
}

export function rangeOf({ kind, from }: TransferRoot): KeyRange {
  return kind === 'folder' ? prefixRange(from) : singleKeyRange(from);
}

/** Returns the new name of a key of a root. */
export function newKey({ from, to }: TransferRoot, key: Uint8Array): Uint8Array {
  return Buffer.concat([to, key.subarray(from.length)]);
}

type Stores = Pick<TransferPlan, 'source' | 'target'>;

/** Whether two stores may have the same keys: two connections may lead to one cluster. */
export async function isOneCluster({ source, target }: Stores, signal?: AbortSignal): Promise<boolean> {
  if (source === target) return true;
  return (await source.clusterId?.(signal)) === (await target.clusterId?.(signal));
}

/** Whether a lease of one store is valid in the other. */
export function sharesLeases({ source, target, oneCluster }: Stores & Pick<TransferPlan, 'oneCluster'>): boolean {
  return oneCluster && source.leases !== undefined && target.leases !== undefined;
}

/** Returns the lifetime for the copy of a key: that of the key, as far as the target knows its lease. */
export function lifetimeThere({ lease = 0n, ttl }: KeyValue, keepsLease: (lease: bigint) => boolean): Lifetime {
  if (ttl !== undefined) return { ttl: Math.max(ttl, 1) };
  return lease !== 0n && keepsLease(lease) ? { lease } : 'forever';
}

/** Whether a key at its new name already is what a transfer would write there. */
export function holds(there: KeyValue, { value }: KeyValue, lifetime: Lifetime): boolean {
  if (Buffer.compare(there.value, value) !== 0) return false;
  const { lease = 0n, ttl } = there;
  if (lifetime === 'forever') return lease === 0n && ttl === undefined;
  return typeof lifetime === 'object' && 'lease' in lifetime ? lease === lifetime.lease : true;
}

/** Whether two stores returned one and the same key: one cluster through two connections, and no write in between. */
export function isSameKey(oneCluster: boolean, kv: KeyValue, there: KeyValue): boolean {
  return (
    oneCluster &&
    Buffer.compare(kv.key, there.key) === 0 &&
    kv.createRevision === there.createRevision &&
    kv.modRevision === there.modRevision
  );
}

/** Whether a key is to be transferred itself, so that nothing may overwrite it. */
export function isSource({ source, target, roots }: TransferPlan, key: Uint8Array): boolean {
  return source === target && roots.some((root) => rangeContains(rangeOf(root), key));
}

/** The keys that a user's roles let a transfer reach; undefined if no restriction is known. */
export interface Permissions {
  readonly mayTake: (key: Uint8Array) => boolean;
  readonly mayPut: (key: Uint8Array) => boolean;
}

/** @throws EtcdError */
export async function permissionsOf(
  { source, target, move }: Pick<TransferPlan, 'source' | 'target' | 'move'>,
  signal?: AbortSignal,
): Promise<Permissions> {
  const take = move ? await source.permitted?.('write', signal) : undefined;
  const put = await target.permitted?.('write', signal);
  // The comparison that guards a write reads its key.
  const compare = await target.permitted?.('read', signal);
  const covers = (ranges: readonly KeyRange[] | undefined, key: Uint8Array) =>
    ranges?.some((range) => rangeContains(range, key)) ?? true;
  return {
    mayTake: (key) => covers(take, key),
    mayPut: (key) => covers(put, key) && covers(compare, key),
  };
}
