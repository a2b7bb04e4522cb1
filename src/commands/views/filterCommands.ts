import { commands, l10n } from 'vscode';
import { nameFilter } from '../../etcd/search/nameFilter.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { ConnectionNode, FolderNode, KeyNode } from '../../views/keys/nodes.ts';
import { HitNode } from '../../views/search/hitNode.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget, TREE_SELECTION } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

/** Asks for a name filter for a folder and applies it. */
export async function filterFolder(context: CommandContext, argument: unknown): Promise<void> {
  const folder = await folderTarget(context, argument);
  const pattern = await window.showInputBox({
    title: l10n.t('Filter {0}', nameOf(folder)),
    prompt: l10n.t(
      'Show only names that contain this text or match this glob, such as app-*. Leave it empty to show all',
    ),
    value: folder.filter ?? '',
    ignoreFocusOut: true,
  });
  if (pattern === undefined) throw cancelled();
  context.tree.filterFolder(folder, pattern === '' ? undefined : nameFilter(pattern));
  await commands.executeCommand('setContext', 'etcd.filterUsed', true);
}

/** Shows all names again: of the argument, or of a filtered folder that the user picks. */
export async function clearFilter(context: CommandContext, argument: unknown): Promise<void> {
  const folder = argument === undefined ? await pickFiltered(context) : await folderTarget(context, argument);
  if (folder) context.tree.filterFolder(folder, undefined);
}

/** @returns the only filtered folder, or the one that is picked; undefined if there is none, which it says */
async function pickFiltered({ tree }: CommandContext): Promise<FolderNode | undefined> {
  const { filtered } = tree;
  const [only] = filtered;
  if (!only) return void window.showInformationMessage(l10n.t('No folder is filtered.'));
  if (filtered.length === 1) return only;
  const items = filtered.map((folder) => ({
    label: nameOf(folder),
    description: [folder.connection.name, l10n.t('only {0}', folder.filter ?? '')].join(' · '),
    folder,
  }));
  const chosen = await window.showQuickPick(items, { title: l10n.t('Clear the filter of which folder?') });
  if (!chosen) throw cancelled();
  return chosen.folder;
}

function nameOf({ path, connection }: FolderNode): string {
  return path.length === 0 ? connection.name : keyText(path);
}

/** Returns the folder of the argument or of the tree's selection, else the root of a connection. */
async function folderTarget(context: CommandContext, argument: unknown): Promise<FolderNode> {
  const isNode = argument !== undefined && argument !== TREE_SELECTION && !(argument instanceof HitNode);
  const node = isNode ? argument : context.treeView.selection[0];
  if (node instanceof FolderNode) return node;
  if (node instanceof KeyNode) return node.parent;
  const connection = await connectionTarget(context, node);
  const found = await context.tree.find(connection, connection.root);
  return await topFolder(context, found instanceof ConnectionNode ? found.root : await folderTarget(context, found));
}

/** Returns the folder whose names to filter: the root or, if all keys begin with a separator, the folder after it. */
async function topFolder({ tree }: CommandContext, root: FolderNode): Promise<FolderNode> {
  await tree.getChildren(root);
  const [only, second] = root.loaded;
  const isTop = only instanceof FolderNode && !second && root.isComplete && root.filter === undefined;
  return isTop && only.name.length === 0 ? only : root;
}
