import * as l10n from '@vscode/l10n';
import { throwIfAborted } from '../cancelled.ts';
import { keysText } from '../countText.ts';
import { EtcdError } from '../errors.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import type { Change, KeyStore } from '../keyStore.ts';
import { batches } from '../writes/batches.ts';
import { writeGuarded } from '../writes/guardedBatches.ts';
import type { FilePart } from './fileEntry.ts';

/** Size of a delete in a transaction, which sends no value. */
const BYTES_OF_A_STEP = 100;

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
