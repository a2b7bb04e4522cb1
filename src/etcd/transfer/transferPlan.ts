import { prefixRange, rangeContains, singleKeyRange } from '../keyspace/ranges.ts';
import type { KeyRange, KeyStore, KeyValue, Lifetime } from '../keyStore.ts';

/** A key or a folder, and where it is to go. */
export interface TransferRoot {
  readonly kind: 'key' | 'folder';
  /** The key, or the prefix of all the keys. */
  readonly from: Uint8Array;
  /** What takes the place of `from` in each key. */
  readonly to: Uint8Array;
}

/** What becomes of a key whose new name is taken. */
export type TakenRule = 'skip' | 'overwrite' | 'rename';

export interface TransferPlan {
  readonly source: KeyStore;
  /** The same object for a transfer within a store. */
  readonly target: KeyStore;
  readonly roots: readonly TransferRoot[];
  /** Delete each key once its copy is confirmed. */
  readonly move: boolean;
  readonly taken: TakenRule;
  /** Both stores are of one cluster, as far as that can be known: then leases mean the same in both. */
  readonly oneCluster: boolean;
  /** Revisions of both stores: what was written after them has not been seen, and is left alone. */
  readonly seen: { readonly source: bigint; readonly target: bigint };
  /** Another name beside one that is taken, a different one for each attempt from 1 on; needed by `rename`. */
  readonly alternative?: (key: Uint8Array, attempt: number) => Uint8Array;
}

export function rangeOf({ kind, from }: TransferRoot): KeyRange {
  return kind === 'folder' ? prefixRange(from) : singleKeyRange(from);
}

/** The new name of a key of a root. */
export function newKey({ from, to }: TransferRoot, key: Uint8Array): Uint8Array {
  return Buffer.concat([to, key.subarray(from.length)]);
}

type Stores = Pick<TransferPlan, 'source' | 'target'>;

/** Whether two stores may have the same keys; one cluster may be reached by two connections. v2 does not tell. */
export async function isOneCluster({ source, target }: Stores, signal?: AbortSignal): Promise<boolean> {
  if (source === target) return true;
  return (await source.clusterId?.(signal)) === (await target.clusterId?.(signal));
}

/** Whether leases of the one store mean the same in the other. */
export function sharesLeases({ source, target, oneCluster }: Stores & Pick<TransferPlan, 'oneCluster'>): boolean {
  return oneCluster && source.leases !== undefined && target.leases !== undefined;
}

/** How long the copy of a key lives: as the key itself, as far as the target knows its lease. */
export function lifetimeThere({ lease = 0n, ttl }: KeyValue, keepsLease: (lease: bigint) => boolean): Lifetime {
  if (ttl !== undefined) return { ttl: Math.max(ttl, 1) };
  return lease !== 0n && keepsLease(lease) ? { lease } : 'forever';
}

/** Whether a key at its new name is what a transfer would write there. */
export function holds(there: KeyValue, { value }: KeyValue, lifetime: Lifetime): boolean {
  if (Buffer.compare(there.value, value) !== 0) return false;
  const { lease = 0n, ttl } = there;
  if (lifetime === 'forever') return lease === 0n && ttl === undefined;
  return typeof lifetime === 'object' && 'lease' in lifetime ? lease === lifetime.lease : true;
}

/** Whether two stores have shown one and the same key: one cluster by two connections, and no write between. */
export function isSameKey(oneCluster: boolean, kv: KeyValue, there: KeyValue): boolean {
  return (
    oneCluster &&
    Buffer.compare(kv.key, there.key) === 0 &&
    kv.createRevision === there.createRevision &&
    kv.modRevision === there.modRevision
  );
}

/** Whether a key is to be transferred itself, so that nothing may be written over it. */
export function isSource({ source, target, roots }: TransferPlan, key: Uint8Array): boolean {
  return source === target && roots.some((root) => rangeContains(rangeOf(root), key));
}

/** Which keys a user's roles let a transfer reach; undefined where no restriction is known. */
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
