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

/** A change, or a key that was created and is to be deleted again. */
export type Undone = UndoneChange | { readonly created: Uint8Array; readonly left: { readonly modRevision: bigint } };

export interface PutBackResult {
  /** Keys that are as they were before. */
  readonly restored: number;
  /** Of these, keys that the change had created, and that are gone again. */
  readonly removed: number;
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
    for (const batch of batches(changes, store.capabilities.transactionSteps, bytesOf))
      await putBatch(store, batch, alive, take);
  } catch (error) {
    if (!EtcdError.is(error) || restored === 0) throw error;
    const message = l10n.t(
      '{0} keys were restored before this happened: {1} Undo again for the rest.',
      restored,
      error.message,
    );
    throw new EtcdError(error.kind, message, { cause: error });
  }
  return { restored, removed, changedSince, overwritten, withoutLease };
}

/** The key that was changed or created. */
export function undoneKey(change: Undone): Uint8Array {
  return 'created' in change ? change.created : change.previous.key;
}

interface BatchResult {
  readonly done: readonly Undone[];
  readonly conflicts: readonly Uint8Array[];
  readonly overwritten: readonly UndoneChange[];
}

/** In one transaction, or in several where the server turns out to take fewer steps. */
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
    for (const change of hit) {
      const { kv } = await store.get(undoneKey(change));
      // Restored by an earlier try whose answer did not come.
      if (isBack(change, kv)) done.push(change);
      else conflicts.push(undoneKey(change));
    }
    open = rest;
  }
  return { done, conflicts, overwritten: [] };
}

function toStep(change: Undone, alive: ReadonlySet<bigint>): Change {
  if ('created' in change) return { kind: 'delete', key: change.created, expected: change.left };
  const { previous, left, lifetime = lifetimeOf(previous, alive) } = change;
  return { kind: 'put', key: previous.key, value: previous.value, expected: left, lifetime };
}

function isBack(change: Undone, now: KeyValue | undefined): boolean {
  if ('created' in change) return now === undefined;
  return now !== undefined && Buffer.compare(now.value, change.previous.value) === 0;
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

function bytesOf(change: Undone): number {
  return undoneKey(change).length + ('created' in change ? 0 : change.previous.value.length);
}

function nameOf(change: Undone): string {
  return hex(undoneKey(change));
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}
