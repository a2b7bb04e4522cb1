import type { KeyEvent, WatchBatch } from '../keyStore.ts';

/** Cuts a batch into smaller ones of whole revisions, with `size` events each, or more if one revision has more. */
export function* slices(batch: WatchBatch, size: number): Generator<WatchBatch> {
  const { events, revision } = batch;
  let start = 0;
  for (let end = size; end < events.length; end++) {
    const last = revisionOf(events[end - 1]);
    if (last === revisionOf(events[end])) continue;
    yield { revision: last, events: events.slice(start, end) };
    start = end;
    end += size - 1;
  }
  yield { revision, events: start === 0 ? events : events.slice(start) };
}

function revisionOf(event: KeyEvent | undefined): bigint {
  return event?.kind === 'put' ? event.kv.modRevision : (event?.modRevision ?? 0n);
}
