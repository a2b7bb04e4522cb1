import { l10n, window } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { CommandContext } from './commandContext.ts';
import { cancelled, connectionTarget, folderOf, pickPath, revealPath, writableStore } from './targets.ts';

/** Asks for a folder's path and its time to live, and creates it empty, where the store has such folders. */
export async function newFolder(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const store = await writableStore(connection);
  if (!store.capabilities.emptyFolders || !store.createDirectory)
    throw new EtcdError(
      'unsupported',
      l10n.t("{0} has no empty folders: in etcd's v3 API a folder is there as long as a key is.", connection.name),
    );
  const { path } = await pickPath(context, connection, {
    title: l10n.t('New Folder'),
    placeholder: l10n.t('Type the path of the new folder, such as /config/app'),
    newKeyLabel: (folder) => l10n.t('Create the folder {0}', folder),
    initial: folderOf(argument),
  });
  const prefix = store.hierarchy.asFolder(path);
  await store.createDirectory(prefix, await askTimeToLive(keyText(prefix)));
  context.showChanges(connection);
  await revealPath(context, connection, prefix);
}

/** @returns seconds, or undefined for one that stays. @throws EtcdError `cancelled` */
async function askTimeToLive(folder: string): Promise<number | undefined> {
  const answer = await window.showInputBox({
    title: l10n.t('New Folder {0}', folder),
    prompt: l10n.t('Seconds until etcd deletes it with all that is in it; leave it empty for a folder that stays.'),
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^\s*([1-9]\d{0,9})?\s*$/.test(text) ? undefined : l10n.t('Write a whole number of seconds.'),
  });
  if (answer === undefined) throw cancelled();
  return answer.trim() === '' ? undefined : Number(answer);
}
