import { EventEmitter, workspace, type Disposable } from 'vscode';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { Connection } from '../connection.ts';
import type { Connections } from '../connections.ts';
import { ConnectionFeed } from './connectionFeed.ts';
import type { Follower, LiveState } from './liveState.ts';

const SETTING = 'etcd.live';

/**
 * Lets views and documents follow etcd, with one feed per connection that runs as long as something of it is visible.
 */
export class LiveFeeds extends DisposableOwner {
  readonly #connections: Connections;
  readonly #followers = new Set<Follower>();
  readonly #feeds = new Map<Connection, ConnectionFeed>();
  readonly #changed = this.own(new EventEmitter<Connection>());
  /** Fires when the state of a connection's feed has changed. */
  readonly onDidChangeState = this.#changed.event;

  constructor(connections: Connections) {
    super();
    this.#connections = connections;
    this.own(
      connections.onDidChange((connection) => {
        if (connection) this.update(connection);
        else this.#forgetRemoved();
      }),
    );
    this.own(
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(SETTING)) this.update();
      }),
    );
  }

  /** Whether the user wants visible things to follow etcd. */
  get isOn(): boolean {
    return workspace.getConfiguration().get(SETTING, true);
  }

  stateOf(connection: Connection): LiveState {
    return this.isOn ? (this.#feeds.get(connection)?.state ?? 'idle') : 'off';
  }

  add(follower: Follower): Disposable {
    this.#followers.add(follower);
    return { dispose: () => this.#followers.delete(follower) };
  }

  /** Call when the visible part of a connection, or of all, has changed. */
  update(connection?: Connection): void {
    for (const each of connection ? [connection] : this.#connections.all) {
      // Neither the past nor a file ever changes.
      if (each.revision !== undefined || each.file) continue;
      if (this.isOn) this.#feedOf(each).update();
      else this.#feedOf(each).stop('off');
    }
  }

  override dispose(): void {
    for (const feed of this.#feeds.values()) feed.stop();
    super.dispose();
  }

  #forgetRemoved(): void {
    const all = new Set(this.#connections.all);
    for (const [connection, feed] of this.#feeds) {
      if (all.has(connection)) continue;
      feed.stop();
      this.#feeds.delete(connection);
    }
  }

  #feedOf(connection: Connection): ConnectionFeed {
    const known = this.#feeds.get(connection);
    if (known) return known;
    const feed = new ConnectionFeed(
      connection,
      () => [...this.#followers],
      () => this.#changed.fire(connection),
    );
    this.#feeds.set(connection, feed);
    return feed;
  }
}
