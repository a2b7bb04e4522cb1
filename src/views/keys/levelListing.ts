import type { Connection } from '../../connections/connection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { compareKeys, prefixRange, singleKeyRange } from '../../etcd/keys/ranges.ts';
import type { Child, ChildListing, ChildPage, KeyRange, KeyStore, PageBeginning } from '../../etcd/keyStore.ts';
import type { NameFilter } from '../../etcd/search/nameFilter.ts';
import { EarlyRows } from './earlyRows.ts';
import { LevelWindow, MAX_EARLY_ROWS, PAGE_SIZE } from './levelWindow.ts';

/** Limit of the revisions by which a further page may lag behind the children shown. */
const MAX_TO_TAKE_OVER = 10_000n;

/** The facts that a level has about each of its children. */
export type LevelChild = {
  readonly id: string;
  readonly path: Uint8Array;
  /** Time at which the child expires, as listed. */
  expires: Date | undefined;
} & (
  | { readonly kind: 'key'; turn: bigint | undefined; hasLease: boolean }
  | { readonly kind: 'folder'; keyCount: number | undefined; countRevision: bigint; invalidate(): void }
);

/** The part of a level that is loaded. */
interface Loaded<Node> {
  readonly children: readonly Node[];
  /** True if the children are the beginning of a page that is still being listed. */
  readonly isEarly: boolean;
}

interface Loading {
  readonly done: Promise<void>;
  readonly early: EarlyRows;
}

/**
 * The children of a folder, listed on demand, page by page. It lists again if etcd has compacted the revision of the
 * earlier pages.
 */
export abstract class LevelListing<Node extends LevelChild> {
  readonly connection: Connection;
  /** The prefix, ending in a separator; for the root, the prefix that the connection shows, which may be empty. */
  readonly path: Uint8Array;
  #listing: ChildListing | undefined;
  #children: Node[] = [];
  #done = false;
  /** Why the latest listing failed. */
  failure: EtcdError | undefined;
  #loading: Loading | undefined;
  /** Children that are drawn while their page is being listed. */
  #earlyChildren: Node[] = [];
  /** True if another part of the level, or another filter, must be shown next. */
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

  constructor(connection: Connection, path: Uint8Array) {
    this.connection = connection;
    this.path = path;
  }

  /** Creates the node of a child. */
  protected abstract nodeOf(child: Child): Node;

  /** The pattern that the names of the shown children match. */
  get filter(): string | undefined {
    return this.#filter?.pattern;
  }

  /** Makes the next call of `children` list the matching children, or without a filter all of them. */
  setFilter(filter: NameFilter | undefined): void {
    this.#filter = filter;
    this.#window.reset();
    this.#isReplaced = true;
    this.invalidate();
  }

