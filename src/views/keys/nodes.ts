import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import type { Connection } from '../../connections/connection.ts';
import { rootsOf } from '../../connections/settings/hierarchySettings.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { Child, KeyStore } from '../../etcd/keyStore.ts';
import type { NameFilter } from '../../etcd/search/nameFilter.ts';
import { LevelListing } from './levelListing.ts';
import { MAX_ROWS, PAGE_SIZE } from './levelWindow.ts';

export type TreeNode = ConnectionNode | FolderNode | KeyNode | LoadingNode | LoadMoreNode | MessageNode;
export type KeyspaceNode = FolderNode | KeyNode;

/** A connection: the root of its keyspace. */
export class ConnectionNode {
  readonly kind = 'connection';
  readonly connection: Connection;
  readonly root: FolderNode;
  #pinned: readonly PinnedFolderNode[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
    const { problem, settings } = connection.profile;
    const roots = problem === undefined ? rootsOf(settings, connection.hierarchy) : [];
    this.root =
      roots.length > 1
        ? new RootsNode(connection, this, roots)
        : new FolderNode(connection, this, new Uint8Array(), connection.root);
  }

  /** Sets the pinned folders, and keeps the nodes of those that stay. */
  pin(paths: readonly Uint8Array[]): readonly PinnedFolderNode[] {
    const before = new Map(this.#pinned.map((node) => [toBinaryKey(node.path), node]));
    this.#pinned = paths.map((path) => before.get(toBinaryKey(path)) ?? new PinnedFolderNode(this, path));
    return this.#pinned;
  }

  /** The folders that the connection shows: its root, whose children are its own, or several, and the pinned ones. */
  get tops(): readonly FolderNode[] {
    return [...(this.root instanceof RootsNode ? this.root.loaded : [this.root]), ...this.#pinned];
  }

  /** Makes everything that is shown of the connection be listed again. */
  invalidate(): void {
    for (const folder of this.tops) folder.invalidate();
  }

  get id(): string {
    return this.connection.id;
  }
}

/** All keys that begin with a prefix. */
export class FolderNode extends LevelListing<KeyspaceNode> {
  readonly kind = 'folder';
  readonly parent: ConnectionNode | FolderNode;
  readonly name: Uint8Array;
  keyCount: number | undefined;
  /** The revision at which `keyCount` was correct. */
  countRevision = 0n;
  /** Time at which the folder expires, as listed. */
  expires: Date | undefined;
  /** Number of the loaded children that the settings hide. */
  hiddenCount = 0;

  constructor(connection: Connection, parent: ConnectionNode | FolderNode, name: Uint8Array, path: Uint8Array) {
    super(connection, path);
    this.parent = parent;
    this.name = name;
  }

  get id(): string {
    return nodeId(this, 'folder');
  }

  /**
   * Distinguishes the nodes of a pinned folder and of the folders below it, which are in the tree twice. Empty in the
   * usual place.
   */
  get place(): string {
    return this.parent.kind === 'folder' ? this.parent.place : '';
  }

  /** Whether the connection's own node shows this folder's children. */
  get isRoot(): boolean {
    return this.parent.kind === 'connection' && this.parent.root === this;
  }

  /**
   * Returns the loaded children and further rows: more children, a failure, or a note that there are none.
   * @param redraw if given, the first children are returned early, and this is called when there are more
   */
  async children(store: () => Promise<KeyStore>, redraw?: () => void): Promise<TreeNode[]> {
    const { children, isEarly } = await this.load(store, redraw);
    const hidden = this.#hiddenOf(children);
    this.hiddenCount = hidden.size;
    const visible = hidden.size > 0 ? children.filter((child) => !hidden.has(child)) : children;
    const shown = [
      ...(this.from ? [new LoadMoreNode(this, 'earlier')] : []),
      ...visible,
      ...(hidden.size > 0 ? [new MessageNode(this, undefined, hidden.size)] : []),
    ];
    if (isEarly) return [...shown, new LoadingNode(this)];
    if (this.failure) return [...shown, new MessageNode(this, this.failure)];
    if (!this.isComplete) return [...shown, ...this.#waysOn().map((what) => new LoadMoreNode(this, what))];
    return shown.length > 0 ? shown : [new MessageNode(this, undefined)];
  }

  /** Whether the settings hide a child: a key, or a folder of which its own name or everything in it matches. */
  hides(child: KeyspaceNode): boolean {
    return this.#hiddenOf([child]).size > 0;
  }

  #hiddenOf(children: readonly KeyspaceNode[]): ReadonlySet<KeyspaceNode> {
    const { hidden } = this.connection;
    if (!hidden) return new Set();
    const paths = children.map((child) => [child.path, child.path.subarray(0, this.path.length + child.name.length)]);
    const found = hidden.matching(paths.flat());
    return new Set(children.filter((_, index) => paths[index]?.some((path) => found.has(path))));
  }

  #waysOn(): LoadMoreNode['what'][] {
    if (this.loaded.length >= MAX_ROWS) return ['next'];
    return (this.left ?? 0) > PAGE_SIZE ? ['more', 'all'] : ['more'];
  }

  protected override nodeOf({ kind, name, path }: Child): KeyspaceNode {
    const Node = kind === 'folder' ? FolderNode : KeyNode;
    return new Node(this.connection, this, name, path);
  }
}

