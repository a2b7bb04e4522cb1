import * as l10n from '@vscode/l10n';
import { keptRevisions, type KeptRevisions } from './compaction.ts';
import { EtcdError } from './errors.ts';
import type { KeyRange, KeyStore, WatchBatch } from './keyStore.ts';

/** A key that was deleted, or written, which may be after it was deleted. */
export interface KeyChange {
  readonly key: Uint8Array;
  readonly revision: bigint;
  readonly deleted: boolean;
}

export interface DeletionBatch {
  /** In the order of their revisions. */
  readonly changes: readonly KeyChange[];
  /** Deletions up to this revision are compacted, and known no longer. */
  readonly oldest: bigint;
  /** What has been told goes up to this revision, of `newest`. */
  readonly revision: bigint;
  readonly newest: bigint;
}

/** etcd tells what was in parts of so many revisions with events of the watch. */
const REVISIONS_AT_ONCE = 1000;

/**
 * The deletions in a range that etcd still knows, with the writes between them, as its events tell them; no request asks for them. It ends when the present is
 * reached. A store that does not tell where that is (`tellsEnd`) ends after events that are fewer than it tells at once, and where
 * there are none it goes on until `signal` aborts.
 * @throws EtcdError
 */
export async function* deletions(
  store: KeyStore,
  range: KeyRange,
  signal?: AbortSignal,
  kept?: KeptRevisions,
): AsyncGenerator<DeletionBatch> {
  const { oldest, newest } = kept ?? (await keptRevisions(store, signal));
  const done = new AbortController();
  const either = signal ? AbortSignal.any([signal, done.signal]) : done.signal;
  // What a watch begins with is no news: nothing can have been deleted since.
  if (oldest === newest) return yield { changes: [], oldest, revision: newest, newest };
  const options = { fromRevision: oldest + 1n, catchUp: true, signal: either };
  try {
    let isFirst = true;
    for await (const batch of store.watch(range, options)) {
      if (isFirst) {
        isFirst = false;
        if (batch.events.length === 0) continue;
      }
      const atEnd = batch.revision >= newest || (!store.capabilities.tellsEnd && isLastPart(batch));
      yield { changes: changesOf(batch), oldest, revision: atEnd ? newest : batch.revision, newest };
      if (atEnd) return;
    }
  } finally {
    done.abort();
  }
  if (signal?.aborted) throw new EtcdError('cancelled', l10n.t('Cancelled.'));
}

function isLastPart({ events }: WatchBatch): boolean {
  return events.length > 0 && events.length < REVISIONS_AT_ONCE;
}

function changesOf({ events }: WatchBatch): KeyChange[] {
  return events.flatMap((event): KeyChange[] => {
    if (event.kind === 'delete') return [{ key: event.key, revision: event.modRevision, deleted: true }];
    return event.kind === 'put' ? [{ key: event.kv.key, revision: event.kv.modRevision, deleted: false }] : [];
  });
}
