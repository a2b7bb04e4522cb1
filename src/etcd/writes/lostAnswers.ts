import { keyAt } from '../past/keyAt.ts';
import * as l10n from '@vscode/l10n';
import { EtcdError, type EtcdErrorKind } from '../errors.ts';
import { isAsExpected } from './expectation.ts';
import type {
  Change,
  DeleteResult,
  Expectation,
  KeyRange,
  KeySnapshot,
  KeyStore,
  KeyValue,
  Lifetime,
  PutResult,
  TransactionResult,
} from '../keyStore.ts';

// See docs/contributing/decisions/writes.md

/** Failures that are etcd's own answer: if the write is not visible after one of these, it will not happen any more. */
const ANSWERED: readonly EtcdErrorKind[] = ['quotaExceeded', 'requestTooLarge'];

/** A write of one key, with the lease that was sent. */
export interface SentPut {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly expected: Expectation;
  readonly lifetime: Lifetime;
  /** Whether the earlier key is wanted. */
  readonly previous?: boolean;
}

/**
 * Finds out what became of a failed put. A put is never sent twice: unless it certainly was not carried out, the key
 * itself shows what happened.
 * @throws the failure itself if the put was not carried out; EtcdError `fateUnknown` if the key does not show it
 */
export async function settleFailedPut(
  store: Pick<KeyStore, 'get' | 'capabilities'>,
  put: SentPut,
  failure: unknown,
): Promise<PutResult> {
  if (!isLostAnswer(failure)) throw failure;
  const { message } = failure;
  const change = { kind: 'put', ...put } as const;
  let current: KeySnapshot;
  try {
    current = await store.get(put.key);
  } catch (cause) {
    throw new EtcdError(
      'fateUnknown',
      l10n.t(
        'The answer to this save was lost, and etcd cannot be asked whether it arrived. Your text is kept: save again later. ({0})',
        message,
      ),
      { cause },
    );
  }
  if (isAsExpected(put.expected, current.kv)) {
    if (EtcdError.is(failure, ...ANSWERED)) throw EtcdError.notCarriedOut(failure);
    throw new EtcdError(
      'fateUnknown',
      l10n.t(
        'The answer to this save was lost; so far the key is unchanged. Your text is kept: save again. ({0})',
        message,
      ),
      { cause: failure },
    );
  }
  if (!current.kv || !isCarriedOut(change, current.kv)) return { outcome: 'conflict', current };
  const [previous] = put.previous ? await readPrevious(store, [change]).catch(() => []) : [];
  return { outcome: 'written', modRevision: current.kv.modRevision, ...(previous && { previous }) };
}

/**
 * Finds out what became of a failed delete.
 * @param gone the keys that existed before, as far as known; read only if none of them is left
 * @throws the failure itself if the delete was not carried out; EtcdError `fateUnknown` if some keys are left, or the
 * store does not show it
 */
export async function settleFailedDelete(
  store: Pick<KeyStore, 'count'>,
  ranges: readonly KeyRange[],
  failure: unknown,
  gone: () => Promise<Omit<DeleteResult & { readonly outcome: 'deleted' }, 'outcome'> | undefined>,
): Promise<DeleteResult> {
  if (!isLostAnswer(failure)) throw failure;
  let left: number;
  try {
    ({ keys: left } = await store.count(ranges));
    const known = left === 0 ? await gone() : undefined;
    if (known) return { outcome: 'deleted', ...known };
  } catch (cause) {
    throw new EtcdError(
      'fateUnknown',
      l10n.t(
        'The answer to this delete was lost, and etcd cannot be asked what it did. Refresh later to see. ({0})',
        failure.message,
      ),
      { cause },
    );
  }
  throw new EtcdError(
    'fateUnknown',
    l10n.t(
      'The answer to this delete was lost. Asked again, etcd has {0} of these keys left. ({1})',
      left,
      failure.message,
    ),
    { cause: failure },
  );
}

