import { isDeepStrictEqual } from 'node:util';
import { commands, l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { connectionId, type ConnectionProfile } from '../../connections/settings/connectionProfile.ts';
import { placeText } from '../../connections/settings/connectionSettings.ts';
import { folderSettings } from '../../connections/settings/settingsFile.ts';
import { confirm } from '../../ui/confirm.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionFields } from './connectionFields.ts';
import { askNewConnection } from './connectionForm.ts';
import { offerFound } from './pasteConnection.ts';
import { connectionNames, keepConnection, settled } from './keepConnection.ts';
import { connectionTarget } from '../context/targets.ts';
import { window } from '../../ui/text/window.ts';

/** Asks for a connection, or uses the one that the user has copied; saves it and opens it. */
export async function addConnection(context: CommandContext): Promise<void> {
  if (await offerFound(context)) return;
  const added = await askNewConnection(connectionNames(context));
  if (!added) return;
  await keepConnection(context, added);
}

/** Changes properties of a connection one after the other; each change is saved immediately. */
export async function editConnection(context: CommandContext, argument: unknown): Promise<void> {
  let connection = await connectionTarget(context, argument);
  for (;;) {
    const { profile } = connection;
    const chosen = await window.showQuickPick(connectionFields(profile, otherNames(context, connection)), {
      title: l10n.t('Edit the Connection {0}', connection.name),
      placeHolder: l10n.t('What do you want to change?'),
    });
    if (!chosen) return;
    if (!chosen.edit) return await openSettingsFile(profile);
    const settings = await chosen.edit();
    if (!settings || isDeepStrictEqual(settings, profile.settings)) continue;
    await context.entries.update(profile, settings);
    connection = await settled(context, connectionId(settings.name, profile.source, profile.folder), connection);
  }
}

/** Removes a connection and everything stored for it; nothing changes in etcd. */
export async function removeConnection(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const { profile } = connection;
  const where = placeText(profile);
  const detail = l10n.t(
    'It is removed from {0}, and its password from the secret storage. Nothing changes in etcd.',
    where,
  );
  if (!(await confirm(l10n.t('Remove the connection {0}?', connection.name), detail, l10n.t('Remove')))) return;
  await context.credentials.forget(profile);
  await context.entries.remove(profile);
}

async function openSettingsFile({ source, folder }: ConnectionProfile): Promise<void> {
  if (folder) return void (await window.showTextDocument(folderSettings(folder)));
  const command =
    source === 'user' ? 'workbench.action.openSettingsJson' : 'workbench.action.openWorkspaceSettingsFile';
  await commands.executeCommand(command, { revealSetting: { key: 'etcd.connections' } });
}

function otherNames({ connections }: CommandContext, self: Connection): string[] {
  return connections.configured.filter((connection) => connection !== self).map(({ name }) => name);
}
