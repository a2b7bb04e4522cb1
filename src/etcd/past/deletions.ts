import { toBinaryKey } from '../keys/binaryKey.ts';
import { keptRevisions, type KeptRevisions } from './compaction.ts';
import { eventWindow } from './eventWindow.ts';
import type { KeyEvent, KeyRange, KeyStore, KeyValue } from '../keyStore.ts';
import { keptEvents, type KeptBatch } from '../watch/keptEvents.ts';

/** A key that was deleted, or that was written, perhaps after a deletion. */
export interface KeyChange {
  readonly key: Uint8Array;
  readonly revision: bigint;
  readonly deleted: boolean;
  /** The deleted key as it was, if the store cannot be asked for it (v2). */
  readonly previous?: KeyValue;
}

export interface DeletionBatch {
  /** In order of their revisions. */
  readonly changes: readonly KeyChange[];
  /** Deletions up to this revision are compacted and unknown. */
  readonly oldest: bigint;
  /** Changes up to this revision are reported; those up to `newest` will be. */
  readonly revision: bigint;
  readonly newest: bigint;
  /** Set in the last step if etcd did not confirm the end, but sent nothing more for some seconds. */
  readonly isGuess?: boolean;
}

/**
 * Yields the deletions in a range that etcd still has, with the writes between them, from its events; no request
 * returns them. v2 keeps the last 1,000 events of all keys; of a folder deleted as a whole, only keys with such an
 * event are known.
 * @throws EtcdError
 */
export async function* deletions(
  store: KeyStore,
  range: KeyRange,
  signal?: AbortSignal,
  kept?: KeptRevisions,
): AsyncGenerator<DeletionBatch> {
  const { history } = store.capabilities;
  const found = kept ?? (await (history ? keptRevisions(store, signal) : eventWindow(store, range, signal)));
  const { newest } = found;
  // The watch would begin at the present, so nothing can have been deleted since.
  if (found.oldest === newest) return yield { changes: [], oldest: found.oldest, revision: newest, newest };
  const alive = new Map<string, KeyValue>();
  for await (const batch of keptEvents(store, range, { from: found.oldest + 1n, last: newest, signal })) {
    const changes = batch.events.flatMap((event) => (history ? changeOf(event) : changesOfV2(event, alive)));
    yield { changes, oldest: batch.from - 1n, newest, ...progressOf(batch, newest) };
  }
}

function progressOf({ revision, end }: KeptBatch, newest: bigint): Pick<DeletionBatch, 'revision' | 'isGuess'> {
  return { revision: end ? newest : revision, ...(end === 'quiet' && { isGuess: true }) };
}

function changeOf(event: KeyEvent): KeyChange[] {
  if (event.kind === 'delete') return [{ key: event.key, revision: event.modRevision, deleted: true }];
  return event.kind === 'put' ? [{ key: event.kv.key, revision: event.kv.modRevision, deleted: false }] : [];
}

/** @param alive existing keys, as known from events */
function changesOfV2(event: KeyEvent, alive: Map<string, KeyValue>): KeyChange[] {
  if (event.kind === 'put') {
    alive.set(toBinaryKey(event.kv.key), event.kv);
    return changeOf(event);
  }
  const { modRevision: revision } = event;
  if (event.kind === 'folder') {
    const prefix = toBinaryKey(event.prefix);
    const gone = event.deleted ? [...alive].filter(([name]) => name.startsWith(prefix)) : [];
    for (const [name] of gone) alive.delete(name);
    return gone.map(([, previous]) => ({ key: previous.key, revision, deleted: true, previous }));
  }
  const previous = event.previous ?? alive.get(toBinaryKey(event.key));
  alive.delete(toBinaryKey(event.key));
  return [{ key: event.key, revision, deleted: true, ...(previous && { previous }) }];
}