  /**
   * Loads the wanted children.
   * @param redraw if given, the first children are returned early, and this is called when there are more
   */
  protected async load(store: () => Promise<KeyStore>, redraw: (() => void) | undefined): Promise<Loaded<Node>> {
    this.#stopped = false;
    while (!this.#stopped && this.#needsLoading()) {
      const { done, early } = this.#load(store);
      if (redraw) await Promise.race([done, early.ready]);
      if (redraw && early.beginning) {
        early.drawn(redraw);
        return { children: this.#adoptEarly(early.beginning), isEarly: true };
      }
      await done;
    }
    return { children: this.#children, isEarly: false };
  }

  /** Loaded children, in key order. */
  get loaded(): readonly Node[] {
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

  /** Records that the loaded children are correct up to this revision. */
  advance(revision: bigint): void {
    if (this.#revision !== undefined && revision > this.#revision) this.#revision = revision;
  }

  /** Whether a child of this name and path would be among the loaded ones, if it exists. */
  shows(name: Uint8Array, path: Uint8Array): boolean {
    if (this.#filter && !this.#filter.matches(name)) return false;
    if (this.#window.from && compareKeys(path, this.#window.from) < 0) return false;
    return this.#done || (this.#listedTo !== undefined && compareKeys(path, this.#listedTo) <= 0);
  }

  loadedChild(path: Uint8Array): Node | undefined {
    const child = this.#children[placeOf(this.#children, path)];
    return child && compareKeys(child.path, path) === 0 ? child : undefined;
  }

  /** Inserts a new child among the loaded ones, in key order. */
  insert(child: Node): void {
    this.#children = this.#children.toSpliced(placeOf(this.#children, child.path), 0, child);
  }

  remove(child: Node): void {
    this.#children = this.#children.filter((each) => each !== child);
  }

  /**
   * Lists the loaded children again while they stay visible.
   * @param onlyWanted leave out children that events added beyond the wanted pages
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

  /** Makes the next call of `children` load this many more children, up to `MAX_ROWS`. */
  wantMore(children = PAGE_SIZE): void {
    this.#window.want(this.#children.length + children);
    // Earlier events are applied to the next page, unless that is more work than listing again.
    if (this.#listedAt !== undefined && (this.#revision ?? 0n) - this.#listedAt > MAX_TO_TAKE_OVER)
      this.#listing = undefined;
    this.failure = undefined;
  }

  /** Makes the next call of `children` show the children after the loaded ones, in their place. */
  goOn(): void {
    const last = this.#children.at(-1);
    if (last) this.#moveTo(() => this.#window.goOn(rangeOfNode(last).end, this.#children.length));
  }

  /** Makes the next call of `children` show the children from before `goOn` or `jumpTo`. */
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

  /** Makes the next call of `children` list this folder and the ones below it again, as far as they were loaded. */
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
      // If the same children are listed again, the present rows stay until all new ones have arrived.
      const areEarly = !fresh || this.#isReplaced || this.#children.length === 0;
      const mostEarly = areEarly ? MAX_EARLY_ROWS - (fresh ? 0 : this.#children.length) : 0;
      const begun = (beginning: PageBeginning) => {
        if (beginning.children.length <= mostEarly) early.set(beginning);
      };
      const page = await listing.next(fresh ? wanted : wanted - this.#children.length, signal, begun);
      if (signal.aborted) return;
      if (fresh && from && page.children.length === 0 && page.done) {
        // All the children shown are gone, but the level may still have others before them.
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
        // The revision of the earlier pages is compacted: list again from the start, up to where the user was.
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

  /** Returns the children to show while the rest of a page is being listed. */
  #adoptEarly(beginning: PageBeginning): Node[] {
    this.#earlyChildren = this.#adopt(beginning);
    return this.#listing ? [...this.#children, ...this.#earlyChildren] : this.#earlyChildren;
  }

  /** Keeps the node objects of children that existed before, because VS Code identifies nodes by object. */
  #adopt({ children, revision }: PageBeginning): Node[] {
    const before = new Map([...this.#children, ...this.#earlyChildren].map((child) => [child.id, child]));
    return children.map((child) => {
      const node = this.nodeOf(child);
      const kept = before.get(node.id) ?? node;
      if (kept.kind === 'folder') {
        kept.keyCount = child.keyCount;
        kept.countRevision = revision;
      } else {
        kept.turn = child.turn;
        kept.hasLease = child.hasLease ?? false;
      }
      kept.expires = child.ttl === undefined ? undefined : new Date(Date.now() + child.ttl * 1000);
      return kept;
    });
  }
}

/** Returns the range of a child's keys. */
export function rangeOfNode({ kind, path }: Pick<LevelChild, 'kind' | 'path'>): KeyRange {
  return kind === 'folder' ? prefixRange(path) : singleKeyRange(path);
}

/** Returns the index of a path among nodes in key order. */
function placeOf(nodes: readonly Pick<LevelChild, 'path'>[], path: Uint8Array): number {
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const node = nodes[middle];
    if (node && compareKeys(node.path, path) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
