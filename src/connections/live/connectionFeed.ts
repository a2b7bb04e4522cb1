import { setImmediate as othersTurn } from 'node:timers/promises';
import { EtcdError } from '../../etcd/errors.ts';
import { toBinaryKey } from '../../etcd/keyspace/binaryKey.ts';
import { joinedRanges, rangesMeet, rangeWithin } from '../../etcd/keyspace/rangeSets.ts';
import { withoutNested } from '../../etcd/keyspace/ranges.ts';
import type { KeyRange, KeyStore, WatchBatch } from '../../etcd/keyStore.ts';
import { slices } from '../../etcd/watch/slices.ts';
import type { Connection } from '../connection.ts';
import type { Followed, Follower, LiveState } from './liveState.ts';

/** What becomes visible at once is taken up at once, in milliseconds. */
const GATHERING_TIME = 10;
/** At least so long between two looks at etcd where it does not tell by itself, in milliseconds. */
const POLL_PAUSE = 3000;
/** Looking takes at most this part of the time, however long it takes. */
const POLL_SHARE = 0.1;

/** So many events are told at a time, about a millisecond's work; then it is others' turn in the extension host. */
const EVENTS_AT_A_TIME = 100;

/** A watch that fails again within this time ends as soon as it begins, and is not begun at once, in milliseconds. */
const STEADY = 10_000;

/** One watch under way. */
interface Watch {
  readonly range: KeyRange;
  /** What was known of what may be read when it began. */
  readonly permitted: readonly KeyRange[] | undefined;
  readonly abort: AbortController;
  /** Every event up to here has been told. */
  position: bigint;
  /** It is cut off, and tries to go on. */
  isInterrupted: boolean;
}

interface Polling {
  readonly abort: AbortController;
  mayWatch: boolean;
  timer?: NodeJS.Timeout;
}

/** Brings what happens in one connection to those who show its keys: by watching, else by asking again and again. */
export class ConnectionFeed {
  readonly #connection: Connection;
  readonly #followers: () => readonly Follower[];
  readonly #stateChanged: () => void;
  #state: LiveState = 'idle';
  #store: KeyStore | undefined;
  #watches: Watch[] = [];
  #updating: NodeJS.Timeout | undefined;
  #polling: Polling | undefined;
  /** The store cannot be watched, or not with these permissions. */
  #isUnwatchable = false;
  /** The ranges that the user may read, once etcd has refused a watch of more. */
  #permitted: readonly KeyRange[] | undefined;
  #failedAt = -STEADY;

