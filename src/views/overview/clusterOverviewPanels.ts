import type { Uri } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { Connections } from '../../connections/connections.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { ClusterOverviewPanel } from './clusterOverviewPanel.ts';

/** The open overviews: at most one for each connection. */
export class ClusterOverviewPanels extends DisposableOwner {
  readonly #connections: Connections;
  readonly #folder: (name: string) => Uri;
  readonly #open = new Map<string, ClusterOverviewPanel>();

  /** @param folder of the files of the page */
  constructor(connections: Connections, folder: (name: string) => Uri) {
    super();
    this.#connections = connections;
    this.#folder = folder;
    this.own({
      dispose: () => {
        for (const overview of this.#open.values()) overview.dispose();
      },
    });
  }

  /**
   * Opens the overview of a connection's cluster, or shows the one that is open.
   * @param reveal shows a key or folder of the connection in the tree
   */
  async show({ id }: Connection, reveal: (path: Uint8Array) => void): Promise<void> {
    const { ClusterOverviewPanel } = await import('./clusterOverviewPanel.ts');
    const shown = this.#open.get(id);
    if (shown) return shown.reveal();
    const overview = new ClusterOverviewPanel(id, this.#connections, this.#folder, reveal);
    this.#open.set(id, overview);
    overview.onDidClose(() => this.#open.delete(id));
  }
}
