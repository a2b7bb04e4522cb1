import type { KeyEvent, KeyRange, KeyStore, WatchBatch, WatchOptions } from '../../../src/etcd/keyStore.ts';
import { keyText } from '../../../src/etcd/keys/keyText.ts';
import type { EtcdError } from '../../../src/etcd/errors.ts';
import { text } from '../connecting.ts';

/** A watch under test, which is read as its events arrive. */
export interface Followed {
  readonly batches: readonly WatchBatch[];
  readonly interruptions: readonly EtcdError[];
  /** Every event so far. */
  events(): KeyEvent[];
  /** Resolves when the watch is established, and later when it is established again after that many interruptions. */
  stands(interruptions?: number): Promise<void>;
  /** Resolves to the events once there are this many. */
  until(count: number): Promise<KeyEvent[]>;
  /** Waits until a condition holds; checks it at each batch and interruption. */
  when(holds: () => boolean): Promise<void>;
  /** Resolves to how the watch ended: undefined, or what it threw. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

export function followed(
  store: Pick<KeyStore, 'watch'>,
  range: KeyRange,
  options: Omit<WatchOptions, 'signal' | 'interrupted'> = {},
): Followed {
  const abort = new AbortController();
  const batches: WatchBatch[] = [];
  const interruptions: EtcdError[] = [];
  /** Number of interruptions before each batch. */
  const before: number[] = [];
  let failure: unknown;
  let changed = Promise.withResolvers<void>();
  const tell = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const interrupted = (reason: EtcdError) => {
    interruptions.push(reason);
    tell();
  };
  async function read(): Promise<unknown> {
    try {
      for await (const batch of store.watch(range, { ...options, interrupted, signal: abort.signal })) {
        batches.push(batch);
        before.push(interruptions.length);
        tell();
      }
      return undefined;
    } catch (error) {
      failure = error;
      tell();
      return error;
    }
  }
  const ended = read();
  const events = () => batches.flatMap((batch) => batch.events);
  const when = async (holds: () => boolean) => {
    while (!holds()) {
      if (failure !== undefined) throw failure;
      await changed.promise;
    }
  };
  return {
    batches,
    interruptions,
    events,
    when,
    stands: (count = 0) => when(() => before.some((interruptionsBefore) => interruptionsBefore >= count)),
    until: async (count) => {
      await when(() => events().length >= count);
      return events();
    },
    ended,
    stop: async () => {
      abort.abort();
      await ended;
    },
  };
}

/** Formats an event in one line: `put /a one@2 < before`. */
export function eventText(event: KeyEvent): string {
  if (event.kind === 'folder') return `${event.deleted ? 'delete' : 'create'} folder ${keyText(event.prefix)}`;
  const previous = event.previous ? ` < ${text(event.previous.value)}` : '';
  return event.kind === 'put'
    ? `put ${keyText(event.kv.key)} ${text(event.kv.value)}${previous}`
    : `delete ${keyText(event.key)}${previous}`;
}
