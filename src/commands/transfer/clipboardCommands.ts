import { env, l10n } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { ConnectionNode, FolderNode, KeyNode, LoadingNode, LoadMoreNode, MessageNode } from '../../views/keys/nodes.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { selectedNodes } from '../context/selectedNodes.ts';
import {
  connectionOfAll,
  connectionTarget,
  isTreeSelection,
  pathTargets,
  pickPath,
  writableStore,
} from '../context/targets.ts';
import type { PathTarget } from '../context/pathTarget.ts';
import { rootsAt, type Destination } from './transferDestination.ts';
import { transferKeys } from './transferFlow.ts';
import { window } from '../../ui/text/window.ts';

/** Cuts keys and folders, which a paste then moves. */
export async function cut(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  await take(context, argument, selected, true);
}

/** Copies keys and folders for pastes; their names also go to the system's clipboard. */
export async function copy(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  await take(context, argument, selected, false);
}

/**
 * Moves or copies the keys on the clipboard: into a folder, beside a key, or to a connection, where they keep their
 * paths.
 */
export async function paste(context: CommandContext, argument: unknown): Promise<void> {
  const { content } = context.clipboard;
  if (!content)
    throw new EtcdError('notFound', l10n.t('There is nothing to paste. Cut or copy keys in the Keys view first.'));
  const selected = argument === undefined && context.treeView.visible ? context.treeView.selection : [argument];
  const [node] = isTreeSelection(argument) ? await selectedNodes(context.treeView) : selected;
  const destination = destinationOf(node) ?? (await pickDestination(context, argument));
  // Uses the present settings, because they may have changed since.
  const targets = content.targets.map((target) => ({
    ...target,
    connection: context.connections.current(target.connection),
  }));
  await bring(context, { targets, destination, move: content.cut });
  if (content.cut) context.clipboard.clear();
}

/** Asks whether to move or copy the dragged keys, because VS Code does not report which modifier keys are pressed. */
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
  const isAgreed = targets.length === 1 && targets[0]?.kind === 'key';
  const detail = isAgreed
    ? l10n.t('If a key of that name exists there, you will be asked what to do.')
    : l10n.t('You will see a preview before anything is written.');
  const buttons = source.isReadOnly ? [copyButton] : [move, copyButton];
  const answer = await window.showInformationMessage(message, { modal: true, detail }, ...buttons);
  if (answer !== undefined) await bring(context, { targets, destination, move: answer === move, isAgreed });
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

interface Bringing {
  readonly targets: readonly PathTarget[];
  readonly destination: Destination;
  readonly move: boolean;
  readonly isAgreed?: boolean;
}

async function bring(
  context: CommandContext,
  { targets, destination, move, isAgreed = false }: Bringing,
): Promise<void> {
  await transferKeys(context, {
    move,
    source: connectionOfAll(targets),
    target: destination.connection,
    roots: (store) => rootsAt(targets, destination, store, move),
    isAgreed,
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
    placeholder: l10n.t('Type the path of a folder. It does not have to exist'),
    folderLabel: (folder) => l10n.t('Paste into {0}', folder),
    wholeLabel: l10n.t('Paste at the top, above all folders'),
  });
  return { connection, folder: picked.kind === 'folder' ? picked.path : connection.hierarchy.parentOf(picked.path) };
}

function pathOf({ kind, path, connection }: KeyNode | FolderNode): PathTarget {
  return { kind, path, connection };
}
