import {
  commands,
  EventEmitter,
  l10n,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  workspace,
  type TreeDataProvider,
  type TreeView,
} from 'vscode';
import { bytesText, eventsText } from '../../etcd/countText.ts';
import { KeyWatch, KEPT_EVENTS, type WatchedPath } from '../../connections/following/keyWatch.ts';
import type { Connections } from '../../connections/connections.ts';
import { EVENT_SCHEME, EventValues } from '../../documents/readOnly/eventValues.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { compareKeys } from '../../etcd/keys/ranges.ts';
import type { RecordedEvent, RecordedKind } from '../../etcd/watch/eventRing.ts';
import { revealRow } from '../../ui/showing.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { plainMarkdown } from '../../ui/text/markdown.ts';
import { window } from '../../ui/text/window.ts';

const SHOWN_AT_FIRST = 200;
const MORE = 800;
/** Milliseconds between two drawings, for which events are gathered. */
const BETWEEN_DRAWINGS = 300;

/** A watch in the view. */
export class WatchNode {
  readonly kind = 'watch';
  readonly watch: KeyWatch;
  shown = SHOWN_AT_FIRST;
  /** Shows only events of keys that contain this text, in any case. */
  filter = '';
  /** True if each change shows a notification. */
  notifies = false;

  constructor(watch: KeyWatch) {
    this.watch = watch;
  }

  matches(event: RecordedEvent): boolean {
    return this.filter === '' || keyText(event.key).toLowerCase().includes(this.filter.toLowerCase());
  }
}

export class EventNode {
  readonly kind = 'event';
  readonly parent: WatchNode;
  readonly event: RecordedEvent;

  constructor(parent: WatchNode, event: RecordedEvent) {
    this.parent = parent;
    this.event = event;
  }
}

class MoreNode {
  readonly kind = 'more';
  readonly parent: WatchNode;

  constructor(parent: WatchNode) {
    this.parent = parent;
  }
}

export type WatchViewNode = WatchNode | EventNode | MoreNode;

/** The view of watched keys and prefixes, each with its events, newest first. */
export class WatchView extends DisposableOwner implements TreeDataProvider<WatchViewNode> {
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: TreeView<WatchViewNode>;
  #nodes: WatchNode[] = [];
  #numbered = 0;
  #drawing: NodeJS.Timeout | undefined;

  readonly #connections: Connections;

