import {
  commands,
  EventEmitter,
  l10n,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeDataProvider,
} from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import type { Connection } from '../../connections/connection.ts';
import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import type { Difference } from '../../etcd/past/difference.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { Comparison, DifferenceKind, Place } from './comparison.ts';
import { plainMarkdown } from '../../ui/text/markdown.ts';

/** A group of the keys that differ in one way. */
export class GroupNode {
  readonly kind = 'group';
  readonly comparison: Comparison;
  readonly of: DifferenceKind;

  constructor(comparison: Comparison, of: DifferenceKind) {
    this.comparison = comparison;
    this.of = of;
  }
}

/** A key that differs. */
export class DifferenceNode {
  readonly kind = 'difference';
  readonly comparison: Comparison;
  readonly difference: Difference;

  constructor(comparison: Comparison, difference: Difference) {
    this.comparison = comparison;
    this.difference = difference;
  }

  /** The whole key; the right side's if both sides have it. */
  get path(): Uint8Array {
    return this.difference.kind === 'deleted' ? this.difference.left.key : this.difference.right.key;
  }

  get connection(): Connection {
    const { left, right } = this.comparison;
    return (this.difference.kind === 'deleted' ? left : right).connection;
  }
}

interface NoteNode {
  readonly kind: 'note';
  readonly icon: string;
  readonly text: string;
  readonly contextValue: string;
}

export type ComparisonNode = GroupNode | DifferenceNode | NoteNode;

const KINDS: readonly DifferenceKind[] = ['changed', 'added', 'deleted', 'leaseChanged', 'rewritten'];

/** The view of the latest comparison; hidden before the first. */
export class ComparisonTree extends DisposableOwner implements TreeDataProvider<ComparisonNode> {
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  #comparison: Comparison | undefined;
  /** Groups are kept, because VS Code identifies nodes by object. */
  #groups: readonly GroupNode[] = [];

  get comparison(): Comparison | undefined {
    return this.#comparison;
  }

  /** Shows another comparison; without one, hides the view. */
  show(comparison: Comparison | undefined): void {
    this.#comparison?.stop();
    this.#comparison = comparison;
    this.#groups = comparison ? KINDS.map((kind) => new GroupNode(comparison, kind)) : [];
    void commands.executeCommand('setContext', 'etcd.comparison', comparison !== undefined);
    this.#changed.fire();
  }

  /** Shows the progress of the comparison. */
  refresh(): void {
    this.#changed.fire();
  }

