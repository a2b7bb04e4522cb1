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
import { toBinaryKey } from '../etcd/keyspace/binaryKey.ts';
import { compareKeys, prefixRange, rangeContains } from '../etcd/keyspace/ranges.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { keyTooltip } from '../ui/keyTooltip.ts';
import {
  ConnectionNode,
  rangeOfNode,
  type FolderNode,
  type KeyNode,
  type KeyspaceNode,
  type TreeNode,
} from './nodes.ts';
import { MOST_ROWS } from './levelWindow.ts';
import { connectionTooltip, folderTooltip } from './tooltips.ts';
import { treeItem } from './treeItems.ts';

/** So many children are loaded on the way to one of them; more are jumped over. */
const MOST_TO_LOAD = 2000;
/** Children that "Load all…" gets at a time. */
const LOADED_AT_A_TIME = 2000;

/** The sidebar's tree: connections, and below each its keys as a hierarchy, listed level by level. */
export class KeyTree extends DisposableOwner implements TreeDataProvider<TreeNode> {
  readonly #connections: Connections;
  readonly #changed = this.own(new EventEmitter<TreeNode | TreeNode[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #shown = this.own(new EventEmitter<FolderNode>());
  /** VS Code was given the children of a folder, which is expanded. */
  readonly onDidShowFolder = this.#shown.event;
  readonly #roots = new Map<string, ConnectionNode>();
  /** Calls by VS Code, numbered: when it took a node's item last. */
  readonly #taken = new WeakMap<TreeNode, number>();
  #calls = 0;

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
    this.#taken.set(node, ++this.#calls);
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
    const call = ++this.#calls;
    const pinned = node.kind === 'connection' ? node.pin(pinnedFolders(node.connection)) : [];
    const children = await this.#childrenOf(folder, () => this.redraw([folder]));
    if (this.#isTakenAnew(node, call)) return [];
    this.#shown.fire(folder);
    return [...pinned, ...children];
  }

  /**
   * Whether VS Code has drawn a node anew since it asked for its children, which it then asks for again. VS Code 1.103 would register
   * the first answer at the node that is gone, and from then on refuse these children wherever they come.
   */
  #isTakenAnew(node: TreeNode, call: number): boolean {
    for (let above: TreeNode | undefined = node; above; above = this.getParent(above))
      if ((this.#taken.get(above) ?? 0) > call) return true;
    return false;
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

  /** Shows what follows a full folder, or what was shown before that. */
  turnPage(folder: FolderNode, where: 'next' | 'earlier'): void {
    if (where === 'next') folder.goOn();
    else folder.goBack();
    this.redraw([folder]);
  }

  /**
   * Loads a folder to its end, or as many of its children as are shown at a time.
   * @param progress told how many are loaded
   */
  async loadAll(folder: FolderNode, signal: AbortSignal, progress: (loaded: number) => void): Promise<void> {
    const stop = () => void folder.stop();
    signal.addEventListener('abort', stop);
    const canGoOn = () => !folder.isComplete && folder.loaded.length < MOST_ROWS && !signal.aborted;
    for (let before = -1; before < folder.loaded.length && canGoOn();) {
      before = folder.loaded.length;
      folder.wantMore(LOADED_AT_A_TIME);
      await this.#childrenOf(folder);
      progress(folder.loaded.length);
    }
    signal.removeEventListener('abort', stop);
    this.redraw([folder]);
  }

  /** Ends the listing of a folder that was collapsed; it is listed when it is expanded again. */
  stopListing(node: TreeNode): void {
    const folder = node.kind === 'connection' ? node.root : node;
    // VS Code forgets what it was given, which is not all that was to be shown.
    if (folder.kind === 'folder' && folder.stop()) this.redraw([folder]);
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
    const find = () => folder.loaded.find((child) => rangeContains(rangeOfNode(child), path));
    await this.#childrenOf(folder);
    const last = folder.loaded.at(-1);
    const isBefore = folder.from !== undefined && compareKeys(path, folder.from) < 0;
    const isAfter = !folder.isComplete && last !== undefined && compareKeys(path, rangeOfNode(last).end) >= 0;
    if (isBefore || (isAfter && (folder.left ?? 0) > MOST_TO_LOAD)) {
      folder.jumpTo(childPath(folder, path));
      await this.#childrenOf(folder);
      this.redraw([folder]);
    } else if (isAfter) {
      folder.wantMore(MOST_TO_LOAD);
      await this.#childrenOf(folder);
      this.redraw([folder]);
    }
    return find();
  }

  #followState(connection: Connection | undefined): void {
    // Listings belong to the connection that was open: a closed one's have to be made anew.
    if (connection?.state.kind === 'idle' || connection?.failure) this.rootOf(connection).invalidate();
    this.#changed.fire(connection && this.rootOf(connection));
  }

  /** A failed attempt is not repeated, and no question asked again, until the user wants it: see `Connection.disconnect`. */
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

/** The path of the child that a key below the folder is, or lies in. */
function childPath({ connection, path: { length } }: FolderNode, path: Uint8Array): Uint8Array {
  return path.subarray(0, connection.hierarchy.segmentEnd(toBinaryKey(path), length)?.separator);
}
