import { toBinaryKey } from './keyspace/binaryKey.ts';
import { keptRevisions, type KeptRevisions } from './compaction.ts';
import { eventWindow } from './eventWindow.ts';
import type { KeyEvent, KeyRange, KeyStore, KeyValue } from './keyStore.ts';
import { toldEvents, type ToldBatch } from './watch/toldEvents.ts';

/** A key that was deleted, or written, which may be after it was deleted. */
export interface KeyChange {
  readonly key: Uint8Array;
  readonly revision: bigint;
  readonly deleted: boolean;
  /** Of a deleted one, what it was before, where the store cannot be asked for that (v2). */
  readonly previous?: KeyValue;
}

export interface DeletionBatch {
  /** In the order of their revisions. */
  readonly changes: readonly KeyChange[];
  /** Deletions up to this revision are compacted, and known no longer. */
  readonly oldest: bigint;
  /** What has been told goes up to this revision, of `newest`. */
  readonly revision: bigint;
  readonly newest: bigint;
  /** Of the last one: etcd did not say that this is all, but told nothing more for some seconds. */
  readonly isGuess?: boolean;
}

/**
 * The deletions in a range that etcd still knows, with the writes between them, as its events tell them; no request asks for them.
 * v2 knows the last 1,000 events of all its keys, and of a folder that was deleted as a whole only the keys that are among them.
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
  // What a watch begins with is no news: nothing can have been deleted since.
  if (found.oldest === newest) return yield { changes: [], oldest: found.oldest, revision: newest, newest };
  const alive = new Map<string, KeyValue>();
  for await (const told of toldEvents(store, range, { from: found.oldest + 1n, last: newest, signal })) {
    const changes = told.events.flatMap((event) => (history ? changeOf(event) : changesOfV2(event, alive)));
    yield { changes, oldest: told.from - 1n, newest, ...progressOf(told, newest) };
  }
}

function progressOf({ revision, end }: ToldBatch, newest: bigint): Pick<DeletionBatch, 'revision' | 'isGuess'> {
  return { revision: end ? newest : revision, ...(end === 'quiet' && { isGuess: true }) };
}

function changeOf(event: KeyEvent): KeyChange[] {
  if (event.kind === 'delete') return [{ key: event.key, revision: event.modRevision, deleted: true }];
  return event.kind === 'put' ? [{ key: event.kv.key, revision: event.kv.modRevision, deleted: false }] : [];
}

/** @param alive what events have told of the keys that exist */
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
