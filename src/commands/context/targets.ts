import { homedir } from 'node:os';
import { commands, l10n, Uri, workspace } from 'vscode';
import { Connection } from '../../connections/connection.ts';
import { liveOf, PastConnection } from '../../connections/pastConnection.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { keyAddress } from '../../documents/addresses/keyUri.ts';
import { viewAddress } from '../../documents/addresses/viewUri.ts';
import { revisionAddress } from '../../documents/addresses/revisionUri.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { prefixRange, singleKeyRange } from '../../etcd/keys/ranges.ts';
import type { KeyRange, KeyStore } from '../../etcd/keyStore.ts';
import { readOnlyError } from '../../etcd/readOnlyStore.ts';
import { DifferenceNode } from '../../views/comparison/comparisonTree.ts';
import {
  ConnectionNode,
  FolderNode,
  KeyNode,
  LoadingNode,
  LoadMoreNode,
  MessageNode,
  type TreeNode,
} from '../../views/keys/nodes.ts';
import { revealRow } from '../../ui/showing.ts';
import { pickKey, type KeyQuestion } from '../../ui/keyPicker.ts';
import type { CommandContext } from './commandContext.ts';
import type { PathTarget } from './pathTarget.ts';
import { selectedNodes } from './selectedNodes.ts';
import { window } from '../../ui/text/window.ts';

/**
 * Finds the connection for a command: its argument's, the active editor's, the tree selection's, the only one, or the
 * one that the user picks.
 * @throws EtcdError `cancelled`
 */
export async function connectionTarget(context: CommandContext, argument: unknown): Promise<Connection> {
  const found =
    connectionOf(context, argument) ??
    connectionOf(context, activeUri()) ??
    connectionOf(context, context.treeView.selection[0]);
  return found ?? (await pickConnection(context));
}

/**
 * Argument of the tree's keybindings, which pass no node: the command applies to the tree's selection, not to what an
 * editor shows.
 */
export const TREE_SELECTION = 'tree';
/** Argument of the keybindings in the view of search results. */
const SEARCH_SELECTION = 'search';

export function isTreeSelection(argument: unknown): boolean {
  return argument === TREE_SELECTION;
}

/**
 * Finds the keys or folders for a command: its arguments (with `selected` if there are several), the active editor's
 * key, the tree's selection, or the path that the user picks.
 * @throws EtcdError `cancelled`
 */
export async function pathTargets(
  context: CommandContext,
  argument: unknown,
  selected: unknown,
  question: KeyQuestion,
): Promise<PathTarget[]> {
  const nodes = Array.isArray(selected) && selected.includes(argument) ? selected : [argument];
  const fromArguments = nodes.flatMap((each: unknown) => pathOf(context, each) ?? []);
  if (fromArguments.length > 0) return fromArguments;
  if (isTreeSelection(argument)) return selectedPaths(context, await selectedNodes(context.treeView));
  if (argument === SEARCH_SELECTION) return selectedPaths(context, await selectedNodes(context.search));
  const fromEditor = pathOf(context, activeUri());
  if (fromEditor) return [fromEditor];
  const fromSelection = context.treeView.visible
    ? context.treeView.selection.flatMap((node) => pathOf(context, node) ?? [])
    : [];
  if (fromSelection.length > 0) return fromSelection;
  return [await pickPath(context, await connectionTarget(context, argument), question)];
}

/**
 * Finds the keys, folders or whole connections (as folders) for a command, all of one connection: those of
 * `pathTargets`, or connections in the tree.
 * @throws EtcdError also if they belong to several connections
 */
export async function scopeTargets(
  context: CommandContext,
  argument: unknown,
  selected: unknown,
  question: KeyQuestion,
): Promise<[PathTarget, ...PathTarget[]]> {
  const nodes = Array.isArray(selected) && selected.includes(argument) ? selected : [argument];
  const roots = nodes.filter((node) => node instanceof ConnectionNode);
  const whole = roots.map(({ connection, root }): PathTarget => ({ connection, kind: 'folder', path: root.path }));
  const paths = whole.length > 0 ? nodes.flatMap((each: unknown) => pathOf(context, each) ?? []) : undefined;
  const all = [...whole, ...(paths ?? (await pathTargets(context, argument, selected, question)))];
  const [first, ...others] = all;
  if (!first) throw cancelled();
  connectionOfAll([first, ...others]);
  return [first, ...others];
}

/** Returns the connection of all targets. @throws EtcdError if they belong to several */
export function connectionOfAll(targets: readonly PathTarget[]): Connection {
  const [first, ...others] = targets;
  if (first && others.every(({ connection }) => connection === first.connection)) return first.connection;
  throw new EtcdError(
    'configuration',
    l10n.t('The selection belongs to several connections. Select keys of one connection.'),
  );
}

/** Returns the range of a target's keys. */
export function rangeOf({ kind, path }: PathTarget): KeyRange {
  return kind === 'folder' ? prefixRange(path) : singleKeyRange(path);
}

/** @throws EtcdError if no key or folder is selected */
function selectedPaths(context: CommandContext, selection: readonly TreeNode[]): PathTarget[] {
  const paths = selection.flatMap((node) => pathOf(context, node) ?? []);
  if (paths.length === 0) throw new EtcdError('notFound', l10n.t('No key or folder is selected in the tree.'));
  return paths;
}

