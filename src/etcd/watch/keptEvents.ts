import { throwIfAborted } from '../cancelled.ts';
import { EtcdError } from '../errors.ts';
import type { KeyRange, KeyStore, WatchBatch } from '../keyStore.ts';

// See docs/contributing/decisions/past.md

/** etcd sends history in answers with up to this many revisions of events. */
const REVISIONS_AT_ONCE = 1000;
/** Milliseconds without an answer after which history counts as complete. */
export const QUIET = 3000;
/** Additional milliseconds for each kept revision, which etcd has to search. */
const QUIET_OF_A_REVISION = 0.01;

export interface KeptBatch extends WatchBatch {
  /** First revision of the events: a v2 store may have fewer than requested. */
  readonly from: bigint;
  /**
   * Set in the last batch. `reached`: the present is reached; `quiet`: a store that does not report the present sent
   * nothing more for a while.
   */
  readonly end?: 'reached' | 'quiet';
}

export interface KeptEventsOptions {
  readonly from: bigint;
  /** The present; later events are not waited for. */
  readonly last: bigint;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Yields the events of a range that etcd still has, with a watch that ends at the present. If a store does not report
 * that its watch has caught up (`tellsEnd`), an answer with fewer revisions than the maximum is the last one, and so is
 * a silence of some seconds.
 * @throws EtcdError
 */
export async function* keptEvents(
  store: KeyStore,
  range: KeyRange,
  { from, last, signal }: KeptEventsOptions,
): AsyncGenerator<KeptBatch> {
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
  const isEnd = ({ revision, answered }: WatchBatch) =>
    revision >= last || (history && !tellsEnd && answered !== undefined && answered < REVISIONS_AT_ONCE);
  try {
    const watch = store.watch(range, {
      fromRevision: from,
      catchUp: true,
      // While the connection is interrupted, silence means nothing.
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
    // v2 keeps fewer events than indexes: etcd says which index is the first.
    return yield* keptEvents(store, range, { from: oldestRevision, last, signal });
  } finally {
    clearTimeout(timer);
    done.abort();
  }
  throwIfAborted(signal);
  if (isQuiet) yield { revision: last, events: [], from, end: 'quiet' };
}
