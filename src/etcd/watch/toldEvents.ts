import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { KeyRange, KeyStore, WatchBatch } from '../keyStore.ts';

/** etcd tells what was in parts of so many revisions with events of the watch. */
const REVISIONS_AT_ONCE = 1000;
/** Nothing more comes where nothing came for so long, in milliseconds. */
export const QUIET = 3000;
/** What etcd has to look through before it has something to tell, in milliseconds for each revision that it keeps. */
const QUIET_OF_A_REVISION = 0.01;

export interface ToldBatch extends WatchBatch {
  /** The revision from which on events are told: a v2 store may have fewer than was asked for. */
  readonly from: bigint;
  /**
   * Of the last one: the present is reached, or `quiet`: nothing more came for a while, from a store that does not tell where
   * the present begins.
   */
  readonly end?: 'reached' | 'quiet';
}

export interface ToldOptions {
  readonly from: bigint;
  /** The present: what comes after it is not waited for. */
  readonly last: bigint;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The events of a range that etcd still knows, by a watch that ends with the present. Where a store does not say when it has told
 * all (`tellsEnd`), fewer revisions than it tells at once are the last ones, and it ends where nothing comes for some seconds.
 * @throws EtcdError
 */
export async function* toldEvents(
  store: KeyStore,
  range: KeyRange,
  { from, last, signal }: ToldOptions,
): AsyncGenerator<ToldBatch> {
  const { tellsEnd, history } = store.capabilities;
  const done = new AbortController();
  const quiet = QUIET + Number(last - from) * QUIET_OF_A_REVISION;
  let timer: NodeJS.Timeout | undefined;
  let isQuiet = false;
  const waitForMore = () => {
    if (tellsEnd) return;
    timer = setTimeout(() => {
      isQuiet = true;
      done.abort();
    }, quiet);
  };
  const isEnd = ({ revision, events }: WatchBatch) =>
    revision >= last || (history && !tellsEnd && events.length > 0 && events.length < REVISIONS_AT_ONCE);
  try {
    const watch = store.watch(range, {
      fromRevision: from,
      catchUp: true,
      // Whoever is cut off from etcd hears nothing, which says nothing.
      interrupted: () => clearTimeout(timer),
      signal: signal ? AbortSignal.any([signal, done.signal]) : done.signal,
    });
    let isFirst = true;
    for await (const batch of watch) {
      clearTimeout(timer);
      const isBeginning = isFirst && batch.events.length === 0;
      isFirst = false;
      if (!isBeginning) {
        if (isEnd(batch)) return yield { ...batch, from, end: 'reached' };
        yield { ...batch, from };
      }
      waitForMore();
    }
  } catch (error) {
    const { oldestRevision = 0n } = EtcdError.is(error, 'compacted') ? error : {};
    if (history || oldestRevision <= from) throw error;
    // Fewer events are kept than there were indexes: etcd says from which one on.
    return yield* toldEvents(store, range, { from: oldestRevision, last, signal });
  } finally {
    clearTimeout(timer);
    done.abort();
  }
  if (signal?.aborted) throw new EtcdError('cancelled', l10n.t('Cancelled.'));
  if (isQuiet) yield { revision: last, events: [], from, end: 'quiet' };
}