/**
 * Returns the connection's store for a change.
 * @param ranges the keys to change
 * @throws EtcdError `readOnly`, before the user has answered anything
 */
export async function writableStore(connection: Connection, ranges: readonly KeyRange[] = []): Promise<KeyStore> {
  if (connection.revision !== undefined)
    throw new EtcdError(
      'readOnly',
      l10n.t('{0} shows the past, which cannot be changed. Nothing was done.', connection.name),
    );
  const store = await connection.store('interactive');
  if (!store.capabilities.writable) throw readOnlyError();
  await store.locks?.check(ranges);
  return store;
}

/** Lets the user pick a path. @throws EtcdError `cancelled` */
export async function pickPath(
  context: CommandContext,
  connection: Connection,
  question: KeyQuestion,
): Promise<PathTarget> {
  const store = await connection.store('interactive');
  const picked = await pickKey(store, {
    ...question,
    initial: question.initial ?? connection.root,
    title: `${question.title} (${connection.name})`,
  });
  if (!picked) throw cancelled();
  return { ...picked, connection };
}

/** Returns the key or folder that is the argument or, without one, is in the active editor. */
export function knownPath(context: Pick<CommandContext, 'connections'>, argument: unknown): PathTarget | undefined {
  return pathOf(context, argument ?? activeUri());
}

/**
 * Returns the keys or folders that are the arguments or, without any, the key in the active editor; all of one
 * connection.
 * @throws EtcdError if they belong to several connections
 */
export function knownPaths(context: CommandContext, argument: unknown, selected: unknown): readonly PathTarget[] {
  const nodes = Array.isArray(selected) && selected.includes(argument) ? selected : [argument ?? activeUri()];
  const paths = nodes.flatMap((each: unknown) => pathOf(context, each) ?? []);
  if (paths.length > 1) connectionOfAll(paths);
  return paths;
}

/** Returns the folder that is the argument or contains it; for a connection, its root. */
export function folderOf(argument: unknown): Uint8Array | undefined {
  if (argument instanceof FolderNode) return argument.path;
  if (argument instanceof KeyNode) return argument.parent.path;
  return argument instanceof ConnectionNode ? argument.root.path : undefined;
}

/** Reveals a key or folder in the tree, or else the nearest folder. @throws EtcdError if that cannot be listed */
export async function revealPath(
  { connections, tree, treeView }: CommandContext,
  connection: Connection,
  path: Uint8Array,
): Promise<void> {
  await commands.executeCommand('etcd.keys.focus');
  const find = () => tree.find(connections.shown(connection), path);
  await revealRow(treeView, find, { select: true, focus: false, expand: true });
}

/** Returns the folder in which file dialogs begin. */
export function startFolder(): Uri {
  return workspace.workspaceFolders?.[0]?.uri ?? Uri.file(homedir());
}

function pathOf(context: Pick<CommandContext, 'connections'>, argument: unknown): PathTarget | undefined {
  // Uses the present settings, because they may have changed since this was shown.
  if (argument instanceof DifferenceNode || argument instanceof KeyNode || argument instanceof FolderNode)
    return {
      connection: context.connections.current(argument.connection),
      kind: argument instanceof FolderNode ? 'folder' : 'key',
      path: argument.path,
    };
  return argument instanceof Uri ? pathOfDocument(context, argument) : undefined;
}

/** Returns the path of a document. For an earlier revision it is the key at that time, which cannot be written. */
function pathOfDocument({ connections }: Pick<CommandContext, 'connections'>, uri: Uri): PathTarget | undefined {
  const version = revisionAddress(uri);
  const found = version ?? viewAddress(uri) ?? keyAddress(uri);
  const connection = found && connections.get(found.connectionId);
  if (!connection) return undefined;
  return {
    connection: version ? new PastConnection(connection, version.readAt ?? version.revision) : connection,
    kind: 'key',
    path: found.key,
  };
}

function connectionOf(context: CommandContext, argument: unknown): Connection | undefined {
  if (argument instanceof Connection) return argument;
  if (argument instanceof Uri) {
    const path = pathOf(context, argument);
    return path && liveOf(path.connection);
  }
  return isTreeNode(argument) ? connectionOfNode(argument) : undefined;
}

function isTreeNode(argument: unknown): argument is TreeNode {
  return [ConnectionNode, FolderNode, KeyNode, LoadingNode, LoadMoreNode, MessageNode].some(
    (kind) => argument instanceof kind,
  );
}

function connectionOfNode(node: TreeNode): Connection {
  return 'connection' in node ? node.connection : node.parent.connection;
}

function activeUri(): Uri | undefined {
  return window.activeTextEditor?.document.uri;
}

/** Lets the user pick a connection, if there are several. @throws EtcdError `cancelled`, `configuration` without any */
export async function pickConnection({ connections }: CommandContext): Promise<Connection> {
  const { live } = connections;
  const [only] = live;
  if (!only)
    throw new EtcdError('configuration', l10n.t('There is no etcd connection yet. Run "etcd: Add Connection" first.'));
  if (live.length === 1) return only;
  const items = live.map((connection) => ({ label: connection.name, description: connection.endpoint, connection }));
  const chosen = await window.showQuickPick(items, { placeHolder: l10n.t('Which etcd connection?') });
  if (!chosen) throw cancelled();
  return chosen.connection;
}
