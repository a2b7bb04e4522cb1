import { throwIfAborted } from '../cancelled.ts';
import * as l10n from '@vscode/l10n';
import { keysText } from '../countText.ts';
import { batches } from './batches.ts';
import { EtcdError } from '../errors.ts';
import type { FilePart } from '../keyFiles/fileEntry.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import { writeGuarded } from './guardedBatches.ts';
import type { Change, DeleteOptions, KeyRange, KeyStore, KeyValue } from '../keyStore.ts';

/** Ranges deleted at a time: etcd's default of `--max-txn-ops`; also used without transactions. */
const MAX_RANGES = 128;
/** Size of a delete in a transaction, which sends no value. */
const BYTES_OF_A_STEP = 100;

/** Counts the keys of all ranges together; returns the revision of the first count too. */
export async function countRanges(
  store: KeyStore,
  ranges: readonly KeyRange[],
): Promise<{ readonly keys: number; readonly revision: bigint }> {
  let keys = 0;
  let revision = 0n;
  for (let start = 0; start < ranges.length; start += MAX_RANGES) {
    const counted = await store.count(ranges.slice(start, start + MAX_RANGES));
    keys += counted.keys;
    revision ||= counted.revision;
  }
  return { keys, revision };
}

/** Whether keys and values of the ranges have at most this many bytes; reads no more than needed. */
export async function fitInto(store: KeyStore, ranges: readonly KeyRange[], bytes: number): Promise<boolean> {
  let left = bytes;
  for (const range of ranges)
    for await (const { kvs } of store.scan(range, { values: true })) {
      for (const { key, value } of kvs) left -= key.length + value.length;
      if (left < 0) return false;
    }
  return true;
}

/**
 * Deletes ranges, with as many in one transaction as the server accepts.
 * @param gathered receives the deleted keys if `options.previous` asks for them, even those of the finished part of a
 * failed delete
 * @returns `changed` if keys of some ranges were written since `options.unchangedSince`; these and the following ranges
 * stay
 * @throws EtcdError that says how many keys were deleted before
 */
export async function deleteRanges(
  store: KeyStore,
  ranges: readonly KeyRange[],
  options: DeleteOptions,
  gathered: KeyValue[],
): Promise<'deleted' | 'changed'> {
  let deleted = 0;
  const { transactionSteps } = store.capabilities;
  let most = transactionSteps > 1 ? Math.min(transactionSteps, MAX_RANGES) : MAX_RANGES;
  for (let start = 0; start < ranges.length;) {
    const part = ranges.slice(start, start + most);
    try {
      const result = await store.delete(part, options);
      if (result.outcome === 'changed') return 'changed';
      deleted += result.keys ?? 0;
      for (const kv of result.previous ?? []) gathered.push(kv);
      start += part.length;
    } catch (error) {
      // Refused before anything was done.
      if (EtcdError.is(error, 'tooManySteps') && part.length > 1) {
        most = Math.ceil(part.length / 2);
        continue;
      }
      if (!EtcdError.is(error) || deleted === 0) throw error;
      throw new EtcdError(
        error.kind,
        l10n.t('Only {0} deleted before this happened: {1}', keysText(deleted), error.message),
        { cause: error },
      );
    }
  }
  return 'deleted';
}

export interface DeletedEntries {
  readonly deleted: number;
  /** Number of keys that stay, because others have written them since. */
  readonly left: number;
}

/**
 * Deletes exactly the keys of a file, each only if it is still as in the file (which must have `modRevision`), in
 * transactions of the store's size.
 * @throws EtcdError that says how many were deleted before; another call deletes the rest
 */
export async function deleteEntries(
  store: KeyStore,
  file: AsyncIterable<FilePart>,
  { signal, progress }: { readonly signal?: AbortSignal; readonly progress?: (done: number) => void } = {},
): Promise<DeletedEntries> {
  let deleted = 0;
  let left = 0;
  try {
    for await (const part of file) {
      if (!('entries' in part)) continue;
      const changes = part.entries.map(({ key, modRevision = 0n }) => ({
        kind: 'delete' as const,
        key,
        expected: { modRevision },
      }));
      for (const batch of batches(
        changes,
        store.capabilities.transactionSteps,
        ({ key }) => 2 * key.length + BYTES_OF_A_STEP,
      )) {
        throwIfAborted(signal);
        const conflicts = await deleteBatch(store, batch);
        deleted += batch.length - conflicts;
        left += conflicts;
        progress?.(deleted);
      }
    }
  } catch (error) {
    if (!EtcdError.is(error) || deleted === 0) throw error;
    const message = l10n.t('Only {0} deleted before this happened: {1}', keysText(deleted), error.message);
    throw new EtcdError(error.kind === 'cancelled' ? 'unexpected' : error.kind, message, { cause: error });
  }
  return { deleted, left };
}

/** Deletes a batch; returns the number of keys that are not as expected. */
async function deleteBatch(store: KeyStore, batch: readonly Change[]): Promise<number> {
  let left = 0;
  await writeGuarded(store, batch, {
    stepsOf: (change) => [change],
    onConflict: (items, conflicts) => {
      left += conflicts.size;
      return Promise.resolve(items.filter(({ key }) => !conflicts.has(toBinaryKey(key))));
    },
    onWritten: () => undefined,
    divides: ['tooManySteps'],
    onRefused: (_, error) => {
      throw error;
    },
  });
  return left;
}
