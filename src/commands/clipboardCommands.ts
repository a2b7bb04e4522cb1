import { env, l10n, window } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { ConnectionNode, FolderNode, KeyNode, LoadingNode, LoadMoreNode, MessageNode } from '../tree/nodes.ts';
import type { CommandContext } from './commandContext.ts';
import { selectedNodes } from './selectedNodes.ts';
import {
  connectionOfAll,
  connectionTarget,
  isTreeSelection,
  pathTargets,
  pickPath,
  writableStore,
  type PathTarget,
} from './targets.ts';
import { rootsAt, type Destination } from './transferDestination.ts';
import { transferKeys } from './transferFlow.ts';

/** Takes keys and folders to be moved by a paste. */
export async function cut(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  await take(context, argument, selected, true);
}

/** Takes keys and folders to be copied by pastes; their names go to the system's clipboard as well. */
export async function copy(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  await take(context, argument, selected, false);
}

/** Moves or copies what was taken: into a folder, beside a key, or to a connection, where it keeps its path. */
export async function paste(context: CommandContext, argument: unknown): Promise<void> {
  const { content } = context.clipboard;
  if (!content) throw new EtcdError('notFound', l10n.t('Nothing was cut or copied in the tree that could be pasted.'));
  const selected = argument === undefined && context.treeView.visible ? context.treeView.selection : [argument];
  const [node] = isTreeSelection(argument) ? await selectedNodes(context.treeView) : selected;
  const destination = destinationOf(node) ?? (await pickDestination(context, argument));
  await bring(context, content.targets, destination, content.cut);
  if (content.cut) context.clipboard.clear();
}

/** Asks whether what was dragged is to be moved or copied: VS Code does not tell which keys are held. */
export async function drop(context: CommandContext, dragged: unknown, onto: unknown): Promise<void> {
  const targets = (Array.isArray(dragged) ? dragged : []).flatMap((node: unknown): PathTarget[] =>
    node instanceof KeyNode || node instanceof FolderNode ? [{ ...pathOf(node) }] : [],
  );
  const destination = destinationOf(onto);
  if (targets.length === 0 || !destination) return;
  const { connection, folder } = destination;
  const source = connectionOfAll(targets);
  const roots = await rootsAt(targets, destination, await writableStore(connection), !source.isReadOnly);
  if (roots.length === 0) return;
  const [move, copyButton] = [l10n.t('Move'), l10n.t('Copy')];
  const what =
    targets.length === 1 && targets[0] ? keyText(targets[0].path) : l10n.t('{0} keys and folders', targets.length);
  const where = folder ? l10n.t('{0} in {1}', keyText(folder), connection.name) : connection.name;
  const message = source.isReadOnly
    ? l10n.t('Copy {0} to {1}?', what, where)
    : l10n.t('Move or copy {0} to {1}?', what, where);
  const detail = l10n.t('A preview follows; nothing is written before.');
  const buttons = source.isReadOnly ? [copyButton] : [move, copyButton];
  const answer = await window.showInformationMessage(message, { modal: true, detail }, ...buttons);
  if (answer !== undefined) await bring(context, targets, destination, answer === move);
}

async function take(context: CommandContext, argument: unknown, selected: unknown, isCut: boolean): Promise<void> {
  const targets = await pathTargets(context, argument, selected, {
    title: isCut ? l10n.t('Cut') : l10n.t('Copy'),
    placeholder: l10n.t('Type the path of a key or a folder'),
    folderLabel: (folder) => folder,
  });
  const connection = connectionOfAll(targets);
  if (isCut) await writableStore(connection);
  context.clipboard.set(targets, isCut);
  await env.clipboard.writeText(targets.map(({ path }) => keyText(path)).join('\n'));
  const text =
    targets.length === 1 && targets[0] ? keyText(targets[0].path) : l10n.t('{0} keys and folders', targets.length);
  window.setStatusBarMessage(isCut ? l10n.t('Cut: {0}', text) : l10n.t('Copied: {0}', text), 5000);
}

async function bring(
  context: CommandContext,
  targets: readonly PathTarget[],
  destination: Destination,
  move: boolean,
): Promise<void> {
  await transferKeys(context, {
    move,
    source: connectionOfAll(targets),
    target: destination.connection,
    roots: (store) => rootsAt(targets, destination, store, move),
  });
}

function destinationOf(node: unknown): Destination | undefined {
  if (node instanceof ConnectionNode) return { connection: node.connection };
  if (node instanceof KeyNode) return destinationOf(node.parent);
  if (node instanceof LoadingNode || node instanceof LoadMoreNode || node instanceof MessageNode)
    return destinationOf(node.parent);
  if (!(node instanceof FolderNode)) return undefined;
  return { connection: node.connection, folder: node.path };
}

async function pickDestination(context: CommandContext, argument: unknown): Promise<Destination> {
  const connection = await connectionTarget(context, argument);
  const picked = await pickPath(context, connection, {
    title: l10n.t('Paste'),
    placeholder: l10n.t('Type the path of a folder, which need not exist'),
    folderLabel: (folder) => l10n.t('Paste into {0}', folder),
    wholeLabel: l10n.t('Paste at the top, above all folders'),
  });
  return { connection, folder: picked.kind === 'folder' ? picked.path : connection.hierarchy.parentOf(picked.path) };
}

function pathOf({ kind, path, connection }: KeyNode | FolderNode): PathTarget {
  return { kind, path, connection };
}