  getChildren(node?: ComparisonNode): ComparisonNode[] {
    if (node?.kind === 'group') return childrenOf(node);
    if (node || !this.#comparison) return [];
    const { counts } = this.#comparison;
    return [...notesOf(this.#comparison), ...this.#groups.filter(({ of }) => counts[of] > 0)];
  }

  getTreeItem(node: ComparisonNode): TreeItem {
    if (node.kind === 'group') return groupItem(node);
    return node.kind === 'difference' ? differenceItem(node) : noteItem(node);
  }
}

function childrenOf({ comparison, of }: GroupNode): ComparisonNode[] {
  const kept = comparison.kept[of];
  const nodes = kept.map((difference) => new DifferenceNode(comparison, difference));
  const more = comparison.counts[of] - kept.length;
  if (more === 0) return nodes;
  const text = l10n.t('and {0} more: compare a folder below to see them', more.toLocaleString());
  return [...nodes, { kind: 'note', icon: 'ellipsis', text, contextValue: 'more' }];
}

function notesOf({ state, counts, read, total }: Comparison): NoteNode[] {
  if (state.kind === 'failed') {
    const { kind, message } = state.error;
    const icon = kind === 'cancelled' ? 'info' : 'warning';
    return [{ kind: 'note', icon, text: message, contextValue: 'failure' }];
  }
  if (state.kind === 'stopped') {
    const text = l10n.t('Stopped after {0} of {1}', read.toLocaleString(), keysText(total));
    return [{ kind: 'note', icon: 'debug-stop', text, contextValue: 'stopped' }];
  }
  if (state.kind === 'running') {
    const text = l10n.t('Comparing: {0} of {1}', read.toLocaleString(), keysText(total));
    return [{ kind: 'note', icon: 'loading~spin', text, contextValue: 'running' }];
  }
  const some = KINDS.some((kind) => counts[kind] > 0);
  return some ? [] : [{ kind: 'note', icon: 'check', text: l10n.t('No key differs.'), contextValue: 'same' }];
}

function groupItem({ comparison, of }: GroupNode): TreeItem {
  const label = {
    changed: l10n.t('Changed'),
    added: l10n.t('Added'),
    deleted: l10n.t('Deleted'),
    leaseChanged: l10n.t('Lease Changed, Same Value'),
    rewritten: l10n.t('Rewritten, Same Value'),
  }[of];
  const hasSameValues = of === 'leaseChanged' || of === 'rewritten';
  const item = new TreeItem(
    label,
    hasSameValues ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.Expanded,
  );
  item.id = of;
  item.description = comparison.counts[of].toLocaleString();
  item.accessibilityInformation = { label: `${label} ${keysText(comparison.counts[of])}` };
  item.iconPath = iconOf(of);
  item.contextValue = ['group', ...applicable(comparison, of)].join(';');
  return item;
}

function differenceItem(node: DifferenceNode): TreeItem {
  const { comparison, difference, path } = node;
  const { kind, name } = difference;
  const item = new TreeItem(name.length === 0 ? keyText(path) : keyText(name), TreeItemCollapsibleState.None);
  item.id = `${kind}\0${toBinaryKey(path)}`;
  item.description = comparison.isOfRevisions ? revisionsOf(difference) : '';
  item.tooltip = plainMarkdown(keyText(path));
  item.iconPath = iconOf(kind);
  const target = comparison.right.connection;
  const isOfPast = comparison.isOfRevisions && comparison.left.revision !== undefined;
  const canRestore = kind !== 'added' && (isOfPast || comparison.isFromFile);
  item.contextValue = [
    'difference',
    ...(canRestore && !target.isReadOnly && !target.locks?.of(path) ? ['restorable'] : []),
    ...(target.capabilities?.history ? ['history'] : []),
    ...applicable(comparison, kind),
  ].join(';');
  item.command = { command: 'etcd.openDifference', title: l10n.t('Compare'), arguments: [node] };
  return item;
}

/** Returns the words for menus that say which sides can be made like the other one. */
function applicable({ left, right }: Comparison, kind: DifferenceKind): string[] {
  if (kind === 'rewritten' || kind === 'leaseChanged') return [];
  const canChange = ({ connection, revision }: Place) => revision === undefined && !connection.isReadOnly;
  return [...(canChange(right) ? ['toRight'] : []), ...(canChange(left) ? ['toLeft'] : [])];
}

function noteItem({ icon, text, contextValue }: NoteNode): TreeItem {
  const item = new TreeItem(text, TreeItemCollapsibleState.None);
  item.tooltip = text;
  item.iconPath = new ThemeIcon(icon);
  item.contextValue = contextValue;
  return item;
}

function revisionsOf(difference: Difference): string {
  if (difference.kind === 'added') return l10n.t('revision {0}', String(difference.right.modRevision));
  if (difference.kind === 'deleted') return l10n.t('was revision {0}', String(difference.left.modRevision));
  return l10n.t('revision {0} → {1}', String(difference.left.modRevision), String(difference.right.modRevision));
}

function iconOf(kind: DifferenceKind): ThemeIcon {
  const looks = {
    changed: { icon: 'diff-modified', color: 'gitDecoration.modifiedResourceForeground' },
    added: { icon: 'diff-added', color: 'gitDecoration.addedResourceForeground' },
    deleted: { icon: 'diff-removed', color: 'gitDecoration.deletedResourceForeground' },
    leaseChanged: { icon: 'watch', color: 'descriptionForeground' },
    rewritten: { icon: 'diff-renamed', color: 'descriptionForeground' },
  }[kind];
  return new ThemeIcon(looks.icon, new ThemeColor(looks.color));
}