/** The place of several roots: its rows are they, without a listing of its own. */
export class RootsNode extends FolderNode {
  readonly #roots: readonly FolderNode[];

  constructor(connection: Connection, parent: ConnectionNode, roots: readonly Uint8Array[]) {
    super(connection, parent, new Uint8Array(), connection.root);
    this.#roots = roots.map((path) => new FolderNode(connection, this, path, path));
  }

  override get loaded(): readonly FolderNode[] {
    return this.#roots;
  }

  override get isComplete(): boolean {
    return true;
  }

  /** Opens the connection, and returns the roots. */
  override async children(store: () => Promise<KeyStore>): Promise<TreeNode[]> {
    try {
      await store();
      return [...this.#roots];
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      return [new MessageNode(this, error)];
    }
  }

  override setFilter(filter: NameFilter | undefined): void {
    super.setFilter(filter);
    for (const root of this.#roots) root.setFilter(filter);
  }

  override invalidate(): void {
    super.invalidate();
    for (const root of this.#roots) root.invalidate();
  }
}

/** A folder that is shown a second time, at the top of its connection. */
export class PinnedFolderNode extends FolderNode {
  constructor(parent: ConnectionNode, path: Uint8Array) {
    super(parent.connection, parent, path, path);
  }

  override get place(): string {
    return `pinned ${toBinaryKey(this.path)}`;
  }
}

/** A key. */
export class KeyNode {
  readonly kind = 'key';
  readonly connection: Connection;
  readonly parent: FolderNode;
  readonly name: Uint8Array;
  /** The whole key. */
  readonly path: Uint8Array;
  /** Time at which the key expires, as listed. */
  expires: Date | undefined;
  /** Whether it is known to have a lease. */
  hasLease = false;
  /** Its place in the line for a lock, see `Child`. */
  turn: bigint | undefined;

  constructor(connection: Connection, parent: FolderNode, name: Uint8Array, path: Uint8Array) {
    this.connection = connection;
    this.parent = parent;
    this.name = name;
    this.path = path;
  }

  get id(): string {
    return nodeId(this, 'key');
  }
}

/** The row "Load more…" and similar ones, in a folder with more children than are shown. */
export class LoadMoreNode {
  readonly kind = 'loadMore';
  readonly parent: FolderNode;
  /** The children to load: another page; all; those that follow, in place of the present ones; or the previous ones. */
  readonly what: 'more' | 'all' | 'next' | 'earlier';

  constructor(parent: FolderNode, what: LoadMoreNode['what']) {
    this.parent = parent;
    this.what = what;
  }

  get id(): string {
    return `${this.parent.id}\0${this.what}`;
  }
}

/** The row that says that more children are being loaded, below the first ones. */
export class LoadingNode {
  readonly kind = 'loading';
  readonly parent: FolderNode;

  constructor(parent: FolderNode) {
    this.parent = parent;
  }

  get id(): string {
    return `${this.parent.id}\0loading`;
  }
}

/** A row that says why a folder shows no or not all children: a failure, that there are none, or how many are hidden. */
export class MessageNode {
  readonly kind = 'message';
  readonly parent: FolderNode;
  readonly error: EtcdError | undefined;
  /** Number of the children that the settings hide. */
  readonly hidden: number;

  constructor(parent: FolderNode, error: EtcdError | undefined, hidden = 0) {
    this.parent = parent;
    this.error = error;
    this.hidden = hidden;
  }

  get id(): string {
    return `${this.parent.id}\0${this.hidden > 0 ? 'hidden' : 'message'}`;
  }
}

/** Returns an id that is unique in the whole tree and the same in every listing. */
function nodeId(node: KeyspaceNode, kind: KeyspaceNode['kind']): string {
  const place = node.kind === 'folder' ? node.place : node.parent.place;
  return `${node.connection.id}\0${kind}\0${toBinaryKey(node.path)}${place === '' ? '' : `\0${place}`}`;
}
