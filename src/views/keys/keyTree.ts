import { setTimeout as delay } from 'node:timers/promises';
import {
  EventEmitter,
  type CancellationToken,
  type TreeDataProvider,
  type TreeItem,
  TreeItemCollapsibleState,
  workspace,
} from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { Connections } from '../../connections/connections.ts';
import { affectsPinnedFolders, pinnedFolders } from '../../connections/lists/pinnedFolders.ts';
import type { NameFilter } from '../../etcd/search/nameFilter.ts';
import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import { compareKeys, prefixRange, rangeContains } from '../../etcd/keys/ranges.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { FailedFolders } from './failedFolders.ts';
import {
  ConnectionNode,
  LoadingNode,
  type FolderNode,
  type KeyNode,
  type KeyspaceNode,
  type TreeNode,
} from './nodes.ts';
import { rangeOfNode } from './levelListing.ts';
import { LayoutLooks } from './layouts/layoutLooks.ts';
import { MAX_ROWS } from './levelWindow.ts';
import { treeItem } from './treeItems.ts';

// See docs/contributing/decisions/tree.md

/** Limit of the children that are loaded to reach one of them; the others are skipped. */
const MAX_TO_LOAD = 2000;
/** Number of children that "Load all…" reads at a time. */
const LOADED_AT_A_TIME = 2000;

/** Milliseconds that the children of a connection may take before a row says that it is being opened. */
const CONNECTING_PATIENCE = 1000;

/** Milliseconds in which VS Code asks again for children that were withheld from it. */
const WITHHELD_PATIENCE = 500;

