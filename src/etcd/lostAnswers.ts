import * as l10n from '@vscode/l10n';
import { EtcdError } from './errors.ts';
import type { Expectation, KeyRange, KeySnapshot, KeyStore, PutResult } from './keyStore.ts';

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
  const unchanged = expected === 'absent' ? !current.kv : current.kv?.modRevision === expected.modRevision;
  if (unchanged)
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

function isLostAnswer(failure: unknown): failure is EtcdError {
  return EtcdError.is(failure) && failure.fateUnknown;
}
