import { setImmediate as othersTurn } from 'node:timers/promises';
import { EtcdError } from '../../etcd/errors.ts';
import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import { joinedRanges, rangesMeet, rangeWithin } from '../../etcd/keys/rangeSets.ts';
import { withoutNested } from '../../etcd/keys/ranges.ts';
import type { KeyRange, KeyStore, WatchBatch } from '../../etcd/keyStore.ts';
import { slices } from '../../etcd/watch/slices.ts';
import type { Connection } from '../connection.ts';
import type { Followed, Follower, LiveState } from './liveState.ts';
import { Pulse } from './pulse.ts';

// See docs/contributing/decisions/watching.md

/** Milliseconds in which things that become visible are gathered. */
const GATHERING_TIME = 10;
/** Shortest time between two polls, in milliseconds. */
const POLL_PAUSE = 3000;
/** Largest share of the time that polling may take. */
const POLL_SHARE = 0.1;

/** Events delivered at a time, about a millisecond's work; then other work in the extension host gets its turn. */
const EVENTS_AT_A_TIME = 100;

/** Milliseconds after which a failing watch counts as steady; a less steady one is not started again immediately. */
const STEADY = 10_000;

/** One watch under way. */
interface Watch {
  readonly range: KeyRange;
  /** The permitted ranges, as known when the watch began. */
  readonly permitted: readonly KeyRange[] | undefined;
  readonly abort: AbortController;
  /** Every event up to this revision was delivered. */
  position: bigint;
  /** True while the watch is interrupted and tries to continue. */
  isInterrupted: boolean;
}

interface Polling {
  readonly abort: AbortController;
  mayWatch: boolean;
  timer?: NodeJS.Timeout;
}

/** Delivers changes in one connection to the parts that show its keys, by watching or polling. */
export class ConnectionFeed {
  readonly #connection: Connection;
  readonly #followers: () => readonly Follower[];
  readonly #stateChanged: () => void;
  readonly #pulse: Pulse;
  #state: LiveState = 'idle';
  #store: KeyStore | undefined;
  #watches: Watch[] = [];
  #updating: NodeJS.Timeout | undefined;
  #polling: Polling | undefined;
  /** True if the store cannot be watched, or not with these permissions. */
  #isUnwatchable = false;
  /** The ranges that the user may read, known after etcd has refused a watch of more. */
  #permitted: readonly KeyRange[] | undefined;
  #failedAt = -STEADY;

  constructor(connection: Connection, followers: () => readonly Follower[], stateChanged: () => void) {
    this.#connection = connection;
    this.#followers = followers;
    this.#stateChanged = stateChanged;
    this.#pulse = new Pulse(connection, () => this.#watchAgain());
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Watches exactly what must be watched, after the visible part or the connection has changed. */
  update(): void {
    this.#updating ??= setTimeout(() => {
      this.#updating = undefined;
      void this.#update();
    }, GATHERING_TIME);
  }

  /** @param state `off` if following is switched off */
  stop(state: LiveState = 'idle'): void {
    clearTimeout(this.#updating);
    this.#updating = undefined;
    for (const { abort } of this.#watches.splice(0)) abort.abort();
    this.#stopPolling();
    this.#pulse.stop();
    this.#setState(state);
  }

  async #update(): Promise<void> {
    // Following never opens a connection.
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
    this.#pulse.start(store);
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
    // v2 can watch only keys and directories.
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

  /** Starts each watch again from its position. */
  #watchAgain(): void {
    for (const { abort } of this.#watches.splice(0)) abort.abort();
    this.update();
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
          this.#distribute(watch, slice);
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

  /**
   * @returns whether more is known now than when the refused watch began, so that the permitted ranges can be watched
   */
  async #learnPermitted(store: KeyStore, watch: Watch): Promise<boolean> {
    try {
      if (!this.#permitted) this.#permitted = await store.permitted?.('read', watch.abort.signal);
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
    }
    this.#watches = this.#watches.filter((each) => each !== watch);
    return watch.permitted !== this.#permitted;
  }

  #distribute(watch: Watch, { revision, events }: WatchBatch): void {
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
   * Polls etcd: again and again if that is the only way, otherwise until etcd answers; then watches.
   * @param mayWatch whether to watch already after the first poll
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

/**
 * Returns the revision at which a watch of the range must begin: the oldest of what is shown of it; undefined (now) if
 * nothing has a revision.
 */
function startOf(range: KeyRange, followed: readonly Followed[]): bigint | undefined {
  let oldest: bigint | undefined;
  for (const { range: part, since } of followed)
    if (since > 0n && (oldest === undefined || since < oldest) && rangesMeet(range, part)) oldest = since;
  return oldest;
}

function isSame(a: KeyRange, b: KeyRange): boolean {
  return toBinaryKey(a.start) === toBinaryKey(b.start) && toBinaryKey(a.end) === toBinaryKey(b.end);
}
