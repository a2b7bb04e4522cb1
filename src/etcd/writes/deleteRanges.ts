import * as l10n from '@vscode/l10n';
import { keysText } from '../countText.ts';
import { EtcdError } from '../errors.ts';
import type { DeleteOptions, KeyRange, KeyStore, KeyValue } from '../keyStore.ts';

/** Ranges deleted at a time: etcd's default of `--max-txn-ops`; also used without transactions. */
const MAX_RANGES = 128;

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
