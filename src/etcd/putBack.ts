import * as l10n from '@vscode/l10n';
import { batches } from './batches.ts';
import { EtcdError } from './errors.ts';
import type { Change, Expectation, KeyStore, KeyValue, Lifetime } from './keyStore.ts';

/** A key as it was before a change, and how that change left it. */
export interface UndoneChange {
  readonly previous: KeyValue;
  readonly left: Expectation;
  /** The lease or time to live that it had, as far as that lives, unless this says otherwise. */
  readonly lifetime?: Lifetime;
}

export interface PutBackResult {
  readonly restored: number;
  /** Keys that others have written or created since; nothing was done to them. */
  readonly changedSince: readonly Uint8Array[];
  /** How to undo it: what was overwritten. */
  readonly overwritten: readonly UndoneChange[];
  /** Of the restored ones: their lease has ended, so that they live for good now. */
  readonly withoutLease: number;
}

/**
 * Puts keys back as they were, each only if it still is as the change left it. Calling it again after a failure completes it.
 * @throws EtcdError that says how many were restored before
 */
export async function putBack(store: KeyStore, changes: readonly UndoneChange[]): Promise<PutBackResult> {
  const alive = await livingLeases(store, changes);
  const changedSince: Uint8Array[] = [];
  const overwritten: UndoneChange[] = [];
  let restored = 0;
  let withoutLease = 0;
  try {
    for (const batch of batches(changes, store.capabilities.transactionSteps, bytesOf)) {
      const { done, conflicts, ...others } = await putBatch(store, batch, alive);
      overwritten.push(...others.overwritten);
      restored += done.length;
      withoutLease += done.filter((change) => hasLost(change, alive)).length;
      changedSince.push(...conflicts);
    }
  } catch (error) {
    if (!EtcdError.is(error) || restored === 0) throw error;
    const message = l10n.t(
      '{0} keys were restored before this happened: {1} Undo again for the rest.',
      restored,
      error.message,
    );
    throw new EtcdError(error.kind, message, { cause: error });
  }
  return { restored, changedSince, overwritten, withoutLease };
}

async function putBatch(
  store: KeyStore,
  batch: readonly UndoneChange[],
  alive: ReadonlySet<bigint>,
): Promise<{
  readonly done: readonly UndoneChange[];
  readonly conflicts: readonly Uint8Array[];
  readonly overwritten: readonly UndoneChange[];
}> {
  let open = batch;
  const conflicts: Uint8Array[] = [];
  const done: UndoneChange[] = [];
  while (open.length > 0) {
    const result = await store.transact(open.map((change) => toPut(change, alive)));
    if (result.outcome === 'done') {
      const left = { modRevision: result.revision };
      const overwritten = result.previous.map((previous) => ({ previous, left }));
      return { done: [...done, ...open], conflicts, overwritten };
    }
    const names = new Set(result.conflicts.map(({ key }) => Buffer.from(key).toString('hex')));
    const [hit, rest] = [
      open.filter((each) => names.has(nameOf(each))),
      open.filter((each) => !names.has(nameOf(each))),
    ];
    for (const change of hit) {
      const { kv } = await store.get(change.previous.key);
      // Restored by an earlier try whose answer did not come.
      if (kv && Buffer.compare(kv.value, change.previous.value) === 0) done.push(change);
      else conflicts.push(change.previous.key);
    }
    open = rest;
  }
  return { done, conflicts, overwritten: [] };
}

function toPut({ previous, left, lifetime }: UndoneChange, alive: ReadonlySet<bigint>): Change {
  return {
    kind: 'put',
    key: previous.key,
    value: previous.value,
    expected: left,
    lifetime: lifetime ?? lifetimeOf(previous, alive),
  };
}

function lifetimeOf({ lease = 0n, ttl }: KeyValue, alive: ReadonlySet<bigint>): Lifetime {
  if (ttl !== undefined) return { ttl };
  return alive.has(lease) ? { lease } : 'forever';
}

function hasLost({ previous: { lease = 0n }, lifetime }: UndoneChange, alive: ReadonlySet<bigint>): boolean {
  return lifetime === undefined && lease !== 0n && !alive.has(lease);
}

async function livingLeases({ leases }: KeyStore, changes: readonly UndoneChange[]): Promise<Set<bigint>> {
  const alive = new Set<bigint>();
  const asked = new Set(changes.flatMap(({ previous: { lease = 0n } }) => (lease === 0n ? [] : [lease])));
  for (const lease of asked) if ((await leases?.timeToLive(lease)) !== undefined) alive.add(lease);
  return alive;
}

function bytesOf({ previous: { key, value } }: UndoneChange): number {
  return key.length + value.length;
}

function nameOf({ previous }: UndoneChange): string {
  return Buffer.from(previous.key).toString('hex');
}
