import type { TreeView } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { Connections } from '../../connections/connections.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { isPassing } from '../../etcd/passingFailures.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { TreeNode } from '../keys/nodes.ts';

/** Milliseconds between two attempts. */
const PAUSE = 3000;

/**
 * Reconnects after network failures while the tree is visible. It asks the user nothing, and ignores other failures.
 */
export class Reconnecting extends DisposableOwner {
  readonly #connections: Connections;
  readonly #view: Pick<TreeView<TreeNode>, 'visible' | 'onDidChangeVisibility'>;
  readonly #timers = new Map<Connection, NodeJS.Timeout>();

  constructor(connections: Connections, view: Pick<TreeView<TreeNode>, 'visible' | 'onDidChangeVisibility'>) {
    super();
    this.#connections = connections;
    this.#view = view;
    this.own(connections.onDidChange(() => this.#update()));
    this.own(view.onDidChangeVisibility(() => this.#update()));
  }

  override dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    super.dispose();
  }

  #update(): void {
    const wanted = new Set(
      this.#view.visible ? this.#connections.live.filter(({ failure }) => isPassing(failure)) : [],
    );
    for (const [connection, timer] of this.#timers) {
      if (wanted.has(connection)) continue;
      clearTimeout(timer);
      this.#timers.delete(connection);
    }
    for (const connection of wanted) if (!this.#timers.has(connection)) this.#tryLater(connection);
  }

  #tryLater(connection: Connection): void {
    this.#timers.set(
      connection,
      setTimeout(() => void this.#try(connection), PAUSE),
    );
  }

  async #try(connection: Connection): Promise<void> {
    try {
      await connection.store('background');
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
    }
    if (this.#timers.has(connection) && isPassing(connection.failure)) this.#tryLater(connection);
    else this.#timers.delete(connection);
  }
}