/** The sidebar's tree: connections, and below each its keys as a hierarchy, listed level by level. */
export class KeyTree extends DisposableOwner implements TreeDataProvider<TreeNode> {
  readonly #connections: Connections;
  readonly #expanded: Pick<Set<string>, 'has'>;
  readonly #changed = this.own(new EventEmitter<TreeNode | TreeNode[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #shown = this.own(new EventEmitter<FolderNode>());
  /** Fires when VS Code got the children of a folder, because it expands the folder. */
  readonly onDidShowFolder = this.#shown.event;
  readonly #failed = new FailedFolders();
  /** Looks of the keys and folders of well-known software. */
  readonly looks = this.own(new LayoutLooks(() => this.#redrawAll()));
  /** Folders whose connections are being opened, and whose children have not arrived yet. */
  readonly #connecting = new Set<FolderNode>();
  readonly #roots = new Map<string, ConnectionNode>();
  readonly #filtered = new Set<FolderNode>();
  /** Number of VS Code's latest call that took a node's item. */
  readonly #taken = new WeakMap<TreeNode, number>();
  /** Number of VS Code's latest call that asked for a node's children. */
  readonly #asked = new WeakMap<TreeNode, number>();
  #calls = 0;

  /** @param expanded ids of the folders that are drawn expanded; by default none */
  constructor(connections: Connections, expanded: Pick<Set<string>, 'has'> = new Set()) {
    super();
    this.#connections = connections;
    this.#expanded = expanded;
    this.own(connections.onDidChange((connection) => this.#followState(connection)));
    this.own(
      workspace.onDidChangeConfiguration((event) => {
        if (affectsPinnedFolders(event)) this.#redrawAll();
      }),
    );
  }

  getTreeItem(node: TreeNode): TreeItem {
    this.#taken.set(node, ++this.#calls);
    const item = treeItem(node, node.kind === 'folder' || node.kind === 'key' ? this.looks.of(node) : undefined);
    if (node.kind === 'folder' && this.#expanded.has(node.id))
      item.collapsibleState = TreeItemCollapsibleState.Expanded;
    return item;
  }

  #redrawAll(): void {
    for (const root of this.#roots.values()) this.#changed.fire(root);
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
    const call = ++this.#calls;
    this.#asked.set(node, call);
    const pinned = node.kind === 'connection' ? node.pin(pinnedFolders(node.connection)) : [];
    const [children] = await Promise.all([
      this.#unlessConnecting(
        folder,
        this.#childrenOf(folder, () => this.redraw([folder])),
      ),
      this.looks.load(),
    ]);
    if (this.#isTakenAnew(node, call)) {
      void this.#redrawUnlessAsked(node, call);
      return [];
    }
    if (!children) return [...pinned, new LoadingNode(folder)];
    this.#shown.fire(folder);
    return [...pinned, ...children];
  }

  /**
   * Returns undefined if the children take long because the connection is being opened; the folder is drawn again once
   * they have arrived. A row stands in for them, because until a row has its children, VS Code neither draws it again
   * nor shows its icons.
   */
  async #unlessConnecting(folder: FolderNode, children: Promise<TreeNode[]>): Promise<TreeNode[] | undefined> {
    if (!folder.isRoot || folder.connection.capabilities) return await children;
    const abort = new AbortController();
    const first = await Promise.race([
      children,
      delay(CONNECTING_PATIENCE, undefined, { signal: abort.signal }).catch(() => undefined),
    ]);
    if (first) abort.abort();
    else if (!this.#connecting.has(folder)) {
      this.#connecting.add(folder);
      void children.finally(() => {
        this.#connecting.delete(folder);
        this.redraw([folder]);
      });
    }
    return first;
  }

  /**
   * Whether VS Code has drawn a node again since it asked for its children; it then asks again. VS Code 1.103 would
   * attach the first answer to the old node, and would from then on refuse these children wherever they appear.
   */
  #isTakenAnew(node: TreeNode, call: number): boolean {
    for (let above: TreeNode | undefined = node; above; above = this.getParent(above))
      if ((this.#taken.get(above) ?? 0) > call) return true;
    return false;
  }

  /**
   * Draws a node again whose children were withheld, unless VS Code has asked for them again: it does not if their
   * answer arrived after it had forgotten the earlier one, and would show an empty folder.
   */
  async #redrawUnlessAsked(node: TreeNode, call: number): Promise<void> {
    await delay(WITHHELD_PATIENCE, undefined, { ref: false });
    if (this.#asked.get(node) === call) this.#changed.fire(node);
  }

  async resolveTreeItem(item: TreeItem, node: TreeNode, token: CancellationToken): Promise<TreeItem> {
    // Loaded when the pointer rests on a row for the first time.
    const { tooltipOf } = await import('./tooltips.ts');
    const tooltip = await tooltipOf(node, this.looks, token);
    if (tooltip !== undefined) item.tooltip = tooltip;
    return item;
  }

  /** Lists the visible part of a connection again, or that of all connections. */
  refresh(connection?: Connection): void {
    const roots = connection ? [this.rootOf(connection)] : this.#connections.all.map((each) => this.rootOf(each));
    for (const root of roots) {
      root.invalidate();
      this.#changed.fire(root);
    }
  }

  /** Lists one folder again. */
  refreshFolder(folder: FolderNode): void {
    folder.invalidate();
    this.redraw([folder]);
  }

  /** Draws nodes and the expanded rows below them in their present state. */
  redraw(nodes: readonly (FolderNode | KeyNode)[]): void {
    this.#changed.fire(nodes.map((node) => (node.kind === 'folder' && node.isRoot ? node.parent : node)));
  }

  /** Shows only children whose names match the filter; without a filter, all. */
  filterFolder(folder: FolderNode, filter: NameFilter | undefined): void {
    folder.setFilter(filter);
    if (filter) this.#filtered.add(folder);
    else this.#filtered.delete(folder);
    this.redraw([folder]);
  }

  /** Folders of the present connections that show only a part of their children. */
  get filtered(): FolderNode[] {
    for (const folder of this.#filtered)
      if (!this.#connections.all.includes(folder.connection)) this.#filtered.delete(folder);
    return [...this.#filtered];
  }

  loadMore(folder: FolderNode): void {
    folder.wantMore();
    this.redraw([folder]);
  }

  /** Shows the children after those of a full folder, or those shown before. */
  turnPage(folder: FolderNode, where: 'next' | 'earlier'): void {
    if (where === 'next') folder.goOn();
    else folder.goBack();
    this.redraw([folder]);
  }

  /**
   * Loads a folder to its end, or up to the limit of children that are shown at a time.
   * @param progress called with the number of loaded children
   */
  async loadAll(folder: FolderNode, signal: AbortSignal, progress: (loaded: number) => void): Promise<void> {
    const stop = () => void folder.stop();
    signal.addEventListener('abort', stop);
    const canGoOn = () => !folder.isComplete && folder.loaded.length < MAX_ROWS && !signal.aborted;
    for (let before = -1; before < folder.loaded.length && canGoOn();) {
      before = folder.loaded.length;
      folder.wantMore(LOADED_AT_A_TIME);
      await this.#childrenOf(folder);
      progress(folder.loaded.length);
    }
    signal.removeEventListener('abort', stop);
    this.redraw([folder]);
  }

  /** Stops the listing of a folder that was collapsed; it is listed when it is expanded again. */
  stopListing(node: TreeNode): void {
    const folder = node.kind === 'connection' ? node.root : node;
    // VS Code forgets the children it got, because they were not all.
    if (folder.kind === 'folder' && folder.stop()) this.redraw([folder]);
  }

  /**
   * Finds the node of a key or prefix, and loads the folders on the way; returns the nearest node above it if it does
   * not exist.
   */
  async find(connection: Connection, path: Uint8Array): Promise<TreeNode> {
    let nearest: ConnectionNode | FolderNode = this.rootOf(connection);
    if (!rangeContains(prefixRange(nearest.root.path), path)) return nearest;
    for (;;) {
      const folder: FolderNode = nearest.kind === 'connection' ? nearest.root : nearest;
      const next: KeyspaceNode | undefined = await this.#findIn(folder, path);
      if (!next || folder.hides(next)) return nearest;
      if (next.kind === 'key' || compareKeys(next.path, path) === 0) return next;
      nearest = next;
    }
  }

  async #findIn(folder: FolderNode, path: Uint8Array): Promise<KeyspaceNode | undefined> {
    const find = () => folder.loaded.find((child) => rangeContains(rangeOfNode(child), path));
    await this.#childrenOf(folder);
    const last = folder.loaded.at(-1);
    const isBefore = folder.from !== undefined && compareKeys(path, folder.from) < 0;
    const isAfter = !folder.isComplete && last !== undefined && compareKeys(path, rangeOfNode(last).end) >= 0;
    if (isBefore || (isAfter && (folder.left ?? 0) > MAX_TO_LOAD)) {
      folder.jumpTo(childPath(folder, path));
      await this.#childrenOf(folder);
      this.redraw([folder]);
    } else if (isAfter) {
      folder.wantMore(MAX_TO_LOAD);
      await this.#childrenOf(folder);
      this.redraw([folder]);
    }
    return find();
  }

  #followState(connection: Connection | undefined): void {
    // A listing belongs to the connection that was open at that time.
    if (connection?.state.kind === 'idle' || connection?.failure) this.rootOf(connection).invalidate();
    if (connection?.state.kind === 'connected') this.#failed.retry(this.rootOf(connection));
    this.#changed.fire(connection && this.rootOf(connection));
  }

  /**
   * Returns the children. A failed attempt is not repeated, and no question asked again, until the user wants it: see
   * `Connection.disconnect`.
   */
  #childrenOf(folder: FolderNode, redraw?: () => void): Promise<TreeNode[]> {
    const { connection } = folder;
    return folder.children(async () => {
      if (connection.failure) throw connection.failure;
      return await connection.store('interactive');
    }, redraw);
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

/** Returns the path of the child that contains, or is, a key of the folder. */
function childPath({ connection, path: { length } }: FolderNode, path: Uint8Array): Uint8Array {
  return path.subarray(0, connection.hierarchy.segmentEnd(toBinaryKey(path), length)?.separator);
}
