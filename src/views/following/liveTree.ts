import type { TreeView } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { LiveFeeds } from '../../connections/following/liveFeeds.ts';
import type { Followed, Follower } from '../../connections/following/liveState.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { rangeWithout } from '../../etcd/keys/rangeSets.ts';
import { prefixRange } from '../../etcd/keys/ranges.ts';
import type { KeyEvent } from '../../etcd/keyStore.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { KeyTree } from '../keys/keyTree.ts';
import { FolderNode, type KeyNode, type TreeNode } from '../keys/nodes.ts';
import { ChangeMarks } from './changeMarks.ts';
import { ExpandedFolders } from './expandedFolders.ts';
import { BurstFolders } from './burstFolders.ts';
import { BurstMeter } from './burstMeter.ts';
import { applyEvent, applyFolderEvent, LevelChanges, revisionOf } from './levelEvents.ts';
import { Recounts } from './recounts.ts';
import { RedrawQueue } from './redrawQueue.ts';

// See docs/contributing/decisions/watching.md

/** Time out of sight, in milliseconds, after which levels are listed again instead of catching up on events. */
const LONG_ABSENCE = 10_000;
/** Shortest time between two drawings of a row that only changes its look, in milliseconds. */
const ROW_PAUSE = 1000;
/**
 * The same time for an expanded folder: VS Code also draws everything below it again, and knows none of those rows in
 * the meantime.
 */
const EXPANDED_PAUSE = 5000;

/** The parts of VS Code's view that say what is visible. */
export type TreeVisibility = Pick<
  TreeView<TreeNode>,
  'visible' | 'onDidChangeVisibility' | 'onDidExpandElement' | 'onDidCollapseElement'
>;

