import { homedir } from 'node:os';
import { commands, l10n, Uri, window, workspace } from 'vscode';
import { Connection } from '../connections/connection.ts';
import { liveOf, PastConnection } from '../connections/pastConnection.ts';
import { keyAddress } from '../documents/keyUri.ts';
import { revisionAddress } from '../documents/revisionUri.ts';
import { EtcdError } from '../etcd/errors.ts';
import { prefixRange, singleKeyRange } from '../etcd/keyspace/ranges.ts';
import type { KeyRange, KeyStore } from '../etcd/keyStore.ts';
import { readOnlyError } from '../etcd/readOnlyStore.ts';
import { DifferenceNode } from '../tree/comparisonTree.ts';
import {
  ConnectionNode,
  FolderNode,
  KeyNode,
  LoadingNode,
  LoadMoreNode,
  MessageNode,
  type TreeNode,
} from '../tree/nodes.ts';
import { pickKey, type KeyQuestion, type PickedPath } from '../ui/keyPicker.ts';
import type { CommandContext } from './commandContext.ts';
import { selectedNodes } from './selectedNodes.ts';

/** A key or a folder of a connection. */
export interface PathTarget extends PickedPath {
  readonly connection: Connection;
}

/**
 * The connection that a command is about: its argument's, the active editor's, the tree selection's, the only one
 * there is, or the one that the user picks.
 * @throws EtcdError `cancelled`
 */
export async function connectionTarget(context: CommandContext, argument: unknown): Promise<Connection> {
  const found =
    connectionOf(context, argument) ??
    connectionOf(context, activeUri()) ??
    connectionOf(context, context.treeView.selection[0]);
  return found ?? (await pickConnection(context));
}

/** The argument of a keybinding of the tree, which passes no node: what is selected there is meant, not what an editor shows. */
export const TREE_SELECTION = 'tree';
/** The same of the view of search results. */
const SEARCH_SELECTION = 'search';

export function isTreeSelection(argument: unknown): boolean {
  return argument === TREE_SELECTION;
}

/**
 * The keys or folders that a command is about: its arguments (with `selected` where several are), the active editor's
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
 * The keys, folders or whole connections (as folders) that a command is about, all of one connection: as
 * `pathTargets`, with connections in the tree too.
 * @throws EtcdError also where they belong to several connections
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

/** The connection that all of them belong to. @throws EtcdError where they are of several */
export function connectionOfAll(targets: readonly PathTarget[]): Connection {
  const [first, ...others] = targets;
  if (first && others.every(({ connection }) => connection === first.connection)) return first.connection;
  throw new EtcdError(
    'configuration',
    l10n.t('The selection belongs to several connections. Select keys of one connection.'),
  );
}

/** The keys that a target stands for. */
export function rangeOf({ kind, path }: PathTarget): KeyRange {
  return kind === 'folder' ? prefixRange(path) : singleKeyRange(path);
}

/** @throws EtcdError where no key or folder is selected */
function selectedPaths(context: CommandContext, selection: readonly TreeNode[]): PathTarget[] {
  const paths = selection.flatMap((node) => pathOf(context, node) ?? []);
  if (paths.length === 0) throw new EtcdError('notFound', l10n.t('No key or folder is selected in the tree.'));
  return paths;
}

/** The connection's store, for what is to be changed. @throws EtcdError `readOnly`, before the user has answered anything */
export async function writableStore(connection: Connection): Promise<KeyStore> {
  if (connection.revision !== undefined)
    throw new EtcdError(
      'readOnly',
      l10n.t('{0} shows what was, which nothing can change. Nothing was done.', connection.name),
    );
  const store = await connection.store('interactive');
  if (!store.capabilities.writable) throw readOnlyError();
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

/** The key or folder that an argument is or, without an argument, that the active editor shows. */
export function knownPath(context: Pick<CommandContext, 'connections'>, argument: unknown): PathTarget | undefined {
  return pathOf(context, argument ?? activeUri());
}

/**
 * The keys or folders that the arguments are or, without any, the key that the active editor shows; of one connection.
 * @throws EtcdError where they belong to several connections
 */
export function knownPaths(context: CommandContext, argument: unknown, selected: unknown): readonly PathTarget[] {
  const nodes = Array.isArray(selected) && selected.includes(argument) ? selected : [argument ?? activeUri()];
  const paths = nodes.flatMap((each: unknown) => pathOf(context, each) ?? []);
  if (paths.length > 1) connectionOfAll(paths);
  return paths;
}

/** The folder that an argument is or lies in; for a connection its root. */
export function folderOf(argument: unknown): Uint8Array | undefined {
  if (argument instanceof FolderNode) return argument.path;
  if (argument instanceof KeyNode) return argument.parent.path;
  return argument instanceof ConnectionNode ? argument.root.path : undefined;
}

/** Shows a key or folder in the tree, or the folder nearest to it. */
export async function revealPath(
  { connections, tree, treeView }: CommandContext,
  connection: Connection,
  path: Uint8Array,
): Promise<void> {
  await commands.executeCommand('etcd.keys.focus');
  const shown = await tree.find(connections.shown(connection), path);
  await treeView.reveal(shown, { select: true, focus: false, expand: true });
}

/** Where dialogs for files begin. */
export function startFolder(): Uri {
  return workspace.workspaceFolders?.[0]?.uri ?? Uri.file(homedir());
}

export function cancelled(): EtcdError {
  return new EtcdError('cancelled', l10n.t('Cancelled.'));
}

function pathOf(context: Pick<CommandContext, 'connections'>, argument: unknown): PathTarget | undefined {
  if (argument instanceof DifferenceNode) return { connection: argument.connection, kind: 'key', path: argument.path };
  if (argument instanceof KeyNode || argument instanceof FolderNode)
    return { connection: argument.connection, kind: argument.kind, path: argument.path };
  return argument instanceof Uri ? pathOfDocument(context, argument) : undefined;
}

/** A document of an earlier revision stands for the key as it was then, which nothing can be written to. */
function pathOfDocument({ connections }: Pick<CommandContext, 'connections'>, uri: Uri): PathTarget | undefined {
  const version = revisionAddress(uri);
  const found = version ?? keyAddress(uri);
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

async function pickConnection({ connections }: CommandContext): Promise<Connection> {
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
