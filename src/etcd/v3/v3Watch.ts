import { EtcdError } from '../errors.ts';
import { owned } from '../keys/owned.ts';
import { compareKeys, singleKeyRange } from '../keys/ranges.ts';
import type { KeyEvent, KeyRange, WatchBatch, WatchOptions } from '../keyStore.ts';
import { changesGone } from '../watch/changesGone.ts';
import { follow } from '../watch/follow.ts';
import { READ, toKeyValue } from './operations.ts';
import { explainingDenial } from './missingGrants.ts';
import { Event_EventType as EventType, KV, type Event, type WatchResponse } from './transport/rpc_pb.js';
import type { Session } from './session.ts';

/** Watches a range: see `KeyStore.watch`. */
export function v3Watch(session: Session, range: KeyRange, options: WatchOptions): AsyncGenerator<WatchBatch> {
  return follow(async (from, report, signal) => {
    const once = () => watchOnce(session, range, { ...options, from, report, signal });
    try {
      await once();
    } catch (error) {
      if (!EtcdError.is(error, 'permissionDenied')) throw error;
      // etcd 3.4 also answers an expired sign-in like this: a read finds out, and signs in again.
      await mayRead(session, range, signal);
      await once();
    }
  }, options);
}

interface OneWatch extends Pick<WatchOptions, 'previous' | 'catchUp'> {
  readonly from: bigint | undefined;
  readonly report: (batch: WatchBatch) => void;
  readonly signal: AbortSignal;
}

/**
 * Watches once. Newer etcds answer no progress request while a watch of the call starts after the present revision. So
 * a watch starts one revision early, and leaves out the events of that revision.
 */
async function watchOnce(session: Session, range: KeyRange, options: OneWatch): Promise<void> {
  const { from } = options;
  if (from === undefined || from <= 1n) return await watchFrom(session, range, from ?? 0n, options);
  try {
    await watchFrom(session, range, from - 1n, options);
  } catch (error) {
    // The earlier revision is compacted, but the wanted one is not.
    if (!EtcdError.is(error, 'compacted') || error.oldestRevision !== from) throw error;
    await watchFrom(session, range, from, options);
  }
}

async function watchFrom(
  session: Session,
  range: KeyRange,
  startRevision: bigint,
  { from, previous = false, catchUp = false, report, signal }: OneWatch,
): Promise<void> {
  const over = new AbortController();
  const older = Promise.withResolvers<never>();
  /** Events of the latest revision, of which more may come. */
  let held: KeyEvent[] = [];
  /** Number of events in etcd's current answer, which may come in fragments. */
  let answered = 0;
  const take = (message: WatchResponse) => {
    const revision = message.header?.revision ?? 0n;
    if (message.created) {
      const base = from === undefined ? revision : from - 1n;
      if (revision < base) void goneBack(session, range, base, signal).catch(older.reject);
      report({ revision: base, events: [] });
      return;
    }
    if (message.events.length === 0) {
      report({ revision, events: [] });
      return;
    }
    answered += message.events.length;
    const wanted = message.events.flatMap(toKeyEvent).filter((event) => revisionOf(event) >= (from ?? 0n));
    const events = [...held, ...wanted];
    // The revision of the events, because the header's is ahead while a watch catches up.
    const newest = revisionOf(events.at(-1));
    const complete = message.fragment ? events.findIndex((event) => revisionOf(event) === newest) : events.length;
    held = events.slice(complete);
    const whole = events.slice(0, complete);
    const answer = message.fragment ? {} : { answered };
    if (!message.fragment) answered = 0;
    if (whole.length > 0) report({ revision: revisionOf(whole.at(-1)), events: whole, ...answer });
  };
  const request = {
    ...requestedKeys(range),
    startRevision,
    prevKv: previous,
    progressNotify: true,
    fragment: true,
  };
  try {
    const call = { request, report: take, catchUp, signal: AbortSignal.any([signal, over.signal]) };
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

/** Checks whether the range may be read. @throws EtcdError `permissionDenied` that names what may not be read */
async function mayRead(session: Session, range: KeyRange, signal: AbortSignal): Promise<void> {
  const request = { ...requestedKeys(range), limit: 1n, keysOnly: true };
  await explainingDenial(
    session,
    () => ({ read: [range] }),
    () => session.call(KV.method.range, request, { ...READ, signal }),
  );
}

/**
 * Checks whether the cluster is older than a revision. A member that is behind catches up, but a store that was
 * restored or created again would stay silent for long.
 * @throws EtcdError `compacted` if the whole cluster is older
 */
async function goneBack(session: Session, range: KeyRange, base: bigint, signal: AbortSignal): Promise<void> {
  const request = { ...requestedKeys(range), limit: 1n, keysOnly: true };
  const { header } = await session.call(KV.method.range, request, { ...READ, signal });
  if (header && header.revision < base) throw changesGone();
}

/** Copies events, because many parts keep them for long and one by one. */
function toKeyEvent({ type, kv, prevKv }: Event): KeyEvent[] {
  if (!kv) return [];
  const key = owned(kv.key);
  const previous = prevKv && { previous: toKeyValue(prevKv, key) };
  return type === EventType.DELETE
    ? [{ kind: 'delete', key, modRevision: kv.modRevision, ...previous }]
    : [{ kind: 'put', kv: toKeyValue(kv, key), ...previous }];
}

function revisionOf(event: KeyEvent | undefined): bigint {
  return event?.kind === 'put' ? event.kv.modRevision : (event?.modRevision ?? 0n);
}