  constructor(connection: Connection, followers: () => readonly Follower[], stateChanged: () => void) {
    this.#connection = connection;
    this.#followers = followers;
    this.#stateChanged = stateChanged;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** What is visible, or the connection, has changed: watches what has to be watched from now on, and nothing else. */
  update(): void {
    this.#updating ??= setTimeout(() => {
      this.#updating = undefined;
      void this.#update();
    }, GATHERING_TIME);
  }

  /** @param state `off` where following is switched off */
  stop(state: LiveState = 'idle'): void {
    clearTimeout(this.#updating);
    this.#updating = undefined;
    for (const { abort } of this.#watches.splice(0)) abort.abort();
    this.#stopPolling();
    this.#setState(state);
  }

  async #update(): Promise<void> {
    // Nothing is connected by itself.
    if (!this.#connection.capabilities) return this.stop();
    const store = await this.#connection.store('background');
    if (store !== this.#store) {
      this.stop();
      this.#store = store;
      this.#permitted = undefined;
      this.#isUnwatchable = store.capabilities.following === 'none';
    }
    const followed = this.#followers().flatMap((each) => each.followed(this.#connection));
    const arePolling = this.#arePolling;
    if (followed.length === 0) return this.stop(arePolling ? 'polling' : 'idle');
    if (this.#isUnwatchable) this.#poll(store);
    if (this.#polling) return;
    this.#watch(store, followed);
    this.#showWatching(arePolling);
  }

  #showWatching(arePolling: boolean): void {
    const isPolling = arePolling || this.#store?.capabilities.following === 'longPoll';
    const isCut = this.#watches.some(({ isInterrupted }) => isInterrupted);
    this.#setState(isCut ? 'interrupted' : isPolling ? 'polling' : 'live');
  }

  #watch(store: KeyStore, followed: readonly Followed[]): void {
    const before = this.#watches;
    // v2 watches keys and directories, and no other ranges.
    const unite = store.capabilities.following === 'longPoll' ? withoutNested : joinedRanges;
    const permitted = this.#permitted;
    const united = unite(followed.map(({ range }) => range));
    const ranges = permitted ? united.flatMap((range) => rangeWithin(range, permitted)) : united;
    this.#watches = ranges.map((range) => {
      const since = startOf(range, followed);
      const kept = before.find((each) => isSame(each.range, range) && (since === undefined || each.position <= since));
      if (kept) return kept;
      const abort = new AbortController();
      const started: Watch = { range, permitted, abort, position: since ?? 0n, isInterrupted: false };
      void this.#run(store, started, since);
      return started;
    });
    for (const each of before) if (!this.#watches.includes(each)) each.abort.abort();
  }

  async #run(store: KeyStore, watch: Watch, since: bigint | undefined): Promise<void> {
    const { signal } = watch.abort;
    const interrupted = () => this.#noteInterruption(watch, true);
    try {
      const from = since === undefined ? {} : { fromRevision: since + 1n };
      for await (const batch of store.watch(watch.range, { ...from, interrupted, signal })) {
        if (signal.aborted) return;
        this.#noteInterruption(watch, false);
        this.#connection.noteOutcome();
        for (const slice of slices(batch, EVENTS_AT_A_TIME)) {
          this.#tell(watch, slice);
          if (slice.revision !== batch.revision) await othersTurn();
          if (signal.aborted) return;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!EtcdError.is(error)) throw error;
      const knowsMore = error.kind === 'permissionDenied' && (await this.#learnPermitted(store, watch));
      if (signal.aborted) return;
      if (knowsMore) return this.update();
      if (error.kind === 'permissionDenied' || error.kind === 'unsupported') this.#isUnwatchable = true;
    }
    if (signal.aborted) return;
    for (const { abort } of this.#watches.splice(0)) abort.abort();
    const now = performance.now();
    this.#poll(store, now - this.#failedAt > STEADY);
    this.#failedAt = now;
  }

  /** @returns whether more is known now than when the refused watch began, so that what may be read can be watched */
  async #learnPermitted(store: KeyStore, watch: Watch): Promise<boolean> {
    try {
      if (!this.#permitted) this.#permitted = await store.permitted?.('read', watch.abort.signal);
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
    }
    this.#watches = this.#watches.filter((each) => each !== watch);
    return watch.permitted !== this.#permitted;
  }

  #tell(watch: Watch, { revision, events }: WatchBatch): void {
    watch.position = revision;
    const through = this.#watches.reduce((least, { position }) => (position < least ? position : least), revision);
    for (const each of this.#followers()) each.onEvents(this.#connection, events, through);
  }

  #noteInterruption(watch: Watch, isInterrupted: boolean): void {
    if (watch.isInterrupted === isInterrupted) return;
    watch.isInterrupted = isInterrupted;
    this.#showWatching(this.#arePolling);
  }

  get #arePolling(): boolean {
    return this.#followers().some((each) => each.isPolling(this.#connection));
  }

  /**
   * Looks at etcd now, and on and on where that is the only way; else goes on watching once it has answered.
   * @param mayWatch already after the first look
   */
  #poll(store: KeyStore, mayWatch = true): void {
    if (this.#polling) return;
    const polling: Polling = { abort: new AbortController(), mayWatch };
    this.#polling = polling;
    this.#setState('polling');
    void this.#lookAgain(store, polling);
  }

  async #lookAgain(store: KeyStore, polling: Polling): Promise<void> {
    const { signal } = polling.abort;
    const start = performance.now();
    let hasAnswered = true;
    try {
      await Promise.all(this.#followers().map((each) => each.readAnew(this.#connection, signal)));
      if (!signal.aborted) this.#connection.noteOutcome();
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      if (!signal.aborted) this.#connection.noteOutcome(error);
      hasAnswered = false;
    }
    if (signal.aborted) return;
    if (hasAnswered && !this.#isUnwatchable && polling.mayWatch) {
      this.#stopPolling();
      return this.update();
    }
    polling.mayWatch = true;
    const pause = Math.max(POLL_PAUSE, (performance.now() - start) / POLL_SHARE);
    polling.timer = setTimeout(() => void this.#lookAgain(store, polling), pause);
  }

  #stopPolling(): void {
    this.#polling?.abort.abort();
    clearTimeout(this.#polling?.timer);
    this.#polling = undefined;
  }

  #setState(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#stateChanged();
  }
}

/** Where a watch of the range has to begin: at the oldest of what is shown of it; now where nothing has a revision. */
function startOf(range: KeyRange, followed: readonly Followed[]): bigint | undefined {
  let oldest: bigint | undefined;
  for (const { range: part, since } of followed)
    if (since > 0n && (oldest === undefined || since < oldest) && rangesMeet(range, part)) oldest = since;
  return oldest;
}

function isSame(a: KeyRange, b: KeyRange): boolean {
  return toBinaryKey(a.start) === toBinaryKey(b.start) && toBinaryKey(a.end) === toBinaryKey(b.end);
}
