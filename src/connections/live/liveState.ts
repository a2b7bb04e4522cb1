import type { KeyRange, WatchBatch } from '../../etcd/keyStore.ts';
import type { Connection } from '../connection.ts';

/**
 * How what is shown of a connection follows it: told by etcd as it happens, by asking again and again, or not at all. `interrupted`
 * means that it was cut off and tries to go on, `idle` that nothing is shown that could follow, `off` that nobody wants it.
 */
export type LiveState = 'live' | 'polling' | 'interrupted' | 'idle' | 'off';

/** Keys that are shown, and the revision up to which what is shown is right. */
export interface Followed {
  readonly range: KeyRange;
  readonly since: bigint;
}

/** Who shows keys, and follows them as long as somebody sees that. */
export interface Follower {
  /** What of a connection is visible now. */
  followed(connection: Connection): readonly Followed[];
  /** Whether some of it changes so fast that the follower asks for it itself rather than being told. */
  isPolling(connection: Connection): boolean;
  /**
   * Takes over what happened.
   * @param through every event of what is followed up to this revision has been told
   */
  onEvents(connection: Connection, events: WatchBatch['events'], through: bigint): void;
  /**
   * Looks at etcd anew, where events were missed or are not told.
   * @throws EtcdError when etcd does not answer
   */
  readAnew(connection: Connection, signal: AbortSignal): Promise<void>;
}