/** Lets the visible part of the tree follow etcd: its expanded folders, while the view is visible. */
export class LiveTree extends DisposableOwner implements Follower {
  readonly #tree: KeyTree;
  readonly #view: TreeVisibility;
  readonly #feeds: LiveFeeds;
  readonly #expanded = new ExpandedFolders();
  /** Expanded folders that were not kept up to date while out of sight. */
  readonly #outdated = new Set<FolderNode>();
  /** Folders that the feed follows from their revision on. */
  readonly #joined = new Set<FolderNode>();
  /** Collapsed folders whose burst is over, with the revision from which their events are needed. */
  readonly #calmed = new Map<FolderNode, bigint>();
  readonly #marks = this.own(new ChangeMarks());
  readonly #redraws: RedrawQueue;
  readonly #rareRedraws: RedrawQueue;
  readonly #meter = new BurstMeter<FolderNode>();
  readonly #bursting: BurstFolders;
  readonly #recounts = new Recounts((folder) => {
    if (folder.keyCount === 0) this.#dropEmpty(folder);
    else this.#redrawLater(folder);
  });
  #hiddenSince = 0;
  #abort = new AbortController();

  constructor(tree: KeyTree, view: TreeVisibility, feeds: LiveFeeds) {
    super();
    this.#tree = tree;
    this.#view = view;
    this.#feeds = feeds;
    const draw = (nodes: readonly (FolderNode | KeyNode)[]) => tree.redraw(nodes);
    this.#redraws = new RedrawQueue(ROW_PAUSE, draw);
    this.#rareRedraws = new RedrawQueue(EXPANDED_PAUSE, draw);
    this.#bursting = new BurstFolders({
      shownFrom: (folder) => (this.#expanded.has(folder) ? this.#expanded.shownFrom(folder) : []),
      changed: (folder, what) => (what === 'rows' ? this.#redraws.add(folder, 'soon') : this.#redrawLater(folder)),
      emptied: (folder) => this.#dropEmpty(folder),
      calmed: (folder, since) => this.#noteCalm(folder, since),
    });
    this.own(feeds.add(this));
    this.own(tree.onDidShowFolder((folder) => this.#noteShown(folder)));
    this.own(view.onDidExpandElement(({ element }) => this.#noteExpanded(element)));
    this.own(view.onDidCollapseElement(({ element }) => this.#noteCollapsed(element)));
    this.own(view.onDidChangeVisibility(({ visible }) => this.#noteVisible(visible)));
  }

  followed(connection: Connection): readonly Followed[] {
    if (!this.#view.visible) return [];
    const holes = this.#bursting.of(connection);
    const followed: Followed[] = [];
    for (const level of this.#shownOf(connection)) {
      const { revision } = level;
      // v2's root and levels that the user may not read have no revision, because they do not change.
      if (!revision || this.#outdated.has(level) || this.#bursting.has(level)) continue;
      this.#joined.add(level);
      followed.push(...rangeWithout(prefixRange(level.path), holes).map((range) => ({ range, since: revision })));
    }
    for (const [folder, since] of this.#calmed)
      if (folder.connection === connection) followed.push({ range: prefixRange(folder.path), since });
    return followed;
  }

  isPolling(connection: Connection): boolean {
    return this.#bursting.of(connection).length > 0;
  }

  onEvents(connection: Connection, events: readonly KeyEvent[], through: bigint): void {
    const { tops } = this.#tree.rootOf(connection);
    const shown = new Set(this.#shownOf(connection));
    const isShown = (folder: FolderNode) => shown.has(folder);
    const changes = new LevelChanges();
    const bursting = new Set<FolderNode>();
    const now = performance.now();
    for (const event of events)
      for (const top of tops) {
        if (event.kind === 'folder') {
          applyFolderEvent(top, event, isShown, changes);
          continue;
        }
        const place = applyEvent(top, event, isShown, changes);
        const size = event.kind === 'put' ? event.kv.value.length : 0;
        // Events that the last listing already covers do not count for a burst.
        const isNews = place && revisionOf(event) > (isShown(place) ? (place.listedAt ?? 0n) : place.countRevision);
        if (isNews && this.#meter.note(place, size, now)) bursting.add(place);
      }
    changes.finishRevisions();
    for (const level of shown) if (this.#joined.has(level)) level.advance(through);
    for (const [folder, since] of this.#calmed) if (through > since) this.#calmed.delete(folder);
    this.#show(changes, bursting);
    for (const folder of changes.uncounted) this.#recount(folder);
    for (const folder of bursting) this.#noteBurst(folder);
  }

  async readAnew(connection: Connection, signal: AbortSignal): Promise<void> {
    if (!this.#view.visible) return;
    await this.#relist(this.#shownOf(connection), signal);
  }

  override dispose(): void {
    this.#rest();
    super.dispose();
  }

  #shownOf(connection: Connection): FolderNode[] {
    return this.#expanded.shownOf(this.#tree.rootOf(connection));
  }

  #show({ levels, rows, written }: LevelChanges, bursting: ReadonlySet<FolderNode>): void {
    for (const level of levels) this.#redraws.add(level, 'soon');
    for (const row of rows) this.#redrawLater(row);
    // Marks are useless if everything changes.
    for (const [node, { isNew, revision }] of written)
      if (!bursting.has(node.parent) && !this.#bursting.has(node.parent)) this.#marks.mark(node, isNew, revision);
  }

  #redrawLater(node: FolderNode | KeyNode): void {
    const isExpanded = node.kind === 'folder' && this.#expanded.has(node);
    (isExpanded ? this.#rareRedraws : this.#redraws).add(node, 'later');
  }

  /** Records which children of a folder VS Code got: the first ones, more of them, or those of a new listing. */
  #noteShown(folder: FolderNode): void {
    this.#expanded.add(folder);
    if (this.#joined.has(folder) && folder.revision !== undefined && folder.revision === folder.listedAt)
      this.#joined.delete(folder);
    if (!this.#joined.has(folder)) this.#feeds.update(folder.connection);
  }

  #noteExpanded(element: TreeNode): void {
    const folder = folderOf(element);
    if (!folder) return;
    this.#expanded.add(folder);
    void this.#catchUp(folder.connection, this.#expanded.shownFrom(folder));
  }

  #noteCollapsed(element: TreeNode): void {
    const folder = folderOf(element);
    if (!folder) return;
    for (const level of this.#expanded.shownFrom(folder)) this.#leave(level);
    this.#expanded.delete(folder);
    this.#feeds.update(folder.connection);
  }

  #leave(level: FolderNode): void {
    this.#joined.delete(level);
    this.#outdated.add(level);
  }

  #noteVisible(visible: boolean): void {
    if (!visible) {
      this.#hiddenSince = performance.now();
      this.#rest();
      return this.#feeds.update();
    }
    const wasLong = performance.now() - this.#hiddenSince > LONG_ABSENCE;
    for (const root of this.#tree.roots) {
      const levels = this.#expanded.shownOf(root);
      if (wasLong) for (const level of levels) this.#leave(level);
      void this.#catchUp(root.connection, levels);
    }
  }

  /** Lists levels again that were out of sight for long, and follows changes from there on. */
  async #catchUp(connection: Connection, levels: readonly FolderNode[]): Promise<void> {
    const outdated = levels.filter((level) => this.#outdated.delete(level));
    if (this.#feeds.isOn && connection.capabilities && this.#view.visible && outdated.length > 0) {
      for (const level of outdated) this.#outdated.add(level);
      try {
        await this.#relist(outdated, this.#abort.signal);
      } catch (error) {
        // The feed tries again, and reports the failure.
        if (!EtcdError.is(error)) throw error;
      }
      for (const level of outdated) this.#outdated.delete(level);
    }
    this.#feeds.update(connection);
  }

  async #relist(levels: readonly FolderNode[], signal: AbortSignal): Promise<void> {
    for (const level of levels) {
      const store = await level.connection.store('background');
      if (await level.relist(store, signal)) this.#redraws.add(level, 'soon');
      this.#joined.delete(level);
    }
  }

  #noteBurst(folder: FolderNode): void {
    // v2 sends one event per request, which is not a burst.
    if (this.#bursting.has(folder) || folder.connection.capabilities?.emptyFolders) return;
    this.#bursting.add(folder);
    this.#calmed.delete(folder);
    // Without events, the folders above cannot update their counts.
    for (let above = folder.parent; above.kind === 'folder'; above = above.parent) above.keyCount = undefined;
    // The present rows are outdated already, so only the rows of the first listing are drawn.
    if (this.#expanded.has(folder)) for (const queue of [this.#redraws, this.#rareRedraws]) queue.drop(folder);
    else this.#redraws.add(folder, 'later');
    this.#feeds.update(folder.connection);
  }

  #noteCalm(folder: FolderNode, since: bigint): void {
    if (!this.#expanded.has(folder)) this.#calmed.set(folder, since);
    for (let above = folder.parent; above.kind === 'folder'; above = above.parent) this.#recount(above);
    this.#feeds.update(folder.connection);
  }

  #recount(folder: FolderNode): void {
    if (!this.#bursting.isAbove(folder)) this.#recounts.add(folder);
  }

  #dropEmpty(folder: FolderNode): void {
    const { parent } = folder;
    if (parent.kind !== 'folder') return;
    parent.remove(folder);
    this.#redraws.add(parent, 'soon');
  }

  /** Stops all timers and requests. */
  #rest(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    for (const { connection } of this.#tree.roots) {
      const bursting = this.#shownOf(connection).filter((level) => this.#bursting.has(level));
      for (const level of bursting) this.#leave(level);
    }
    this.#bursting.clear();
    this.#meter.clear();
    this.#recounts.clear();
    this.#redraws.clear();
    this.#rareRedraws.clear();
  }
}

function folderOf(node: TreeNode): FolderNode | undefined {
  if (node instanceof FolderNode) return node;
  return node.kind === 'connection' ? node.root : undefined;
}
