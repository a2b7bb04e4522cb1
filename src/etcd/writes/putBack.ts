import { isDeepStrictEqual } from 'node:util';
import { keysText } from '../countText.ts';
import * as l10n from '@vscode/l10n';
import { batches } from './batches.ts';
import { EtcdError } from '../errors.ts';
import type { Change, KeyStore, KeyValue, Lifetime } from '../keyStore.ts';
import { bytesOfUndone, undoneKey, type Undone, type UndoneChange } from './undone.ts';

export interface PutBackResult {
  /** Keys that are as they were before. */
  readonly restored: number;
  /** Of these: keys that the change had created and that are deleted again. */
  readonly removed: number;
  /** Keys that others have written or created since, and that were left alone. */
  readonly changedSince: readonly Uint8Array[];
  /** How to undo it: the keys that were overwritten. */
  readonly overwritten: readonly UndoneChange[];
  /** Of the restored ones: keys that no longer expire, because their lease has ended. */
  readonly withoutLease: number;
}

/**
 * Restores keys as they were, each only if it is still as the change left it. Another call after a failure completes
 * it.
 * @throws EtcdError that says how many were restored before
 */
export async function putBack(store: KeyStore, changes: readonly Undone[]): Promise<PutBackResult> {
  const alive = await livingLeases(store, changes);
  const changedSince: Uint8Array[] = [];
  const overwritten: UndoneChange[] = [];
  let restored = 0;
  let removed = 0;
  let withoutLease = 0;
  const take = (result: BatchResult) => {
    overwritten.push(...result.overwritten);
    restored += result.done.length;
    removed += result.done.filter((change) => 'created' in change).length;
    withoutLease += result.done.filter((change) => hasLost(change, alive)).length;
    changedSince.push(...result.conflicts);
  };
  try {
    for (const batch of batches(changes, store.capabilities.transactionSteps, bytesOfUndone))
      await putBatch(store, batch, alive, take);
  } catch (error) {
    if (!EtcdError.is(error) || restored === 0) throw error;
    const message = l10n.t(
      'Stopped after restoring {0}: {1} Undo again for the rest.',
      keysText(restored),
      error.message,
    );
    throw new EtcdError(error.kind, message, { cause: error });
  }
  return { restored, removed, changedSince, overwritten, withoutLease };
}

interface BatchResult {
  readonly done: readonly Undone[];
  readonly conflicts: readonly Uint8Array[];
  readonly overwritten: readonly UndoneChange[];
}

/** Restores a batch in one transaction, or in several if the server accepts fewer steps. */
async function putBatch(
  store: KeyStore,
  batch: readonly Undone[],
  alive: ReadonlySet<bigint>,
  take: (result: BatchResult) => void,
): Promise<void> {
  try {
    take(await putAll(store, batch, alive));
  } catch (error) {
    if (!EtcdError.is(error, 'tooManySteps') || batch.length < 2) throw error;
    const middle = Math.ceil(batch.length / 2);
    await putBatch(store, batch.slice(0, middle), alive, take);
    await putBatch(store, batch.slice(middle), alive, take);
  }
}

async function putAll(store: KeyStore, batch: readonly Undone[], alive: ReadonlySet<bigint>): Promise<BatchResult> {
  let open = batch;
  const conflicts: Uint8Array[] = [];
  const done: Undone[] = [];
  while (open.length > 0) {
    const result = await store.transact(open.map((change) => toStep(change, alive)));
    if (result.outcome === 'done') {
      const left = { modRevision: result.revision };
      const put = new Set(open.filter((change) => !('created' in change)).map(nameOf));
      const overwritten = result.previous
        .filter(({ key }) => put.has(hex(key)))
        .map((previous) => ({ previous, left }));
      return { done: [...done, ...open], conflicts, overwritten };
    }
    const names = new Set(result.conflicts.map(({ key }) => hex(key)));
    const [hit, rest] = [
      open.filter((each) => names.has(nameOf(each))),
      open.filter((each) => !names.has(nameOf(each))),
    ];
    const expired: Undone[] = [];
    for (const change of hit) {
      const { kv } = await store.get(undoneKey(change));
      if (!kv && 'previous' in change && change.mayHaveExpired && change.left !== 'absent')
        expired.push({ ...change, left: 'absent' });
      // Restored by an earlier attempt whose answer was lost.
      else if (isBack(change, kv, alive)) done.push(change);
      else conflicts.push(undoneKey(change));
    }
    open = [...rest, ...expired];
  }
  return { done, conflicts, overwritten: [] };
}

function toStep(change: Undone, alive: ReadonlySet<bigint>): Change {
  if ('created' in change) return { kind: 'delete', key: change.created, expected: change.left };
  const { previous, left, lifetime = lifetimeOf(previous, alive) } = change;
  return { kind: 'put', key: previous.key, value: previous.value, expected: left, lifetime };
}

function isBack(change: Undone, now: KeyValue | undefined, alive: ReadonlySet<bigint>): boolean {
  if ('created' in change) return now === undefined;
  if (!now || Buffer.compare(now.value, change.previous.value) !== 0) return false;
  return !change.mayHaveExpired || isDeepStrictEqual(lifetimeOf(now, alive), lifetimeOf(change.previous, alive));
}

function lifetimeOf({ lease = 0n, ttl }: KeyValue, alive: ReadonlySet<bigint>): Lifetime {
  if (ttl !== undefined) return { ttl };
  return alive.has(lease) ? { lease } : 'forever';
}

function leaseOf(change: Undone): bigint {
  return 'created' in change ? 0n : (change.previous.lease ?? 0n);
}

function hasLost(change: Undone, alive: ReadonlySet<bigint>): boolean {
  const lease = leaseOf(change);
  return !('lifetime' in change && change.lifetime !== undefined) && lease !== 0n && !alive.has(lease);
}

async function livingLeases({ leases }: KeyStore, changes: readonly Undone[]): Promise<Set<bigint>> {
  const alive = new Set<bigint>();
  const asked = new Set(changes.map(leaseOf).filter((lease) => lease !== 0n));
  for (const lease of asked) if ((await leases?.timeToLive(lease)) !== undefined) alive.add(lease);
  return alive;
}

function nameOf(change: Undone): string {
  return hex(undoneKey(change));
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}
