import { l10n, ProgressLocation } from 'vscode';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { KeyTree } from '../../views/keys/keyTree.ts';
import { MAX_ROWS } from '../../views/keys/levelWindow.ts';
import { ConnectionNode, FolderNode, LoadMoreNode, MessageNode } from '../../views/keys/nodes.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget } from '../context/targets.ts';
import { window } from '../../ui/text/window.ts';

/** Lists a folder, a connection, or everything again; open documents follow. */
export function refresh({ connections, tree, documents }: CommandContext, argument: unknown): void {
  // A refresh does not wait for an attempt that hangs, and repeats one that failed.
  for (const connection of argument instanceof ConnectionNode ? [argument.connection] : connections.live)
    if (connection.failure || connection.state.kind === 'connecting') connection.disconnect();
  if (argument instanceof FolderNode) tree.refreshFolder(argument);
  else tree.refresh(argument instanceof ConnectionNode ? argument.connection : undefined);
  documents.refresh();
}

/** Retries what failed in the tree: opening the connection, or listing the folder. */
export async function retry(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  if (connection.failure || connection.state.kind === 'connecting') connection.disconnect();
  else if (argument instanceof MessageNode) context.tree.refreshFolder(argument.parent);
  else context.tree.refresh(connection);
}

/** Carries out a row such as "Load more…". */
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
  const all = Math.min(MAX_ROWS, folder.loaded.length + (folder.left ?? 0));
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
