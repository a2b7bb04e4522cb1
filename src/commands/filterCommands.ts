import { l10n, window } from 'vscode';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { ConnectionNode, FolderNode, KeyNode } from '../tree/nodes.ts';
import { HitNode } from '../tree/search/hitNode.ts';
import type { CommandContext } from './commandContext.ts';
import { cancelled, connectionTarget, TREE_SELECTION } from './targets.ts';

/** Asks which names are shown of a folder's, and shows only those. */
export async function filterFolder(context: CommandContext, argument: unknown): Promise<void> {
  const folder = await folderTarget(context, argument);
  const pattern = await window.showInputBox({
    title: l10n.t('Filter {0}', folder.path.length === 0 ? folder.connection.name : keyText(folder.path)),
    prompt: l10n.t('Show only names that contain this, or that match this glob, such as app-*; nothing shows all'),
    value: folder.filter ?? '',
    ignoreFocusOut: true,
  });
  if (pattern === undefined) throw cancelled();
  context.tree.filterFolder(folder, pattern === '' ? undefined : pattern);
}

export async function clearFilter(context: CommandContext, argument: unknown): Promise<void> {
  context.tree.filterFolder(await folderTarget(context, argument), undefined);
}

/** The folder that is meant: the argument's, that of the tree's selection, or the root of a connection. */
async function folderTarget(context: CommandContext, argument: unknown): Promise<FolderNode> {
  const isNode = argument !== undefined && argument !== TREE_SELECTION && !(argument instanceof HitNode);
  const node = isNode ? argument : context.treeView.selection[0];
  if (node instanceof FolderNode) return node;
  if (node instanceof KeyNode) return node.parent;
  const connection = await connectionTarget(context, node);
  const found = await context.tree.find(connection, connection.root);
  return await topFolder(context, found instanceof ConnectionNode ? found.root : await folderTarget(context, found));
}

/** Where all keys begin with a separator, the names that are meant are those after it. */
async function topFolder({ tree }: CommandContext, root: FolderNode): Promise<FolderNode> {
  await tree.getChildren(root);
  const [only, second] = root.loaded;
  const isTop = only instanceof FolderNode && !second && root.isComplete && root.filter === undefined;
  return isTop && only.name.length === 0 ? only : root;
}
