import { compareKeys } from '../keys/ranges.ts';
import type { KeyEvent, KeyRange, WatchBatch, WatchOptions } from '../keyStore.ts';
import { changesGone } from '../watch/changesGone.ts';
import { follow } from '../watch/follow.ts';
import type { V2Client, V2Event } from './v2Client.ts';
import { ERROR } from './v2Errors.ts';
import { toKeyValue } from './v2KeyValue.ts';
import { targetOf, type V2Target } from './v2Paths.ts';

/**
 * Milliseconds of silence before etcd is asked again: it keeps only 1,000 events of all keys, and the connection may be
 * lost.
 */
const SILENCE = 30_000;
const DELETES = new Set(['delete', 'expire', 'compareAndDelete']);

const encoder = new TextEncoder();

/**
 * Watches a range: see `KeyStore.watch`. Sends one request per event, because etcd returns past events only like this.
 */
export function v2Watch(
  client: V2Client,
  range: KeyRange,
  options: WatchOptions,
  silence: number = SILENCE,
): AsyncGenerator<WatchBatch> {
  const target = targetOf(range);
  return follow(async (from, report, signal) => {
    let next = from ?? (await currentIndex(client, target, signal)) + 1n;
    const stands = () => report({ revision: next - 1n, events: [] });
    // etcd keeps what comes after that index, so the watch exists although no request waits yet.
    if (from === undefined) stands();
    let begun = from === undefined ? () => undefined : stands;
    while (!signal.aborted) {
      next = await waitOnce(client, { target, range, from: next, begun, report, signal, silence });
      begun = () => undefined;
    }
  }, options);
}

interface Waiting {
  readonly target: V2Target;
  readonly range: KeyRange;
  readonly from: bigint;
  readonly begun: () => void;
  readonly report: (batch: WatchBatch) => void;
  readonly signal: AbortSignal;
  readonly silence: number;
}

/** Reports the next event, if one comes, and returns the index to continue from. */
async function waitOnce(
  client: V2Client,
  { target, range, from, begun, report, signal, silence }: Waiting,
): Promise<bigint> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), silence);
  let known = from - 1n;
  try {
    const event = await client.wait({
      path: target.path,
      recursive: target.kind === 'directory',
      from,
      begun: (index) => {
        known = index;
        begun();
        timer.refresh();
      },
      // A slow network may take longer than the silence allowed for one event.
      arrived: () => timer.refresh(),
      signal: AbortSignal.any([signal, silent.signal]),
    });
    if (event) {
      const revision = event.node.modifiedIndex;
      report({ revision, events: toKeyEvents(event, target, range) });
      return revision + 1n;
    }
  } catch (error) {
    if (!silent.signal.aborted || signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  // A member that is behind catches up; a store that was created again would stay silent for long.
  if (known < from - 1n && (await currentIndex(client, target, signal)) < from - 1n) throw changesGone();
  if (known < from) return from;
  // There was no event up to the index at which etcd began to wait.
  report({ revision: known, events: [] });
  return known + 1n;
}

async function currentIndex(client: V2Client, { path }: V2Target, signal: AbortSignal): Promise<bigint> {
  const expected = [ERROR.keyNotFound, ERROR.notADirectory];
  return (await client.call({ method: 'GET', path, parameters: { quorum: 'true' }, expected, signal })).index;
}

function toKeyEvents({ action, node, previous }: V2Event, { kind }: V2Target, { start }: KeyRange): KeyEvent[] {
  const modRevision = node.modifiedIndex;
  const deleted = DELETES.has(action);
  if (node.isDirectory) {
    if (kind === 'key') return deleted ? [{ kind: 'delete', key: start, modRevision }] : [];
    const changed = encoder.encode(`${node.key}/`);
    // This directory is deleted with a directory above it.
    const prefix = changed.length < start.length ? start : changed;
    return [{ kind: 'folder', deleted, prefix, modRevision }];
  }
  const key = encoder.encode(node.key);
  // A key in the place of the directory is not below it.
  if (compareKeys(key, start) < 0) return [];
  const before = previous && !previous.isDirectory && { previous: toKeyValue(key, previous) };
  if (deleted) return [{ kind: 'delete', key, modRevision, ...before }];
  return [{ kind: 'put', kv: toKeyValue(key, node), ...before }];
}
