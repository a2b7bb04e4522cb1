import { EtcdError } from '../../etcd/errors.ts';
import type { ChildListing, ChildPage, KeyStore, PageBeginning } from '../../etcd/keyStore.ts';
import type { NameFilter } from '../../etcd/search/nameFilter.ts';
import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import { compareKeys } from '../../etcd/keys/ranges.ts';
import type { Connection } from '../../connections/connection.ts';
import { EarlyRows } from './earlyRows.ts';
import { KeyNode, nodeId, placeOf, rangeOfNode } from './keyNode.ts';
import { LevelWindow, MOST_EARLY_ROWS, MOST_ROWS, PAGE_SIZE } from './levelWindow.ts';
import { LoadingNode, LoadMoreNode, MessageNode } from './rowNodes.ts';

export { KeyNode, rangeOfNode } from './keyNode.ts';
export { LoadingNode, LoadMoreNode, MessageNode } from './rowNodes.ts';

/** Revisions that a further page may lag behind what is shown. */
const MOST_TO_TAKE_OVER = 10_000n;

export type TreeNode = ConnectionNode | FolderNode | KeyNode | LoadingNode | LoadMoreNode | MessageNode;
export type KeyspaceNode = FolderNode | KeyNode;

interface Loading {
  readonly done: Promise<void>;
  readonly early: EarlyRows;
}

