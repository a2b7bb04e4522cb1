import { l10n, ProgressLocation, window } from 'vscode';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { KeyTree } from '../tree/keyTree.ts';
import { MOST_ROWS } from '../tree/levelWindow.ts';
import { ConnectionNode, FolderNode, LoadMoreNode, MessageNode } from '../tree/nodes.ts';
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

/** Does what a row such as "Load more…" says. */
export async function loadMore({ tree }: CommandContext, argument: unknown): Promise<void> {
  if (!(argument instanceof LoadMoreNode)) return;
  const { parent, what } = argument;
  if (what === 'more') tree.loadMore(parent);
  else if (what === 'all') await loadAll(tree, parent);
  else tree.turnPage(parent, what);
}

async function loadAll(tree: KeyTree, folder: FolderNode): Promise<void> {
  const title = l10n.t('Listing {0}', keyText(folder.path));
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  const all = Math.min(MOST_ROWS, folder.loaded.length + (folder.left ?? 0));
  await window.withProgress(options, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    let before = folder.loaded.length;
    await tree.loadAll(folder, abort.signal, (loaded) => {
      const message = l10n.t('{0} of about {1}', loaded.toLocaleString(), all.toLocaleString());
      progress.report({ message, increment: (100 * (loaded - before)) / all });
      before = loaded;
    });
  });
}
