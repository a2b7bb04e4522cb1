import { EventEmitter } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { prefixRange, singleKeyRange } from '../etcd/keyspace/ranges.ts';
import type { KeyEvent, KeyStore } from '../etcd/keyStore.ts';
import { EventRing } from '../etcd/watch/eventRing.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import type { OpenMode } from './consentQuestions.ts';

/** So many events of a watch are kept, and so many bytes of their values. */
export const KEPT_EVENTS = 10_000;
const KEPT_BYTES = 32 * 1024 * 1024;

export interface WatchedPath {
  readonly connection: Connection;
  readonly kind: 'key' | 'folder';
  readonly path: Uint8Array;
}

export type KeyWatchState =
  | { readonly kind: 'starting' | 'running' }
  /** It tries again by itself. */
  | { readonly kind: 'interrupted'; readonly reason: EtcdError }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What happens to a key or below a prefix, recorded from a moment on until it is disposed of. */
export class KeyWatch extends DisposableOwner {
  readonly id: string;
  readonly target: WatchedPath;
  readonly ring = new EventRing({ events: KEPT_EVENTS, bytes: KEPT_BYTES });
  readonly #changed = this.own(new EventEmitter<void>());
  readonly #told = this.own(new EventEmitter<readonly KeyEvent[]>());
  /** Events came, or the state changed. */
  readonly onDidChange = this.#changed.event;
  /** Events came, whether it is paused or not. */
  readonly onDidTell = this.#told.event;
  readonly #connections: Connections;
  #abort = new AbortController();
  #state: KeyWatchState = { kind: 'starting' };
  #next: bigint | undefined;
  /** What came while it is paused. */
  #held: { readonly events: readonly KeyEvent[]; readonly time: number }[] | undefined;
  #heldCount = 0;
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

  /** Events that wait until it goes on; where there are many, more wait at the server. */
  get waiting(): number {
    return this.#heldCount;
  }

  /**
   * Follows from where it stopped, at first from now on; goes on in the background.
   * @throws EtcdError where the connection cannot be opened
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

  /** What comes from now on is held back, and counted. */
  pause(): void {
    this.#held ??= [];
    this.#changed.fire();
  }

  /** Records what was held back, and goes on. */
  continue(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#heldCount = 0;
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
          // What was missed cannot be had any more: it goes on from now, and says so.
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
      while (this.#heldCount >= KEPT_EVENTS && !signal.aborted) await this.#released.promise;
    }
  }

  /** Of the connection as it is now: its settings may have changed, or it may be gone. */
  #store(mode: OpenMode): Promise<KeyStore> {
    return this.#connections.require(this.target.connection.id).store(mode);
  }

  #record(events: readonly KeyEvent[]): void {
    const time = Date.now();
    if (this.#held) {
      this.#held.push({ events, time });
      this.#heldCount += events.length;
    } else this.ring.push(events, time);
    this.#told.fire(events);
    this.#changed.fire();
  }

  #setState(state: KeyWatchState): void {
    this.#state = state;
    this.#changed.fire();
  }
}
