import { isDeepStrictEqual } from 'node:util';
import { keysText } from '../countText.ts';
import * as l10n from '@vscode/l10n';
import { batches } from './batches.ts';
import { EtcdError } from '../errors.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import { writeGuarded, type GuardedWrite } from './guardedBatches.ts';
import type { Change, KeyStore, KeyValue, Lifetime } from '../keyStore.ts';
import { bytesOfUndone, undoneKey, type Undone, type UndoneChange } from './undone.ts';

export interface PutBackResult {
  /** Keys that are as they were before. */
  readonly restored: number;
  /** How many of the restored keys were deleted again, because the change had created them. */
  readonly removed: number;
  /** Keys that others have written or created since, and that were left alone. */
  readonly changedSince: readonly Uint8Array[];
  /** Keys that the settings have made read-only since, and that were left alone. */
  readonly locked: readonly Uint8Array[];
  /** How to undo it: the keys that were overwritten. */
  readonly overwritten: readonly UndoneChange[];
  /** How many of the restored keys no longer expire, because their lease has ended. */
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
  const locked: Uint8Array[] = [];
  const overwritten: UndoneChange[] = [];
  let restored = 0;
  let removed = 0;
  let withoutLease = 0;
  const note = (done: readonly Undone[]) => {
    restored += done.length;
    removed += done.filter((change) => 'created' in change).length;
    withoutLease += done.filter((change) => hasLost(change, alive)).length;
  };
  const settle = async (change: Undone): Promise<Undone[]> => {
    const { kv } = await store.get(undoneKey(change));
    if (!kv && 'previous' in change && change.mayHaveExpired && change.left !== 'absent')
      return [{ ...change, left: 'absent' }];
    // Restored by an earlier attempt whose answer was lost.
    if (isBack(change, kv, alive)) note([change]);
    else changedSince.push(undoneKey(change));
    return [];
  };
  const write: GuardedWrite<Undone> = {
    stepsOf: (change) => [toStep(change, alive)],
    onConflict: async (changesOfBatch, conflicts) => {
      const isMet = (change: Undone) => conflicts.has(toBinaryKey(undoneKey(change)));
      const again = changesOfBatch.filter((change) => !isMet(change));
      for (const change of changesOfBatch.filter(isMet)) again.push(...(await settle(change)));
      return again;
    },
    onWritten: (done, { revision, previous }) => {
      const put = new Set(
        done.filter((change) => !('created' in change)).map((change) => toBinaryKey(undoneKey(change))),
      );
      const left = { modRevision: revision };
      for (const each of previous) if (put.has(toBinaryKey(each.key))) overwritten.push({ previous: each, left });
      note(done);
    },
    divides: ['tooManySteps', 'readOnly'],
    onRefused: (change, error) => {
      if (error.kind !== 'readOnly') throw error;
      locked.push(undoneKey(change));
    },
  };
  try {
    for (const batch of batches(changes, store.capabilities.transactionSteps, bytesOfUndone))
      await writeGuarded(store, batch, write);
  } catch (error) {
    if (!EtcdError.is(error) || restored === 0) throw error;
    const message = l10n.t(
      'Stopped after restoring {0}: {1} Undo again for the rest.',
      keysText(restored),
      error.message,
    );
    throw new EtcdError(error.kind, message, { cause: error });
  }
  return { restored, removed, changedSince, locked, overwritten, withoutLease };
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
