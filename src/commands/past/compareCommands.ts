import { commands, l10n } from 'vscode';
import { liveOf } from '../../connections/pastConnection.ts';
import type { Connection } from '../../connections/connection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { newestRevision } from '../../etcd/past/compaction.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { Comparison, comparisonTitle, placeName, type Place } from '../../views/comparison/comparison.ts';
import { DifferenceNode } from '../../views/comparison/comparisonTree.ts';
import { FolderNode } from '../../views/keys/nodes.ts';
import { afterwards } from '../../ui/showing.ts';
import { pickRevision } from '../../ui/revisionPicker.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { storeWithHistory } from './pastCommands.ts';
import { restoreFromFile, restoreVersions, type EarlierVersion } from '../undo/restore.ts';
import { connectionTarget } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

/** Compares a folder or all keys of a connection at two revisions, or at a revision and now. */
export async function compareWithRevision(context: CommandContext, argument: unknown): Promise<void> {
  const { revision: shown, ...place } = await placeOf(context, argument);
  const store = await storeWithHistory(place.connection);
  const name = keyText(place.prefix) || place.connection.name;
  const from = shown ?? (await pickRevision(store, { title: l10n.t('Compare {0} at Revision', name), now: 'none' }));
  if (from === undefined || from === 'now') throw cancelled();
  const title = l10n.t('Compare {0} at Revision {1} with Revision', name, String(from));
  const to = await pickRevision(store, { title, from, now: 'first' });
  if (to === undefined) throw cancelled();
  if (to === 'now') return await compare(context, { ...place, revision: from }, place);
  const [older, newer] = from < to ? [from, to] : [to, from];
  await compare(context, { ...place, revision: older }, { ...place, revision: newer });
}

/** Keeps a folder or a connection, at present or at the browsed revision, for a comparison with another one. */
export async function selectForCompare(context: CommandContext, argument: unknown): Promise<void> {
  const place = await placeOf(context, argument);
  context.comparison.selected = place;
  await commands.executeCommand('setContext', 'etcd.selectedForCompare', true);
  window.setStatusBarMessage(l10n.t('Selected for compare: {0}', placeName(place)), 5000);
}

/** Compares the kept folder or connection with another one, key by key and byte by byte. */
export async function compareWithSelected(context: CommandContext, argument: unknown): Promise<void> {
  const { selected } = context.comparison;
  if (!selected)
    throw new EtcdError('notFound', l10n.t('Nothing is selected for compare. Use Select for Compare first.'));
  const place = await placeOf(context, argument);
  await compare(context, selected, place);
}

/** Repeats the comparison with the present state. */
export async function compareAgain(context: CommandContext): Promise<void> {
  const { comparison } = context.comparison.tree;
  if (comparison) await compare(context, comparison.left, comparison.right);
}

/** Stops the running comparison; its results so far stay. */
export function stopComparing({ comparison: { tree } }: CommandContext): void {
  tree.comparison?.stop();
}

export function closeComparison({ comparison: { tree } }: CommandContext): void {
  tree.show(undefined);
}

/** Shows the two versions of a key that differs. */
export async function openDifference(context: CommandContext, argument: unknown): Promise<void> {
  const [node] = differencesOf(context, argument, undefined);
  if (!node) return;
  const { comparison, difference, path } = node;
  const { left, right, rightRevision } = comparison;
  const [before, after] = [
    difference.kind === 'added' ? leftKey(comparison, path) : difference.left.key,
    difference.kind === 'deleted' ? rightKey(comparison, path) : difference.right.key,
  ];
  // A key that no longer exists can only be opened at the compared revision.
  const rightAt = difference.kind === 'deleted' ? (right.revision ?? rightRevision) : right.revision;
  await context.documents.compare(versionOf(left, before), versionOf({ ...right, revision: rightAt }, after));
}

/** Restores keys as they were on the left. */
export async function restoreDifference(context: CommandContext, argument: unknown, all: unknown): Promise<void> {
  const nodes = differencesOf(context, argument, all);
  const [first] = nodes;
  const { isOfRevisions = false, isFromFile = false, left: from } = first?.comparison ?? {};
  const readAt = from && isFromFile ? (from.revision ?? (await newestIn(from.connection))) : from?.revision;
  const versions = nodes.flatMap(({ difference }): EarlierVersion[] =>
    (isOfRevisions || isFromFile) && readAt !== undefined && difference.kind !== 'added'
      ? [{ key: difference.left.key, readAt }]
      : [],
  );
  if (!first || versions.length === 0)
    throw new EtcdError('notFound', l10n.t('No changed or deleted key is selected in the comparison.'));
  const { left, right } = first.comparison;
  if (isFromFile) await restoreFromFile(context, left.connection, versions, right.connection);
  else await restoreVersions(context, left.connection, versions);
  const { comparison } = context.comparison.tree;
  if (comparison && comparison.right.revision === undefined)
    await afterwards(context.log, () => compare(context, comparison.left, comparison.right));
}

async function newestIn(connection: Connection): Promise<bigint> {
  return await newestRevision(await connection.store('interactive'));
}

/** Compares two places, and shows the comparison. */
export async function compare(
  { connections, comparison: { tree, view } }: CommandContext,
  left: Place,
  right: Place,
): Promise<void> {
  // Uses the present settings, because they may have changed since a place was selected or compared.
  const now = (place: Place): Place => ({ ...place, connection: connections.current(place.connection) });
  const comparison = new Comparison(now(left), now(right));
  tree.show(comparison);
  view.message = comparisonTitle(comparison);
  await commands.executeCommand('etcd.comparison.focus');
  await window.withProgress({ location: { viewId: 'etcd.comparison' } }, () =>
    comparison.run(() => {
      if (tree.comparison !== comparison) return;
      view.message = comparisonTitle(comparison);
      tree.refresh();
    }),
  );
}

/** Returns the folder or connection that is the argument or the tree's selection. */
export async function placeOf(context: CommandContext, argument: unknown): Promise<Place> {
  const node = argument ?? context.treeView.selection[0];
  const connection = node instanceof FolderNode ? node.connection : await connectionTarget(context, argument);
  const prefix = node instanceof FolderNode ? node.path : connection.root;
  return { connection: liveOf(connection), prefix, revision: connection.revision };
}

function differencesOf({ comparison }: CommandContext, argument: unknown, all: unknown): DifferenceNode[] {
  const nodes = Array.isArray(all) && all.includes(argument) ? all : argument ? [argument] : comparison.view.selection;
  return nodes.filter((node: unknown) => node instanceof DifferenceNode);
}

function versionOf({ connection, revision }: Place, key: Uint8Array) {
  const now = { connectionId: connection.id, key };
  return revision === undefined ? now : { ...now, revision };
}

function leftKey({ left, right }: Comparison, key: Uint8Array): Uint8Array {
  return Buffer.concat([left.prefix, key.subarray(right.prefix.length)]);
}

function rightKey({ left, right }: Comparison, key: Uint8Array): Uint8Array {
  return Buffer.concat([right.prefix, key.subarray(left.prefix.length)]);
}
