import * as l10n from '@vscode/l10n';
import { batches } from './batches.ts';
import { EtcdError } from './errors.ts';
import type { Change, KeyRange, KeyStore, KeyValue, Lifetime } from './keyStore.ts';

export interface TransferRequest {
  readonly source: KeyRange;
  /** The new name of a key of the source. */
  readonly newKey: (key: Uint8Array) => Uint8Array;
  /** Delete each key in the same step that creates its copy. */
  readonly move: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, total: number) => void;
}

export interface TransferResult {
  readonly done: number;
  /** Their new names were taken; they are as they were. */
  readonly taken: readonly Uint8Array[];
  /** Others changed or deleted them meanwhile; they were not touched. */
  readonly changed: readonly Uint8Array[];
}

/**
 * Copies or moves the keys of a range to new names of the same store, keeping their leases. Overwrites nothing, and deletes no
 * key but in the transaction that creates its copy (with v2, which has none: after it). Called again after a failure it goes on.
 * @throws EtcdError that says how many keys were done before
 */
export async function transfer(store: KeyStore, request: TransferRequest): Promise<TransferResult> {
  const taken: Uint8Array[] = [];
  const changed: Uint8Array[] = [];
  let done = 0;
  try {
    for await (const { kvs, total } of store.scan(request.source, { values: true, signal: request.signal }))
      for (const batch of batches(kvs, keysPerTransaction(store), bytesOf)) {
        if (request.signal?.aborted) throw new EtcdError('cancelled', l10n.t('Cancelled.'));
        const left = await transferBatch(store, request, batch);
        taken.push(...left.taken);
        changed.push(...left.changed);
        done += batch.length - left.taken.length - left.changed.length;
        request.progress?.(done, total);
      }
  } catch (error) {
    if (!EtcdError.is(error) || done === 0) throw error;
    const message = request.move
      ? l10n.t('{0} keys were moved before this happened, the others are where they were: {1}', done, error.message)
      : l10n.t('{0} keys were copied before this happened: {1}', done, error.message);
    throw new EtcdError(error.kind === 'cancelled' ? 'unexpected' : error.kind, message, { cause: error });
  }
  return { done, taken, changed };
}

/** A key takes two steps: its new name, and its old one. */
function keysPerTransaction({ capabilities: { transactionSteps } }: KeyStore): number {
  return Math.max(1, Math.floor(transactionSteps / 2));
}

async function transferBatch(
  store: KeyStore,
  request: TransferRequest,
  batch: readonly KeyValue[],
): Promise<{ readonly taken: readonly Uint8Array[]; readonly changed: readonly Uint8Array[] }> {
  const taken: Uint8Array[] = [];
  const changed: Uint8Array[] = [];
  for (let open = batch; open.length > 0;) {
    const conflicts = await transact(
      store,
      open.flatMap((kv) => steps(kv, request)),
    );
    if (conflicts.size === 0) break;
    for (const kv of open) {
      if (conflicts.has(nameOf(request.newKey(kv.key)))) taken.push(kv.key);
      else if (conflicts.has(nameOf(kv.key))) changed.push(kv.key);
    }
    open = open.filter(({ key }) => !conflicts.has(nameOf(request.newKey(key))) && !conflicts.has(nameOf(key)));
  }
  return { taken, changed };
}

/** All steps in one transaction, or where there is none one after the other, up to the first conflict. */
async function transact(store: KeyStore, changes: readonly Change[]): Promise<ReadonlySet<string>> {
  const single = store.capabilities.transactionSteps < 2;
  for (const part of single ? changes.map((change) => [change]) : [changes]) {
    const result = await store.transact(part);
    if (result.outcome === 'conflict') return new Set(result.conflicts.map(({ key }) => nameOf(key)));
  }
  return new Set();
}

function steps(kv: KeyValue, { newKey, move }: TransferRequest): readonly Change[] {
  const expected = { modRevision: kv.modRevision };
  return [
    { kind: 'put', key: newKey(kv.key), value: kv.value, expected: 'absent', lifetime: lifetimeOf(kv) },
    move ? { kind: 'delete', key: kv.key, expected } : { kind: 'check', key: kv.key, expected },
  ];
}

function lifetimeOf({ lease = 0n, ttl }: KeyValue): Lifetime {
  if (ttl !== undefined) return { ttl };
  return lease === 0n ? 'forever' : { lease };
}

/** With room for the old and the new name. */
function bytesOf({ key, value }: KeyValue): number {
  return 3 * key.length + value.length;
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}
