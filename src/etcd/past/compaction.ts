import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { KeyStore } from '../keyStore.ts';

/** A key that does not exist, for questions about revisions only. */
const NO_KEY = Uint8Array.of(0);

/** The revisions that can be read. */
export interface KeptRevisions {
  readonly oldest: bigint;
  readonly newest: bigint;
}

/**
 * Finds the revisions that etcd keeps: from the last compaction, which no request returns and which is found by
 * halving, up to now.
 * @throws EtcdError `unsupported` if the store has no history
 */
export async function keptRevisions(store: KeyStore, signal?: AbortSignal): Promise<KeptRevisions> {
  const { key, revision: newest } = await readableKey(store, signal);
  let oldest = 1n;
  for (let kept = newest; oldest < kept;) {
    const middle = (oldest + kept) / 2n;
    if (await isKept(store, key, middle, signal)) kept = middle;
    else oldest = middle + 1n;
  }
  return { oldest, newest };
}

/** Returns the store's present revision. */
export async function newestRevision(store: KeyStore, signal?: AbortSignal): Promise<bigint> {
  return (await readableKey(store, signal)).revision;
}

/**
 * Runs a read at a revision. If that is compacted, the error says which revision is the oldest.
 * @throws EtcdError `compacted`
 */
export async function explainCompaction<T>(
  store: KeyStore,
  revision: bigint,
  signal: AbortSignal | undefined,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!EtcdError.is(error, 'compacted')) throw error;
    const { oldest } = await keptRevisions(store, signal);
    throw new EtcdError(
      'compacted',
      l10n.t(
        'Revision {0} is compacted. The oldest revision that you can browse is {1}.',
        String(revision),
        String(oldest),
      ),
      { cause: error },
    );
  }
}

async function isKept(
  store: KeyStore,
  key: Uint8Array,
  revision: bigint,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await store.get(key, { revision, signal });
    return true;
  } catch (error) {
    if (EtcdError.is(error, 'compacted')) return false;
    throw error;
  }
}

/** Returns a key that the user may read, whether or not it exists, and the present revision. */
async function readableKey(
  store: KeyStore,
  signal: AbortSignal | undefined,
): Promise<{ readonly key: Uint8Array; readonly revision: bigint }> {
  try {
    const { revision } = await store.get(NO_KEY, { signal });
    return { key: NO_KEY, revision };
  } catch (error) {
    if (!EtcdError.is(error, 'permissionDenied')) throw error;
    const [range] = (await store.permitted?.('read', signal)) ?? [];
    if (!range) throw error;
    const { revision } = await store.get(range.start, { signal });
    return { key: range.start, revision };
  }
}
