import { l10n } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { pinFolder as pin, pinnedFolders, unpinFolder as unpin } from '../../connections/lists/pinnedFolders.ts';
import { FolderNode } from '../../views/keys/nodes.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget, pickPath } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

/** Pins a folder at the top of its connection. */
export async function pinFolder(context: CommandContext, argument: unknown): Promise<void> {
  if (argument instanceof FolderNode) return await pin(argument.connection, argument.path);
  const connection = await connectionTarget(context, argument);
  const { path } = await pickPath(context, connection, {
    title: l10n.t('Pin Folder'),
    placeholder: l10n.t('Type the path of a folder'),
    folderLabel: (folder) => l10n.t('Pin the folder {0}', folder),
  });
  if (!connection.hierarchy.isFolder(path))
    throw new EtcdError('unsupported', l10n.t('{0} is a key: only folders can be pinned.', keyText(path)));
  await pin(connection, path);
}

export async function unpinFolder(context: CommandContext, argument: unknown): Promise<void> {
  if (argument instanceof FolderNode) return await unpin(argument.connection, argument.path);
  const connection = await connectionTarget(context, argument);
  const items = pinnedFolders(connection).map((path) => ({ label: keyText(path), path }));
  if (items.length === 0)
    return void window.showInformationMessage(l10n.t('No folder of {0} is pinned.', connection.name));
  const chosen = await window.showQuickPick(items, { title: l10n.t('Unpin which folder of {0}?', connection.name) });
  if (!chosen) throw cancelled();
  await unpin(connection, chosen.path);
}
