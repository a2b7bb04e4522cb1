import { l10n } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { confirm } from '../../ui/confirm.ts';
import { afterwards } from '../../ui/showing.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget, folderOf, pickPath, revealPath, writableStore } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

/** Asks for a folder's path and its time to live, and creates it empty, if the store has such folders. */
export async function newFolder(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const store = await writableStore(connection);
  if (!store.capabilities.emptyFolders || !store.createDirectory)
    throw new EtcdError(
      'unsupported',
      l10n.t(
        "{0} has no empty folders: in etcd's v3 API a folder exists only while it contains a key.",
        connection.name,
      ),
    );
  const { path } = await pickPath(context, connection, {
    title: l10n.t('New Folder'),
    placeholder: l10n.t('Type the path of the new folder, such as /config/app'),
    newKeyLabel: (folder) => l10n.t('Create the folder {0}', folder),
    creates: true,
    initial: folderOf(argument),
  });
  const prefix = store.hierarchy.asFolder(path);
  const seconds = await askTimeToLive(keyText(prefix));
  const question = l10n.t('Create the folder {0} in {1}?', keyText(prefix), connection.name);
  const yes = connection.isProduction ? await confirm(question, '', l10n.t('Create')) : undefined;
  if (connection.isProduction && !yes) throw cancelled();
  await (await connection.writingStore(yes)).createDirectory?.(prefix, seconds);
  context.showChanges(connection);
  await afterwards(context.log, () => revealPath(context, connection, prefix));
}

/** Asks for a time to live. @returns seconds, or undefined for no expiry. @throws EtcdError `cancelled` */
async function askTimeToLive(folder: string): Promise<number | undefined> {
  const answer = await window.showInputBox({
    title: l10n.t('New Folder {0}', folder),
    prompt: l10n.t(
      'Seconds until etcd deletes the folder and everything in it. Leave it empty if the folder should not expire.',
    ),
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^\s*([1-9]\d{0,9})?\s*$/.test(text) ? undefined : l10n.t('Enter a whole number of seconds.'),
  });
  if (answer === undefined) throw cancelled();
  return answer.trim() === '' ? undefined : Number(answer);
}
