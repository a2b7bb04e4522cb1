import { commands, EventEmitter, l10n, type TreeDataProvider, type TreeItem, type TreeView } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { Connections } from '../../connections/connections.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { LeaseFilter } from '../../etcd/findLeases.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { revealRow } from '../../ui/showing.ts';
import { window } from '../../ui/text/window.ts';
import { ClusterNode } from './clusterNode.ts';
import { LeaseCountdown } from './leaseCountdown.ts';
import { LeaseList } from './leaseList.ts';

const VIEW = 'etcd.cluster';

/**
 * The members, alarms and space of one connection's cluster. The view is hidden until the user opens it, and asks etcd
 * only when it is drawn.
 */
export class ClusterView extends DisposableOwner implements TreeDataProvider<ClusterNode> {
  readonly #changed = this.own(new EventEmitter<ClusterNode | ClusterNode[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: TreeView<ClusterNode>;
  readonly #countdown: LeaseCountdown;
  #connection: Connection | undefined;
  #leases = new LeaseList();
  /** The group of leases, once it was drawn. */
  #leaseGroup: ClusterNode | undefined;

  constructor(connections: Connections) {
    super();
    this.#view = this.own(
      window.createTreeView(VIEW, { treeDataProvider: this, showCollapseAll: true, canSelectMany: true }),
    );
    this.#countdown = this.own(new LeaseCountdown(this.#view, (nodes) => this.#changed.fire(nodes)));
    this.own(
      connections.onDidChange(() => {
        const shown = this.#connection;
        if (!shown || connections.get(shown.id) === shown) return;
        this.#connection = undefined;
        this.refresh();
      }),
    );
  }

  /** The connection whose cluster is shown. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  get selection(): readonly ClusterNode[] {
    return this.#view.selection;
  }

  /** Shows the cluster of a connection, and replaces the one shown before. */
  async show(connection: Connection): Promise<void> {
    this.#connection = connection;
    this.#list({});
    this.#view.description = connection.name;
    await commands.executeCommand('setContext', 'etcd.cluster', true);
    this.refresh();
    await commands.executeCommand(`${VIEW}.focus`);
  }

  /** Shows further leases. */
  showMoreLeases(): void {
    this.#leases.more();
    this.#changed.fire(this.#leaseGroup);
  }

  /** Shows only some leases, and stops reading those of an earlier filter. */
  async filterLeases(filter: LeaseFilter): Promise<void> {
    this.#list(filter);
    this.refresh();
    await revealRow(this.#view, async () => this.#leaseGroup, { expand: true });
  }

  #list(filter: LeaseFilter): void {
    this.#leases.forget();
    this.#leases = new LeaseList(filter);
  }

  /** Asks the cluster again, if it is shown. */
  refresh(connection = this.#connection): void {
    if (connection !== this.#connection) return;
    this.#leases.forget();
    this.#changed.fire(undefined);
  }

  async getChildren(node?: ClusterNode): Promise<ClusterNode[]> {
    const { rowsBelow, topRows } = await import('./clusterLevels.ts');
    if (node) {
      const rows = await rowsBelow(node, this.#leases);
      const nodes = rows.map((row) => new ClusterNode(row, node.connection, node));
      // There is none if reading was ended, which the next reading has taken over.
      if (node.row.loads === 'leases' && nodes.length > 0) this.#countdown.count(nodes);
      return nodes;
    }
    const connection = this.#connection;
    this.#view.message = connection ? '' : l10n.t('No cluster is shown: its connection was changed or removed.');
    if (!connection) return [];
    try {
      const nodes = (await topRows(connection, this.#leases)).map((row) => new ClusterNode(row, connection));
      this.#leaseGroup = nodes.find(({ row }) => row.loads === 'leases');
      return nodes;
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      this.#view.message = error.message;
      return [];
    }
  }

  getParent({ parent }: ClusterNode): ClusterNode | undefined {
    return parent;
  }

  async getTreeItem(node: ClusterNode): Promise<TreeItem> {
    return (await import('./clusterLevels.ts')).clusterItem(node);
  }
}
