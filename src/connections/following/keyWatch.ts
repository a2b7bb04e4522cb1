import { EventEmitter } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { prefixRange, singleKeyRange } from '../../etcd/keys/ranges.ts';
import type { KeyEvent, KeyStore } from '../../etcd/keyStore.ts';
import { bytesOf } from '../../etcd/watch/batchQueue.ts';
import { EventRing } from '../../etcd/watch/eventRing.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { Connection } from '../connection.ts';
import type { Connections } from '../connections.ts';
import type { OpenMode } from '../trust/consentQuestions.ts';

/** Limit of the events that a watch keeps, and of those that wait while it is paused. */
export const KEPT_EVENTS = 10_000;
const KEPT_BYTES = 32 * 1024 * 1024;

export interface WatchedPath {
  readonly connection: Connection;
  readonly kind: 'key' | 'folder';
  readonly path: Uint8Array;
}

export type KeyWatchState =
  | { readonly kind: 'starting' | 'running' }
  /** Interrupted, but trying again by itself. */
  | { readonly kind: 'interrupted'; readonly reason: EtcdError }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Records what happens to a key or below a prefix, until it is disposed. */
export class KeyWatch extends DisposableOwner {
  readonly id: string;
  readonly target: WatchedPath;
  readonly ring = new EventRing({ events: KEPT_EVENTS, bytes: KEPT_BYTES });
  readonly #changed = this.own(new EventEmitter<void>());
  readonly #received = this.own(new EventEmitter<readonly KeyEvent[]>());
  /** Fires when events came or the state changed. */
  readonly onDidChange = this.#changed.event;
  /** Fires when events came, whether the watch is paused or not. */
  readonly onDidReceive = this.#received.event;
  readonly #connections: Connections;
  #abort = new AbortController();
  #state: KeyWatchState = { kind: 'starting' };
  #next: bigint | undefined;
  /** Events held back while paused. */
  #held: { readonly events: readonly KeyEvent[]; readonly time: number }[] | undefined;
  #heldCount = 0;
  #heldBytes = 0;
  #released = Promise.withResolvers<void>();

  constructor(connections: Connections, id: string, target: WatchedPath) {
    super();
    this.#connections = connections;
    this.id = id;
    this.target = target;
    this.own({ dispose: () => this.#abort.abort() });
  }

  get state(): KeyWatchState {
    return this.#state;
  }

  get isPaused(): boolean {
    return this.#held !== undefined;
  }

  /** Number of events that wait; further ones may wait at the server. */
  get waiting(): number {
    return this.#heldCount;
  }

  /**
   * Starts or resumes watching in the background, at first from now on.
   * @throws EtcdError if the connection cannot be opened
   */
  async start(): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#setState({ kind: 'starting' });
    try {
      await this.#store('interactive');
    } catch (error) {
      this.#setState({ kind: 'failed', error });
      throw error;
    }
    void this.#run(signal);
  }

  /** Holds events back from now on, and counts them. */
  pause(): void {
    this.#held ??= [];
    this.#changed.fire();
  }

  /** Records the events that were held back, and continues. */
  continue(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#heldCount = 0;
    this.#heldBytes = 0;
    for (const { events, time } of held) this.ring.push(events, time);
    this.#released.resolve();
    this.#released = Promise.withResolvers();
    this.#changed.fire();
  }

  clear(): void {
    this.ring.clear();
    this.#changed.fire();
  }

  override dispose(): void {
    this.#released.resolve();
    super.dispose();
  }

  async #run(signal: AbortSignal): Promise<void> {
    let mode: OpenMode = 'interactive';
    while (!signal.aborted) {
      try {
        await this.#follow(mode, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (EtcdError.is(error, 'compacted')) {
          // The missed events are lost: continues from now, and records the gap.
          this.ring.pushGap(this.#next ?? 0n, Date.now());
          this.#next = undefined;
        } else if (EtcdError.is(error, 'cancelled') && mode === 'interactive') mode = 'background';
        else return this.#setState({ kind: 'failed', error });
      }
    }
  }

  async #follow(mode: OpenMode, signal: AbortSignal): Promise<void> {
    const { kind, path } = this.target;
    const store = await this.#store(mode);
    const range = kind === 'folder' ? prefixRange(path) : singleKeyRange(path);
    const interrupted = (reason: EtcdError) => this.#setState({ kind: 'interrupted', reason });
    const fromRevision = this.#next;
    const options = { previous: true, interrupted, signal, ...(fromRevision !== undefined && { fromRevision }) };
    for await (const { revision, events } of store.watch(range, options)) {
      this.#next = revision + 1n;
      if (this.#state.kind !== 'running') this.#setState({ kind: 'running' });
      if (events.length > 0) this.#record(events);
      while (this.#isHoldingEnough && !signal.aborted) await this.#released.promise;
    }
  }

  /** Whether further events must wait at the server. */
  get #isHoldingEnough(): boolean {
    return this.#heldCount >= KEPT_EVENTS || this.#heldBytes >= KEPT_BYTES;
  }

  /** Returns the store of the present connection, whose settings may have changed or which may be gone. */
  #store(mode: OpenMode): Promise<KeyStore> {
    return this.#connections.require(this.target.connection.id).store(mode);
  }

  #record(events: readonly KeyEvent[]): void {
    const time = Date.now();
    if (this.#held) {
      this.#held.push({ events, time });
      this.#heldCount += events.length;
      for (const event of events) this.#heldBytes += bytesOf(event);
    } else this.ring.push(events, time);
    this.#received.fire(events);
    this.#changed.fire();
  }

  #setState(state: KeyWatchState): void {
    this.#state = state;
    this.#changed.fire();
  }
}
