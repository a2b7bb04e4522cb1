import { setTimeout as delay } from 'node:timers/promises';
import { EtcdError, type EtcdErrorKind } from '../errors.ts';
import { isPassing } from '../passingFailures.ts';
import type { WatchBatch, WatchOptions } from '../keyStore.ts';
import { BatchQueue } from './batchQueue.ts';

// See docs/contributing/decisions/watching.md

/** Failures that a proxy in front of a restarting etcd may cause; permanent if no watch existed before. */
const PERHAPS_PASSING: readonly EtcdErrorKind[] = ['notEtcd', 'unexpected', 'tlsFailed'];

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5000;
/** A watch that lasted this long, in milliseconds, failed for a new reason, so pauses start over. */
const STEADY = 10_000;

/**
 * Watches once: reports batches from a revision on (or from now on) until it fails, `signal` aborts, or it returns to
 * be called again. The first batch has no events and says that the watch exists.
 */
export type FollowOnce = (
  from: bigint | undefined,
  report: (batch: WatchBatch) => void,
  signal: AbortSignal,
) => Promise<void>;

/** Watches again and again, each time from where it stopped, until `signal` aborts or a permanent failure occurs. */
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
    const report = (batch: WatchBatch) => {
      if (full.signal.aborted || stop.aborted) return;
      hasStood = true;
      next = batch.revision + 1n;
      queue.push(batch);
      if (queue.isFull) full.abort();
    };
    try {
      await once(next, report, AbortSignal.any([stop, full.signal]));
    } catch (error) {
      if (stop.aborted) return;
      if (!full.signal.aborted) {
        if (!passes(error, hasStood)) throw error;
        interrupted?.(error);
        failures = performance.now() - started > STEADY ? 0 : failures + 1;
        await pause(failures, stop);
      }
    }
    // Events that the iteration is too slow for stay with the server; the watch resumes from there later.
    if (full.signal.aborted) await queue.drained();
  }
}

function passes(error: unknown, hasStood: boolean): error is EtcdError {
  return isPassing(error) || (hasStood && EtcdError.is(error, ...PERHAPS_PASSING));
}

/** Waits before an attempt: not before the first, then longer and longer. */
async function pause(failures: number, signal: AbortSignal): Promise<void> {
  if (failures < 2) return;
  const milliseconds = Math.min(FIRST_PAUSE * 2 ** (failures - 2), LONGEST_PAUSE);
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
