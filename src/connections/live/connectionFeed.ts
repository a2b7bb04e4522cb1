import { EtcdError } from '../../etcd/errors.ts';
import { toBinaryKey } from '../../etcd/keyspace/binaryKey.ts';
import { joinedRanges, rangeIncludes } from '../../etcd/keyspace/rangeSets.ts';
import { withoutNested } from '../../etcd/keyspace/ranges.ts';
import type { KeyRange, KeyStore } from '../../etcd/keyStore.ts';
import type { Connection } from '../connection.ts';
import type { Followed, Follower, LiveState } from './liveState.ts';

/** What becomes visible at once is taken up at once, in milliseconds. */
const GATHERING_TIME = 10;
/** At least so long between two looks at etcd where it does not tell by itself, in milliseconds. */
const POLL_PAUSE = 3000;
/** Looking takes at most this part of the time, however long it takes. */
const POLL_SHARE = 0.1;

/** A watch that fails again within this time ends as soon as it begins, and is not begun at once, in milliseconds. */
const STEADY = 10_000;

/** One watch under way. */
interface Watch {
  readonly range: KeyRange;
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
    this.#watches = unite(followed.map(({ range }) => range)).map((range) => {
      const since = startOf(range, followed);
      const kept = before.find((each) => isSame(each.range, range) && (since === undefined || each.position <= since));
      if (kept) return kept;
      const started: Watch = { range, abort: new AbortController(), position: since ?? 0n, isInterrupted: false };
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
      for await (const { revision, events } of store.watch(watch.range, { ...from, interrupted, signal })) {
        if (signal.aborted) return;
        watch.position = revision;
        this.#noteInterruption(watch, false);
        this.#connection.noteOutcome();
        const through = this.#watches.reduce((least, { position }) => (position < least ? position : least), revision);
        for (const each of this.#followers()) each.onEvents(this.#connection, events, through);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!EtcdError.is(error)) throw error;
      if (error.kind === 'permissionDenied' || error.kind === 'unsupported') this.#isUnwatchable = true;
    }
    if (signal.aborted) return;
    for (const { abort } of this.#watches.splice(0)) abort.abort();
    const now = performance.now();
    this.#poll(store, now - this.#failedAt > STEADY);
    this.#failedAt = now;
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
    if (since > 0n && (oldest === undefined || since < oldest) && rangeIncludes(range, part)) oldest = since;
  return oldest;
}

function isSame(a: KeyRange, b: KeyRange): boolean {
  return toBinaryKey(a.start) === toBinaryKey(b.start) && toBinaryKey(a.end) === toBinaryKey(b.end);
}
