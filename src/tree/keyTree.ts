import {
  EventEmitter,
  type CancellationToken,
  type MarkdownString,
  type TreeDataProvider,
  type TreeItem,
  workspace,
} from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import { affectsPinnedFolders, pinnedFolders } from '../connections/pinnedFolders.ts';
import { EtcdError } from '../etcd/errors.ts';
import { factsOf } from '../etcd/keyFacts.ts';
import { compareKeys, prefixRange, rangeContains } from '../etcd/keyspace/ranges.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { keyTooltip } from '../ui/keyTooltip.ts';
import { ConnectionNode, type FolderNode, type KeyNode, type KeyspaceNode, type TreeNode } from './nodes.ts';
import { connectionTooltip, folderTooltip } from './tooltips.ts';
import { treeItem } from './treeItems.ts';

/** Pages that `find` loads at most on its way to a key in a large folder. */
const MAX_PAGES_TO_FIND = 10;

/** The sidebar's tree: connections, and below each its keys as a hierarchy, listed level by level. */
export class KeyTree extends DisposableOwner implements TreeDataProvider<TreeNode> {
  readonly #connections: Connections;
  readonly #changed = this.own(new EventEmitter<TreeNode | TreeNode[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #shown = this.own(new EventEmitter<FolderNode>());
  /** VS Code was given the children of a folder, which is expanded. */
  readonly onDidShowFolder = this.#shown.event;
  readonly #roots = new Map<string, ConnectionNode>();

  constructor(connections: Connections) {
    super();
    this.#connections = connections;
    this.own(connections.onDidChange((connection) => this.#followState(connection)));
    this.own(
      workspace.onDidChangeConfiguration((event) => {
        if (affectsPinnedFolders(event)) for (const root of this.#roots.values()) this.#changed.fire(root);
      }),
    );
  }

  getTreeItem(node: TreeNode): TreeItem {
    return treeItem(node);
  }

  getParent(node: TreeNode): TreeNode | undefined {
    if (node.kind === 'connection') return undefined;
    const { parent } = node;
    return parent.kind === 'folder' && parent.isRoot ? parent.parent : parent;
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (!node) return this.#connections.all.map((connection) => this.rootOf(connection));
    const folder = node.kind === 'connection' ? node.root : node;
    if (folder.kind !== 'folder') return [];
    const pinned = node.kind === 'connection' ? node.pin(pinnedFolders(node.connection)) : [];
    const children = await this.#childrenOf(folder);
    this.#shown.fire(folder);
    return [...pinned, ...children];
  }

  async resolveTreeItem(item: TreeItem, node: TreeNode, token: CancellationToken): Promise<TreeItem> {
    if (node.kind === 'connection') item.tooltip = connectionTooltip(node.connection);
    if (node.kind === 'folder') item.tooltip = folderTooltip(node);
    if (node.kind === 'message' && node.error) item.tooltip = node.error.message;
    if (node.kind === 'key') item.tooltip = await this.#keyTooltip(node, token);
    return item;
  }

  async #keyTooltip(node: KeyNode, token: CancellationToken): Promise<MarkdownString | string> {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    try {
      const store = await node.connection.store('background');
      const { kv } = await store.get(node.path, abort);
      const lease = kv?.lease ?? 0n;
      const secondsToLive = lease === 0n ? undefined : await store.leases?.timeToLive(lease, abort.signal);
      return keyTooltip(node.path, kv && factsOf(kv), secondsToLive);
    } catch (error) {
      if (EtcdError.is(error)) return error.message;
      throw error;
    }
  }

  /** Lists anew what is shown of a connection, or of all. */
  refresh(connection?: Connection): void {
    const roots = connection ? [this.rootOf(connection)] : this.#connections.all.map((each) => this.rootOf(each));
    for (const root of roots) {
      root.invalidate();
      this.#changed.fire(root);
    }
  }

  /** Lists one folder anew. */
  refreshFolder(folder: FolderNode): void {
    folder.invalidate();
    this.redraw([folder]);
  }

  /** Draws nodes as they are by now, with what is expanded below them. */
  redraw(nodes: readonly (FolderNode | KeyNode)[]): void {
    this.#changed.fire(nodes.map((node) => (node.kind === 'folder' && node.isRoot ? node.parent : node)));
  }

  /** Shows only children whose names match, or without a pattern all. */
  filterFolder(folder: FolderNode, pattern: string | undefined): void {
    folder.setFilter(pattern);
    this.redraw([folder]);
  }

  loadMore(folder: FolderNode): void {
    folder.wantMore();
    this.redraw([folder]);
  }

  /** The node of a key or prefix, loading the folders on the way; the nearest one above it where it is not found. */
  async find(connection: Connection, path: Uint8Array): Promise<TreeNode> {
    let nearest: ConnectionNode | FolderNode = this.rootOf(connection);
    if (!rangeContains(prefixRange(nearest.root.path), path)) return nearest;
    for (;;) {
      const folder: FolderNode = nearest.kind === 'connection' ? nearest.root : nearest;
      const next: KeyspaceNode | undefined = await this.#findIn(folder, path);
      if (!next) return nearest;
      if (next.kind === 'key' || compareKeys(next.path, path) === 0) return next;
      nearest = next;
    }
  }

  async #findIn(folder: FolderNode, path: Uint8Array): Promise<KeyspaceNode | undefined> {
    for (let page = 0; page < MAX_PAGES_TO_FIND; page++) {
      await this.#childrenOf(folder);
      const found = folder.loaded.find((child) =>
        child.kind === 'key' ? compareKeys(child.path, path) === 0 : rangeContains(prefixRange(child.path), path),
      );
      const last = folder.loaded.at(-1);
      if (found || folder.isComplete || !last || compareKeys(last.path, path) > 0) return found;
      this.loadMore(folder);
    }
    return undefined;
  }

  #followState(connection: Connection | undefined): void {
    // Listings belong to the connection that was open: a closed one's have to be made anew.
    if (connection?.state.kind === 'idle' || connection?.failure) this.rootOf(connection).invalidate();
    this.#changed.fire(connection && this.rootOf(connection));
  }

  /** A failed attempt is not repeated, and no question asked again, until the user wants it: see `Connection.disconnect`. */
  #childrenOf(folder: FolderNode): Promise<TreeNode[]> {
    const { connection } = folder;
    return folder.children(async () => {
      if (connection.failure) throw connection.failure;
      return await connection.store('interactive');
    });
  }

  get roots(): readonly ConnectionNode[] {
    return [...this.#roots.values()];
  }

  rootOf(connection: Connection): ConnectionNode {
    const known = this.#roots.get(connection.id);
    if (known?.connection === connection) return known;
    const root = new ConnectionNode(connection);
    this.#roots.set(connection.id, root);
    return root;
  }
}
