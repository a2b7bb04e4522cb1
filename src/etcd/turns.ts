import { toBinaryKey } from './keys/binaryKey.ts';

/** What says whether a key waits in a line. */
interface LeasedKey {
  readonly key: Uint8Array;
  readonly lease?: bigint | undefined;
  readonly createRevision: bigint;
}

/**
 * Returns the place in line of a key of a lock or an election of etcd's own packages, see `Child.turn`; undefined for
 * any other key. They name each key after its lease in hexadecimal, below the name of what is locked.
 */
export function turnOf({ key, lease = 0n, createRevision }: LeasedKey): bigint | undefined {
  return lease !== 0n && toBinaryKey(key).endsWith(`/${lease.toString(16)}`) ? createRevision : undefined;
}

/** Returns the turns of those keys that have one, by binary key; undefined if none has. */
export function turnsOf(kvs: readonly LeasedKey[]): ReadonlyMap<string, bigint> | undefined {
  const turns = new Map<string, bigint>();
  for (const kv of kvs) {
    const turn = turnOf(kv);
    if (turn !== undefined) turns.set(toBinaryKey(kv.key), turn);
  }
  return turns.size > 0 ? turns : undefined;
}