  constructor(connections: Connections) {
    super();
    this.#connections = connections;
    this.#view = this.own(window.createTreeView('etcd.watch', { treeDataProvider: this, canSelectMany: false }));
    this.own(this.#view.onDidChangeVisibility(({ visible }) => visible && this.#changed.fire()));
    const values = new EventValues((id, number) =>
      this.#nodes.find(({ watch }) => watch.id === id)?.watch.ring.find(number),
    );
    this.own(values);
    this.own(
      workspace.registerFileSystemProvider(EVENT_SCHEME, values, {
        isCaseSensitive: true,
        isReadonly: plainMarkdown(l10n.t('This is an earlier version of the key. It cannot be edited.')),
      }),
    );
  }

  get nodes(): readonly WatchNode[] {
    return this.#nodes;
  }

  get selection(): WatchViewNode | undefined {
    return this.#view.selection[0];
  }

  /**
   * Returns the watch of this path, and starts it if there is none. @throws EtcdError if the connection cannot be
   * opened
   */
  async add(target: WatchedPath): Promise<WatchNode> {
    const known = this.#nodes.find(({ watch }) => isSame(watch.target, target));
    const node = known ?? new WatchNode(new KeyWatch(this.#connections, `watch-${++this.#numbered}`, target));
    if (!known) {
      node.watch.onDidChange(() => this.#drawSoon());
      this.#nodes.push(node);
      await commands.executeCommand('setContext', 'etcd.watch', true);
    }
    this.#changed.fire();
    if (!known || node.watch.state.kind === 'failed')
      await node.watch.start().catch(async (error: unknown) => {
        if (!known) await this.remove(node);
        throw error;
      });
    return node;
  }

  async show(node: WatchNode): Promise<void> {
    await commands.executeCommand('etcd.watch.focus');
    await revealRow(this.#view, async () => node, { select: true, focus: false, expand: true });
  }

  /** Ends a watch; hides the view after the last one. */
  async remove(node: WatchNode): Promise<void> {
    node.watch.dispose();
    this.#nodes = this.#nodes.filter((other) => other !== node);
    this.#changed.fire();
    if (this.#nodes.length === 0) await commands.executeCommand('setContext', 'etcd.watch', false);
  }

  refresh(): void {
    this.#changed.fire();
  }

  getParent(node: WatchViewNode): WatchNode | undefined {
    return node.kind === 'watch' ? undefined : node.parent;
  }

  getChildren(node?: WatchViewNode): WatchViewNode[] {
    if (!node) return [...this.#nodes];
    if (node.kind !== 'watch') return [];
    const children: WatchViewNode[] = [];
    for (const event of node.watch.ring.newest()) {
      if (!node.matches(event)) continue;
      if (children.length === node.shown) return [...children, new MoreNode(node)];
      children.push(new EventNode(node, event));
    }
    return children;
  }

  getTreeItem(node: WatchViewNode): TreeItem {
    if (node.kind === 'watch') return watchItem(node);
    return node.kind === 'event' ? eventItem(node) : moreItem(node);
  }

  override dispose(): void {
    clearTimeout(this.#drawing);
    for (const { watch } of this.#nodes) watch.dispose();
    super.dispose();
  }

  showMore(node: WatchNode): void {
    node.shown += MORE;
    this.#changed.fire();
  }

  #drawSoon(): void {
    if (!this.#view.visible) return;
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.#changed.fire();
    }, BETWEEN_DRAWINGS);
  }
}

function isSame(a: WatchedPath, b: WatchedPath): boolean {
  return a.connection.id === b.connection.id && a.kind === b.kind && compareKeys(a.path, b.path) === 0;
}

/** Names a watched path for the user; the whole keyspace has no name. */
export function watchName({ kind, path }: WatchedPath): string {
  return kind === 'folder' && path.length === 0 ? l10n.t('all keys') : keyText(path);
}

function watchItem(node: WatchNode): TreeItem {
  const { watch } = node;
  const { target, state } = watch;
  const item = new TreeItem(watchName(target), TreeItemCollapsibleState.Expanded);
  item.id = watch.id;
  const description = [target.connection.name, ...facts(node)].join(' · ');
  item.description = description;
  item.tooltip = plainMarkdown([watchName(target), tooltipOf(node)]);
  item.accessibilityInformation = { label: `${watchName(target)} ${description}` };
  item.iconPath = new ThemeIcon(iconOf(node), state.kind === 'failed' ? new ThemeColor('errorForeground') : undefined);
  item.contextValue = ['watch', watch.isPaused ? 'paused' : 'going', state.kind].join(';');
  return item;
}

function iconOf({ watch: { isPaused, state }, notifies }: WatchNode): string {
  if (state.kind === 'failed') return 'error';
  if (state.kind === 'interrupted') return 'debug-disconnect';
  if (isPaused) return 'debug-pause';
  return notifies ? 'bell-dot' : 'eye';
}

function facts({ watch, filter }: WatchNode): string[] {
  const { ring, state, isPaused, waiting } = watch;
  const total = ring.total.toLocaleString();
  return [
    ring.kept < ring.total
      ? l10n.t('{0} events, the latest {1} kept', total, ring.kept.toLocaleString())
      : eventsText(ring.total),
    ...(isPaused ? [l10n.t('paused, {0} waiting', waitingText(waiting))] : []),
    ...(filter === '' ? [] : [l10n.t('filter: {0}', filter)]),
    ...(state.kind === 'starting' ? [l10n.t('starting…')] : []),
    ...(state.kind === 'interrupted' ? [l10n.t('interrupted, trying again')] : []),
    ...(state.kind === 'failed' ? [l10n.t('stopped')] : []),
  ];
}

/** Describes how many events wait. Events beyond the limit wait at the server, uncounted. */
function waitingText(waiting: number): string {
  return waiting >= KEPT_EVENTS ? l10n.t('{0} or more', waiting.toLocaleString()) : waiting.toLocaleString();
}

function tooltipOf({ watch: { state } }: WatchNode): string {
  if (state.kind === 'interrupted') return state.reason.message;
  if (state.kind === 'failed') return state.error instanceof Error ? state.error.message : String(state.error);
  return l10n.t('The latest {0} events are kept, the newest first.', KEPT_EVENTS.toLocaleString());
}

const LOOKS: Readonly<
  Record<RecordedKind, { readonly icon: string; readonly color?: string; readonly word: () => string }>
> = {
  created: { icon: 'diff-added', color: 'gitDecoration.addedResourceForeground', word: () => l10n.t('created') },
  changed: { icon: 'diff-modified', color: 'gitDecoration.modifiedResourceForeground', word: () => l10n.t('changed') },
  deleted: { icon: 'diff-removed', color: 'gitDecoration.deletedResourceForeground', word: () => l10n.t('deleted') },
  folderCreated: { icon: 'new-folder', word: () => l10n.t('directory created') },
  folderDeleted: { icon: 'trash', word: () => l10n.t('directory deleted') },
  gap: { icon: 'warning', word: () => l10n.t('etcd had already discarded the events before this one') },
};

function eventItem({ parent: { watch }, event }: EventNode): TreeItem {
  const { icon, color, word } = LOOKS[event.kind];
  const time = timeText(event.time);
  if (event.kind === 'gap') {
    const gap = new TreeItem(word());
    gap.id = `${watch.id}/${event.number}`;
    gap.description = time;
    gap.iconPath = new ThemeIcon(icon, new ThemeColor('problemsWarningIcon.foreground'));
    return gap;
  }
  const isKey = event.kind === 'created' || event.kind === 'changed' || event.kind === 'deleted';
  const { kind, path } = watch.target;
  const below = kind === 'folder' && event.key.length > path.length ? event.key.subarray(path.length) : event.key;
  const item = new TreeItem(keyText(below));
  item.id = `${watch.id}/${event.number}`;
  const size = event.size === undefined ? [] : [bytesText(event.size)];
  const details = [time, l10n.t('revision {0}', String(event.revision)), ...size];
  // The icon shows what happened to a key.
  item.description = (isKey ? details : [word(), ...details]).join(' · ');
  item.tooltip = plainMarkdown([
    keyText(event.key),
    word(),
    new Date(event.time).toLocaleString(),
    l10n.t('revision {0}', String(event.revision)),
    ...size,
  ]);
  item.accessibilityInformation = { label: `${keyText(below)} ${[word(), ...details].join(' · ')}` };
  item.iconPath = new ThemeIcon(icon, color === undefined ? undefined : new ThemeColor(color));
  item.contextValue = 'event';
  if (isKey)
    item.command = {
      command: 'etcd.showEventDiff',
      title: l10n.t('Show Diff'),
      arguments: [{ watchId: watch.id, number: event.number }],
    };
  return item;
}

function timeText(time: number): string {
  const date = new Date(time);
  const part = (value: number, digits = 2) => String(value).padStart(digits, '0');
  return `${part(date.getHours())}:${part(date.getMinutes())}:${part(date.getSeconds())}.${part(date.getMilliseconds(), 3)}`;
}

function moreItem({ parent }: MoreNode): TreeItem {
  const item = new TreeItem(l10n.t('Load more…'));
  item.id = `${parent.watch.id}/more`;
  item.iconPath = new ThemeIcon('ellipsis');
  item.command = { command: 'etcd.moreEvents', title: l10n.t('Load more…'), arguments: [parent] };
  return item;
}
