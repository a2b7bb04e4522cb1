import * as l10n from '@vscode/l10n';
import { EtcdError } from './errors.ts';
import { isAsExpected } from './expectation.ts';
import type {
  Change,
  Expectation,
  KeyRange,
  KeySnapshot,
  KeyStore,
  KeyValue,
  PutResult,
  TransactionResult,
} from './keyStore.ts';

/**
 * What became of a put that failed. A put is never sent twice: when its answer is lost, the key itself tells whether it arrived.
 * @throws the failure itself where it is no lost answer; else EtcdError `fateUnknown` where the key does not tell
 */
export async function settleFailedPut(
  store: Pick<KeyStore, 'get'>,
  { key, value, expected }: { readonly key: Uint8Array; readonly value: Uint8Array; readonly expected: Expectation },
  failure: unknown,
): Promise<PutResult> {
  if (!isLostAnswer(failure)) throw failure;
  let current: KeySnapshot;
  try {
    current = await store.get(key);
  } catch (cause) {
    throw new EtcdError(
      'fateUnknown',
      l10n.t(
        'The answer to this save was lost, and etcd cannot be asked whether it arrived. Your text is kept: save again later. ({0})',
        failure.message,
      ),
      { cause },
    );
  }
  if (isAsExpected(expected, current.kv))
    throw new EtcdError(
      'fateUnknown',
      l10n.t(
        'The answer to this save was lost; so far the key is unchanged. Your text is kept: save again. ({0})',
        failure.message,
      ),
      { cause: failure },
    );
  if (current.kv && Buffer.compare(current.kv.value, value) === 0)
    return { outcome: 'written', modRevision: current.kv.modRevision };
  return { outcome: 'conflict', current };
}

/** The error to report for a delete that failed: where its answer is lost, one that says how many of the keys are left. */
export async function settleFailedDelete(
  store: Pick<KeyStore, 'count'>,
  ranges: readonly KeyRange[],
  failure: unknown,
): Promise<unknown> {
  if (!isLostAnswer(failure)) return failure;
  try {
    const { keys } = await store.count(ranges);
    return new EtcdError(
      'fateUnknown',
      l10n.t(
        'The answer to this delete was lost. Asked again, etcd has {0} of these keys left. ({1})',
        keys,
        failure.message,
      ),
      { cause: failure },
    );
  } catch (cause) {
    return new EtcdError(
      'fateUnknown',
      l10n.t(
        'The answer to this delete was lost, and etcd cannot be asked what it did. Refresh later to see. ({0})',
        failure.message,
      ),
      { cause },
    );
  }
}

/**
 * What became of a transaction that failed. It was carried out whole or not at all, so that its keys tell which where nobody
 * else has written them meanwhile.
 * @throws the failure itself where it is no lost answer; else EtcdError `fateUnknown` unless all keys are as it wanted them
 */
export async function settleFailedTransaction(
  store: Pick<KeyStore, 'get' | 'capabilities'>,
  changes: readonly Change[],
  failure: unknown,
): Promise<TransactionResult> {
  if (!isLostAnswer(failure)) throw failure;
  try {
    const found: KeySnapshot[] = [];
    for (const { key } of changes) found.push(await store.get(key));
    if (changes.every((change, index) => isCarriedOut(change, found[index]?.kv)))
      return { outcome: 'done', revision: found[0]?.revision ?? 0n, previous: await readPrevious(store, changes) };
    const isUnchanged = changes.every((change, index) => isAsExpected(change.expected, found[index]?.kv));
    throw new EtcdError(
      'fateUnknown',
      isUnchanged
        ? l10n.t('The answer to this change was lost; so far nothing is changed. Try again. ({0})', failure.message)
        : l10n.t(
            'The answer to this change was lost, and its keys were written by others meanwhile: look at them before you try again. ({0})',
            failure.message,
          ),
      { cause: failure },
    );
  } catch (error) {
    if (EtcdError.is(error, 'fateUnknown')) throw error;
    throw new EtcdError(
      'fateUnknown',
      l10n.t(
        'The answer to this change was lost, and etcd cannot be asked whether it was carried out. Refresh later to see. ({0})',
        failure.message,
      ),
      { cause: error },
    );
  }
}

function isCarriedOut(change: Change, now: KeyValue | undefined): boolean {
  if (change.kind === 'check') return true;
  if (change.kind === 'delete') return now === undefined;
  return now !== undefined && !isAsExpected(change.expected, now) && Buffer.compare(now.value, change.value) === 0;
}

/** The keys as they were expected, where the store still has them. */
async function readPrevious(
  store: Pick<KeyStore, 'get' | 'capabilities'>,
  changes: readonly Change[],
): Promise<KeyValue[]> {
  const previous: KeyValue[] = [];
  if (!store.capabilities.history) return previous;
  for (const { kind, key, expected } of changes) {
    if (kind === 'check' || expected === 'absent') continue;
    try {
      const { kv } = await store.get(key, { revision: expected.modRevision });
      if (kv) previous.push(kv);
    } catch (error) {
      if (!EtcdError.is(error, 'compacted')) throw error;
    }
  }
  return previous;
}

function isLostAnswer(failure: unknown): failure is EtcdError {
  return EtcdError.is(failure) && failure.fateUnknown;
}
