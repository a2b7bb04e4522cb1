import type { TreeView } from 'vscode';
import type { Connections } from '../../connections/connections.ts';
import type { Connection } from '../../connections/connection.ts';
import type { EtcdError } from '../../etcd/errors.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { showFailure } from '../../ui/notices.ts';
import type { TreeNode } from './nodes.ts';

/**
 * Explains in a notification why a connection failed that the user has just expanded, because its row has room for only
 * a few words.
 */
export class FailureNotices extends DisposableOwner {
  readonly #connections: Connections;
  readonly #retry: (connection: Connection) => unknown;
  /** Connections that were expanded and have neither connected nor failed since. */
  readonly #awaited = new Set<string>();
  readonly #shown = new WeakSet<EtcdError>();

  constructor(
    connections: Connections,
    view: Pick<TreeView<TreeNode>, 'onDidExpandElement'>,
    retry: (connection: Connection) => unknown,
  ) {
    super();
    this.#connections = connections;
    this.#retry = retry;
    this.own(
      view.onDidExpandElement(({ element }) => {
        if (element.kind !== 'connection') return;
        this.#awaited.add(element.connection.id);
        this.#look();
      }),
    );
    this.own(connections.onDidChange(() => this.#look()));
  }

  #look(): void {
    for (const id of this.#awaited) {
      const connection = this.#connections.get(id);
      const state = connection?.state;
      if (state?.kind === 'idle' || state?.kind === 'connecting') continue;
      this.#awaited.delete(id);
      if (connection && state?.kind === 'failed') this.#show(connection, state.error);
    }
  }

  #show(connection: Connection, error: EtcdError): void {
    // The user is asked whether to trust a rejected certificate; what a person canceled is no failure.
    if (error.rejected || this.#shown.has(error)) return;
    this.#shown.add(error);
    const retry = () => {
      this.#awaited.add(connection.id);
      this.#retry(connection);
    };
    void showFailure(error, { connection, retry });
  }
}
