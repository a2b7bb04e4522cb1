import { EtcdError } from '../errors.ts';
import { compareKeys, singleKeyRange } from '../keyspace/ranges.ts';
import type { KeyEvent, KeyRange, WatchBatch, WatchOptions } from '../keyStore.ts';
import { changesGone } from '../watch/changesGone.ts';
import { follow } from '../watch/follow.ts';
import { READ, toKeyValue } from './operations.ts';
import { explainRefusal } from './permittedRanges.ts';
import { Event_EventType as EventType, KV, type Event, type WatchResponse } from './rpc_pb.js';
import type { Session } from './session.ts';

/** See `KeyStore.watch`. */
export function v3Watch(session: Session, range: KeyRange, options: WatchOptions): AsyncGenerator<WatchBatch> {
  return follow(async (from, tell, signal) => {
    const once = () => watchOnce(session, range, { ...options, from, tell, signal });
    try {
      await once();
    } catch (error) {
      if (!EtcdError.is(error, 'permissionDenied')) throw error;
      // So etcd 3.4 answers a sign-in that has expired, too: a read tells which, and signs in again.
      await mayRead(session, range, signal);
      await once();
    }
  }, options);
}

async function watchOnce(
  session: Session,
  range: KeyRange,
  {
    from,
    previous = false,
    catchUp = false,
    tell,
    signal,
  }: Pick<WatchOptions, 'previous' | 'catchUp'> & {
    readonly from: bigint | undefined;
    readonly tell: (batch: WatchBatch) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const over = new AbortController();
  const older = Promise.withResolvers<never>();
  /** The latest revision, of which more events may come. */
  let held: KeyEvent[] = [];
  const take = (message: WatchResponse) => {
    const revision = message.header?.revision ?? 0n;
    if (message.created) {
      const base = from === undefined ? revision : from - 1n;
      if (revision < base) void goneBack(session, range, base, signal).catch(older.reject);
      tell({ revision: base, events: [] });
      return;
    }
    if (message.events.length === 0) {
      tell({ revision, events: [] });
      return;
    }
    const events = [...held, ...message.events.flatMap(toKeyEvent)];
    // Not the header's: while a watch catches up, that is ahead of the events.
    const newest = revisionOf(events.at(-1));
    const complete = message.fragment ? events.findIndex((event) => revisionOf(event) === newest) : events.length;
    held = events.slice(complete);
    const told = events.slice(0, complete);
    if (told.length > 0) tell({ revision: revisionOf(told.at(-1)), events: told });
  };
  const request = {
    ...requestedKeys(range),
    startRevision: from ?? 0n,
    prevKv: previous,
    progressNotify: true,
    fragment: true,
  };
  try {
    const call = { request, tell: take, catchUp, signal: AbortSignal.any([signal, over.signal]) };
    await Promise.race([session.watch(call), older.promise]);
  } finally {
    over.abort();
  }
}

function requestedKeys(range: KeyRange): { readonly key: Uint8Array; readonly rangeEnd?: Uint8Array } {
  const { start, end } = range;
  const isSingle = compareKeys(singleKeyRange(start).end, end) === 0;
  return isSingle ? { key: start } : { key: start, rangeEnd: end };
}

/** @throws EtcdError `permissionDenied` that names what may be read, where it is not this range */
async function mayRead(session: Session, range: KeyRange, signal: AbortSignal): Promise<void> {
  try {
    await session.call(KV.method.range, { ...requestedKeys(range), limit: 1n, keysOnly: true }, { ...READ, signal });
  } catch (error) {
    throw EtcdError.is(error, 'permissionDenied') ? await explainRefusal(session, error, signal) : error;
  }
}

/**
 * A member that is behind the others catches up; but a store that was restored or made anew would be silent for long.
 * @throws EtcdError `compacted` where the whole cluster is older than the revision
 */
async function goneBack(session: Session, range: KeyRange, base: bigint, signal: AbortSignal): Promise<void> {
  const request = { ...requestedKeys(range), limit: 1n, keysOnly: true };
  const { header } = await session.call(KV.method.range, request, { ...READ, signal });
  if (header && header.revision < base) throw changesGone();
}

function toKeyEvent({ type, kv, prevKv }: Event): KeyEvent[] {
  if (!kv) return [];
  const previous = prevKv && { previous: toKeyValue(prevKv) };
  return type === EventType.DELETE
    ? [{ kind: 'delete', key: kv.key, modRevision: kv.modRevision, ...previous }]
    : [{ kind: 'put', kv: toKeyValue(kv), ...previous }];
}

function revisionOf(event: KeyEvent | undefined): bigint {
  return event?.kind === 'put' ? event.kv.modRevision : (event?.modRevision ?? 0n);
}