/**
 * Finds out what became of a failed transaction. It was carried out completely or not at all, so its keys tell which,
 * unless someone else has written them.
 * @throws the failure itself if it was not carried out; EtcdError `fateUnknown` unless all keys are as it wanted them
 */
export async function settleFailedTransaction(
  store: Pick<KeyStore, 'get' | 'capabilities'>,
  changes: readonly Change[],
  failure: unknown,
): Promise<TransactionResult> {
  if (!isLostAnswer(failure)) throw failure;
  let isUnchanged: boolean;
  try {
    const found: KeySnapshot[] = [];
    for (const { key } of changes) found.push(await store.get(key));
    const revision = revisionOf(changes, found);
    if (revision !== undefined) return { outcome: 'done', revision, previous: await readPrevious(store, changes) };
    isUnchanged = changes.every((change, index) => isAsExpected(change.expected, found[index]?.kv));
  } catch (error) {
    throw new EtcdError(
      'fateUnknown',
      l10n.t(
        'The answer to this change was lost, and etcd cannot be asked whether it was carried out. Refresh later to see. ({0})',
        failure.message,
      ),
      { cause: error },
    );
  }
  const { message } = failure;
  if (isUnchanged && EtcdError.is(failure, ...ANSWERED)) throw EtcdError.notCarriedOut(failure);
  throw new EtcdError(
    'fateUnknown',
    isUnchanged
      ? l10n.t('The answer to this change was lost; so far nothing is changed. Try again. ({0})', message)
      : l10n.t(
          'The answer to this change was lost, and others have written its keys since: check them before you try again. ({0})',
          message,
        ),
    { cause: failure },
  );
}

/**
 * Finds out what became of a failed write whose answer has no content; returns if it was carried out.
 * @throws the failure itself otherwise
 */
export async function settleByLooking(failure: unknown, isDone: () => Promise<boolean>): Promise<void> {
  if (isLostAnswer(failure) && (await isDone().catch(() => false))) return;
  throw failure;
}

/**
 * Returns the transaction's revision if it was carried out, otherwise undefined. All its puts have that revision at
 * their keys; an answer's header has the revision of the latest write of anyone. Deletes alone leave no revision: 0n.
 */
function revisionOf(changes: readonly Change[], found: readonly KeySnapshot[]): bigint | undefined {
  if (!changes.every((change, index) => isCarriedOut(change, found[index]?.kv))) return undefined;
  const revisions = changes.flatMap(({ kind }, index) => (kind === 'put' ? (found[index]?.kv?.modRevision ?? 0n) : []));
  return new Set(revisions).size > 1 ? undefined : (revisions[0] ?? 0n);
}

function isCarriedOut(change: Change, now: KeyValue | undefined): boolean {
  if (change.kind === 'check') return true;
  if (change.kind === 'delete') return now === undefined;
  const { expected, value, lifetime } = change;
  return (
    now !== undefined &&
    !isAsExpected(expected, now) &&
    Buffer.compare(now.value, value) === 0 &&
    hasLifetime(now, lifetime)
  );
}

/**
 * Whether a key has the lifetime that was sent. A time to live was granted as a lease before the write; what "keep"
 * kept is unknown by now.
 */
function hasLifetime({ lease = 0n }: KeyValue, lifetime: Lifetime = 'keep'): boolean {
  if (lifetime === 'forever') return lease === 0n;
  return typeof lifetime !== 'object' || !('lease' in lifetime) || lease === lifetime.lease;
}

/** Reads the keys as they were expected, if the store still has them. */
async function readPrevious(
  store: Pick<KeyStore, 'get' | 'capabilities'>,
  changes: readonly Change[],
): Promise<KeyValue[]> {
  const previous: KeyValue[] = [];
  if (!store.capabilities.history) return previous;
  for (const { kind, key, expected } of changes) {
    if (kind === 'check' || expected === 'absent') continue;
    const kv = await keyAt(store, key, expected.modRevision);
    if (kv) previous.push(kv);
  }
  return previous;
}

function isLostAnswer(failure: unknown): failure is EtcdError {
  return EtcdError.is(failure) && failure.fateUnknown;
}
