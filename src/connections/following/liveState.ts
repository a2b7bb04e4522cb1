import type { KeyRange, WatchBatch } from '../../etcd/keyStore.ts';
import type { Connection } from '../connection.ts';

/**
 * How the visible part of a connection is kept up to date: by events, by polling, or not at all. `interrupted`: the
 * connection was lost, and is tried again; `idle`: nothing visible can follow; `off`: the user has switched following
 * off.
 */
export type LiveState = 'live' | 'polling' | 'interrupted' | 'idle' | 'off';

/** Keys that are shown, and the revision up to which they are correct. */
export interface Followed {
  readonly range: KeyRange;
  readonly since: bigint;
}

/** A part of the user interface that shows keys and follows changes while it is visible. */
export interface Follower {
  /** Returns what is visible of a connection. */
  followed(connection: Connection): readonly Followed[];
  /** Whether a part of the connection changes so fast that the follower polls it rather than receiving events. */
  isPolling(connection: Connection): boolean;
  /**
   * Receives events.
   * @param through revision up to which all events of what is followed have arrived
   */
  onEvents(connection: Connection, events: WatchBatch['events'], through: bigint): void;
  /**
   * Reads everything again, if events were missed or do not arrive.
   * @throws EtcdError if etcd does not answer
   */
  readAnew(connection: Connection, signal: AbortSignal): Promise<void>;
}
