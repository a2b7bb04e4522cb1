import { FolderNode, LoadMoreNode, MessageNode } from '../tree/nodes.ts';
import { ConnectionNode } from '../tree/nodes.ts';
import type { CommandContext } from './commandContext.ts';
import { connectionTarget } from './targets.ts';

/** Lists anew a folder, a connection, or everything that is shown; open documents follow. */
export function refresh({ tree, documents }: CommandContext, argument: unknown): void {
  if (argument instanceof FolderNode) tree.refreshFolder(argument);
  else tree.refresh(argument instanceof ConnectionNode ? argument.connection : undefined);
  documents.refresh();
}

/** Tries again what a failure in the tree is about: the connection where it could not be opened, else the folder. */
export async function retry(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  if (connection.failure) connection.disconnect();
  else if (argument instanceof MessageNode) context.tree.refreshFolder(argument.parent);
  else context.tree.refresh(connection);
}

export function loadMore({ tree }: CommandContext, argument: unknown): void {
  if (argument instanceof LoadMoreNode) tree.loadMore(argument.parent);
  if (argument instanceof FolderNode) tree.loadMore(argument);
}