/** A connection: the root of its keyspace. */
export class ConnectionNode {
  readonly kind = 'connection';
  readonly connection: Connection;
  readonly root: FolderNode;
  #pinned: readonly PinnedFolderNode[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
    this.root = new FolderNode(connection, this, new Uint8Array(), connection.root);
  }

  /** Sets the pinned folders, and keeps the nodes of those that stay. */
  pin(paths: readonly Uint8Array[]): readonly PinnedFolderNode[] {
    const before = new Map(this.#pinned.map((node) => [toBinaryKey(node.path), node]));
    this.#pinned = paths.map((path) => before.get(toBinaryKey(path)) ?? new PinnedFolderNode(this, path));
    return this.#pinned;
  }

  /** The folders that it shows: its root, whose children are its own, and the pinned ones. */
  get tops(): readonly FolderNode[] {
    return [this.root, ...this.#pinned];
  }

  /** Lets everything that is shown of it be listed anew. */
  invalidate(): void {
    for (const folder of this.tops) folder.invalidate();
  }

  get id(): string {
    return this.connection.id;
  }
}

/** All keys that begin with a prefix. Its children are listed on demand, page by page. */
export class FolderNode {
  readonly kind = 'folder';
  readonly connection: Connection;
  readonly parent: ConnectionNode | FolderNode;
  readonly name: Uint8Array;
  /** The prefix, ending in a separator; of the root what the connection shows, which may be everything. */
  readonly path: Uint8Array;
  keyCount: number | undefined;
  /** The revision that `keyCount` was right at. */
  countRevision = 0n;
  /** Time at which it expires, as listed. */
  expires: Date | undefined;
  #listing: ChildListing | undefined;
  #children: KeyspaceNode[] = [];
  #done = false;
  /** Why the latest listing failed. */
  failure: EtcdError | undefined;
  #loading: Loading | undefined;
  /** Drawn while the page that they belong to is being listed. */
  #earlyChildren: KeyspaceNode[] = [];
  /** True if another part of the level, or another filter, must be shown than what is loaded. */
  #isReplaced = false;
  #abort = new AbortController();
  #stopped = false;
  readonly #window = new LevelWindow();
  #left: number | undefined;
  #filter: NameFilter | undefined;
  #revision: bigint | undefined;
  #listedAt: bigint | undefined;
  /** Path of the last child that was listed. */
  #listedTo: Uint8Array | undefined;

  constructor(connection: Connection, parent: ConnectionNode | FolderNode, name: Uint8Array, path: Uint8Array) {
    this.connection = connection;
    this.parent = parent;
    this.name = name;
    this.path = path;
  }

  get id(): string {
    return nodeId(this, 'folder');
  }

  /** Where in the tree the node is, since a pinned folder and what is below it is there twice; empty in its usual place. */
  get place(): string {
    return this.parent.kind === 'folder' ? this.parent.place : '';
  }

  /** Whether this is what a connection's node shows itself. */
  get isRoot(): boolean {
    return this.parent.kind === 'connection' && this.parent.root === this;
  }

  /** The pattern that the names of the shown children match. */
  get filter(): string | undefined {
    return this.#filter?.pattern;
  }

  /** Lets the next call of `children` list those that match, or without a filter all. */
  setFilter(filter: NameFilter | undefined): void {
    this.#filter = filter;
    this.#window.reset();
    this.#isReplaced = true;
    this.invalidate();
  }

  /**
   * Returns the loaded children and further rows: more, a failure, or that there is nothing.
   * @param redraw if given, the first children are returned early, and this is called when there are more
   */
  async children(store: () => Promise<KeyStore>, redraw?: () => void): Promise<TreeNode[]> {
    this.#stopped = false;
    const before = () => (this.#window.from ? [new LoadMoreNode(this, 'earlier')] : []);
    while (!this.#stopped && this.#needsLoading()) {
      const { done, early } = this.#load(store);
      if (redraw) await Promise.race([done, early.ready]);
      if (redraw && early.beginning) {
        early.drawn(redraw);
        return [...before(), ...this.#adoptEarly(early.beginning), new LoadingNode(this)];
      }
      await done;
    }
    const shown = [...before(), ...this.#children];
    if (this.failure) return [...shown, new MessageNode(this, this.failure)];
    if (!this.#done) return [...shown, ...this.#waysOn().map((what) => new LoadMoreNode(this, what))];
    return shown.length > 0 ? shown : [new MessageNode(this, undefined)];
  }

  #waysOn(): LoadMoreNode['what'][] {
    if (this.#children.length >= MOST_ROWS) return ['next'];
    return (this.#left ?? 0) > PAGE_SIZE ? ['more', 'all'] : ['more'];
  }

  /** Loaded children, in key order. */
  get loaded(): readonly KeyspaceNode[] {
    return this.#children;
  }

  get isComplete(): boolean {
    return this.#done;
  }

  /** The revision up to which the loaded children are correct; undefined before they are loaded. */
  get revision(): bigint | undefined {
    return this.#listing && this.#revision;
  }

  /** The revision at which the children were listed; later events were applied. */
  get listedAt(): bigint | undefined {
    return this.#listing && this.#listedAt;
  }

  /** Takes note that the loaded children are right up to this revision. */
  advance(revision: bigint): void {
    if (this.#revision !== undefined && revision > this.#revision) this.#revision = revision;
  }

  /** Whether a child of this name and path, if there is one, belongs to the loaded ones. */
  shows(name: Uint8Array, path: Uint8Array): boolean {
    if (this.#filter && !this.#filter.matches(name)) return false;
    if (this.#window.from && compareKeys(path, this.#window.from) < 0) return false;
    return this.#done || (this.#listedTo !== undefined && compareKeys(path, this.#listedTo) <= 0);
  }

  loadedChild(path: Uint8Array): KeyspaceNode | undefined {
    const child = this.#children[placeOf(this.#children, path)];
    return child && compareKeys(child.path, path) === 0 ? child : undefined;
  }

  /** Puts a new child among the loaded ones, in key order. */
  insert(child: KeyspaceNode): void {
    this.#children = this.#children.toSpliced(placeOf(this.#children, child.path), 0, child);
  }

  remove(child: KeyspaceNode): void {
    this.#children = this.#children.filter((each) => each !== child);
  }

  /**
   * Lists the loaded children again while they stay visible.
   * @param onlyWanted without children that events added beyond the wanted pages
   * @returns whether something visible changed
   * @throws EtcdError
   */
  async relist(store: KeyStore, signal: AbortSignal, onlyWanted = false): Promise<boolean> {
    if (!this.#listing || this.#loading) return false;
    const [before, replaced] = [this.#children, this.#listing];
    const counts = before.map((child) => child.kind === 'folder' && child.keyCount);
    const listing = this.#list(store);
    const page = await listing.next(onlyWanted ? this.#window.wanted : Math.max(before.length, PAGE_SIZE), signal);
    if (signal.aborted || this.#listing !== replaced || this.#loading) return false;
    this.#children = this.#adopt(page);
    this.#take(listing, page);
    const after = this.#children;
    return (
      after.length !== before.length ||
      after.some(
        (child, index) => child !== before[index] || (child.kind === 'folder' && child.keyCount) !== counts[index],
      )
    );
  }

  /** Estimate of how many children follow the loaded ones, if known. */
  get left(): number | undefined {
    return this.#done ? 0 : this.#left;
  }

  /** Path of the first shown child, if that is not the level's first one. */
  get from(): Uint8Array | undefined {
    return this.#window.from;
  }

  /** Lets the next call of `children` load so many more, up to `MOST_ROWS`. */
  wantMore(children = PAGE_SIZE): void {
    this.#window.want(this.#children.length + children);
    // Earlier events are applied to the next page, unless that is more work than listing again.
    if (this.#listedAt !== undefined && (this.#revision ?? 0n) - this.#listedAt > MOST_TO_TAKE_OVER)
      this.#listing = undefined;
    this.failure = undefined;
  }

  /** Makes the next call of `children` show what follows the loaded children instead of them. */
  goOn(): void {
    const last = this.#children.at(-1);
    if (last) this.#moveTo(() => this.#window.goOn(rangeOfNode(last).end, this.#children.length));
  }

  /** Lets the next call of `children` show what was there before `goOn` or `jumpTo`. */
  goBack(): void {
    this.#moveTo(() => this.#window.goBack());
  }

  /** Makes the next call of `children` begin with the child of this path. */
  jumpTo(child: Uint8Array): void {
    this.#moveTo(() => this.#window.jump(child));
  }

  #moveTo(move: () => void): void {
    move();
    this.#isReplaced = true;
    this.#endListing();
  }

  /**
   * Stops a listing that is under way; the next call of `children` resumes it.
   * @returns whether there was one
   */
  stop(): boolean {
    if (!this.#loading) return false;
    this.#stopped = true;
    this.#abortLoading();
    return true;
  }

  /** Lets the next call of `children` list this folder and the ones below it anew, as far as they were loaded. */
  invalidate(): void {
    this.#endListing();
    for (const child of [...this.#children, ...this.#earlyChildren]) if (child.kind === 'folder') child.invalidate();
  }

  #abortLoading(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#loading?.early.cancel();
    this.#loading = undefined;
  }

  #endListing(): void {
    this.#abortLoading();
    this.#listing = undefined;
    this.failure = undefined;
  }

  #needsLoading(): boolean {
    if (this.failure) return false;
    return !this.#listing || (!this.#done && this.#children.length < this.#window.wanted);
  }

  #load(store: () => Promise<KeyStore>): Loading {
    if (this.#loading) return this.#loading;
    const early = new EarlyRows();
    const done = this.#loadWanted(store, this.#abort.signal, early).finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
      early.complete();
    });
    const loading = { done, early };
    this.#loading = loading;
    return loading;
  }

  async #loadWanted(store: () => Promise<KeyStore>, signal: AbortSignal, early: EarlyRows): Promise<void> {
    const fresh = this.#listing === undefined;
    try {
      const keyStore = await store();
      const listing = this.#listing ?? this.#list(keyStore);
      const { wanted, from } = this.#window;
      early.begin();
      // Where the same is listed anew, what is shown stays until all of it is there.
      const areEarly = !fresh || this.#isReplaced || this.#children.length === 0;
      const mostEarly = areEarly ? MOST_EARLY_ROWS - (fresh ? 0 : this.#children.length) : 0;
      const begun = (beginning: PageBeginning) => {
        if (beginning.children.length <= mostEarly) early.set(beginning);
      };
      const page = await listing.next(fresh ? wanted : wanted - this.#children.length, signal, begun);
      if (signal.aborted) return;
      if (fresh && from && page.children.length === 0 && page.done) {
        // All that was shown is gone, and the level may have a beginning still.
        this.#window.reset();
        return await this.#loadWanted(store, signal, early);
      }
      const nodes = this.#adopt(page);
      this.#children = fresh ? nodes : [...this.#children, ...nodes];
      this.#take(listing, page);
      this.connection.noteOutcome();
    } catch (error) {
      if (signal.aborted) return;
      if (!EtcdError.is(error)) throw error;
      if (error.kind === 'compacted' && !fresh) {
        // The revision of the earlier pages is gone: list from the start again, as far as the user had come.
        this.#listing = undefined;
        early.set(undefined);
        return await this.#loadWanted(store, signal, early);
      }
      this.connection.noteOutcome(error);
      this.failure = error;
      if (fresh) this.#children = [];
    }
  }

  #list(store: KeyStore): ChildListing {
    return this.#filter
      ? this.#filter.listing(store, this.path)
      : store.listChildren(this.path, { from: this.#window.from });
  }

  #take(listing: ChildListing, { done, left, revision }: ChildPage): void {
    this.#listing = listing;
    this.#earlyChildren = [];
    this.#isReplaced = false;
    this.#done = done;
    this.#left = left;
    this.#revision = this.#listedAt = revision;
    this.#listedTo = this.#children.at(-1)?.path;
  }

  /** What is shown while the rest of a page is being listed. */
  #adoptEarly(beginning: PageBeginning): KeyspaceNode[] {
    this.#earlyChildren = this.#adopt(beginning);
    return this.#listing ? [...this.#children, ...this.#earlyChildren] : this.#earlyChildren;
  }

  /** Keeps the node objects of children that were there before: VS Code knows nodes by identity. */
  #adopt({ children, revision }: PageBeginning): KeyspaceNode[] {
    const before = new Map([...this.#children, ...this.#earlyChildren].map((child) => [child.id, child]));
    return children.map((child) => {
      const node =
        child.kind === 'folder'
          ? new FolderNode(this.connection, this, child.name, child.path)
          : new KeyNode(this.connection, this, child.name, child.path);
      const kept = before.get(node.id) ?? node;
      if (kept.kind === 'folder') {
        kept.keyCount = child.keyCount;
        kept.countRevision = revision;
      }
      kept.expires = child.ttl === undefined ? undefined : new Date(Date.now() + child.ttl * 1000);
      return kept;
    });
  }
}

/** A folder that is shown once more, at the top of its connection. */
export class PinnedFolderNode extends FolderNode {
  constructor(parent: ConnectionNode, path: Uint8Array) {
    super(parent.connection, parent, path, path);
  }

  override get place(): string {
    return `pinned ${toBinaryKey(this.path)}`;
  }
}
