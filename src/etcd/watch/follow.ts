import { setTimeout as delay } from 'node:timers/promises';
import { EtcdError, type EtcdErrorKind } from '../errors.ts';
import type { WatchBatch, WatchOptions } from '../keyStore.ts';
import { BatchQueue } from './batchQueue.ts';

/** Failures that pass: a member, a connection or the network may come back. */
const PASSING: readonly EtcdErrorKind[] = [
  'refused',
  'unresolved',
  'timedOut',
  'connectionLost',
  'tokenRejected',
  'noLeader',
  'unavailable',
];
/** What something in front of an etcd that restarts may answer; permanent where there was no watch before. */
const PERHAPS_PASSING: readonly EtcdErrorKind[] = ['notEtcd', 'unexpected'];

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5000;
/** A watch that stood for so long was not cut off for the same reason as the one before, in milliseconds. */
const STEADY = 10_000;

/**
 * Follows once: tells batches from a revision on (from now on without it) until it fails, `signal` aborts, or it returns to be
 * called again. The first batch says that the watch stands, and has no events.
 */
export type FollowOnce = (
  from: bigint | undefined,
  tell: (batch: WatchBatch) => void,
  signal: AbortSignal,
) => Promise<void>;

/** Follows again and again, each time from where it stopped, until `signal` aborts or a failure does not pass. */
export async function* follow(
  once: FollowOnce,
  { fromRevision, interrupted, signal }: WatchOptions,
): AsyncGenerator<WatchBatch> {
  const queue = new BatchQueue();
  const left = new AbortController();
  const stop = AbortSignal.any([signal, left.signal]);
  const end = () => queue.end();
  stop.addEventListener('abort', end);
  const fed = feed(queue, once, fromRevision, interrupted, stop).then(end, (error: unknown) => queue.end(error));
  try {
    for (;;) {
      const batch = await queue.take();
      if (!batch || signal.aborted) return;
      yield batch;
    }
  } finally {
    left.abort();
    await fed;
  }
}

async function feed(
  queue: BatchQueue,
  once: FollowOnce,
  from: bigint | undefined,
  interrupted: WatchOptions['interrupted'],
  stop: AbortSignal,
): Promise<void> {
  let next = from;
  let failures = 0;
  let hasStood = false;
  while (!stop.aborted) {
    const full = new AbortController();
    const started = performance.now();
    const tell = (batch: WatchBatch) => {
      if (full.signal.aborted || stop.aborted) return;
      hasStood = true;
      next = batch.revision + 1n;
      queue.push(batch);
      if (queue.isFull) full.abort();
    };
    try {
      await once(next, tell, AbortSignal.any([stop, full.signal]));
    } catch (error) {
      if (stop.aborted) return;
      if (!full.signal.aborted) {
        if (!passes(error, hasStood)) throw error;
        interrupted?.(error);
        failures = performance.now() - started > STEADY ? 0 : failures + 1;
        await pause(failures, stop);
      }
    }
    // What the iteration is too slow for waits at the server: the watch goes on from there later.
    if (full.signal.aborted) await queue.drained();
  }
}

function passes(error: unknown, hasStood: boolean): error is EtcdError {
  return EtcdError.is(error, ...PASSING) || (hasStood && EtcdError.is(error, ...PERHAPS_PASSING));
}

/** None before the first new try; then longer and longer ones. */
async function pause(failures: number, signal: AbortSignal): Promise<void> {
  if (failures < 2) return;
  const milliseconds = Math.min(FIRST_PAUSE * 2 ** (failures - 2), LONGEST_PAUSE);
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
