import { isDeepStrictEqual } from 'node:util';
import { commands, l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { connectionId, type ConnectionProfile } from '../../connections/settings/connectionProfile.ts';
import { folderSettings } from '../../connections/settings/settingsFile.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionFields } from './connectionFields.ts';
import { connectionNames, settled } from './presentConnections.ts';

/**
 * Lets the user change properties of a connection one after the other; each change is saved immediately.
 * @returns the connection with its latest settings, and whether the user went on in the settings file
 */
export async function editProperties(
  context: CommandContext,
  connection: Connection,
): Promise<{ readonly connection: Connection; readonly isFileShown: boolean }> {
  let latest = connection;
  for (;;) {
    const { profile } = latest;
    const chosen = await window.showQuickPick(connectionFields(profile, connectionNames(context, latest)), {
      title: l10n.t('Edit the Connection {0}', latest.name),
      placeHolder: l10n.t('What do you want to change?'),
    });
    if (!chosen) return { connection: latest, isFileShown: false };
    if (!chosen.edit) {
      await openSettingsFile(profile);
      return { connection: latest, isFileShown: true };
    }
    const settings = await chosen.edit();
    if (!settings || isDeepStrictEqual(settings, profile.settings)) continue;
    await context.entries.update(profile, settings);
    latest = await settled(context, connectionId(settings.name, profile.source, profile.folder), latest);
  }
}

async function openSettingsFile({ source, folder }: ConnectionProfile): Promise<void> {
  if (folder) return void (await window.showTextDocument(folderSettings(folder)));
  const command =
    source === 'user' ? 'workbench.action.openSettingsJson' : 'workbench.action.openWorkspaceSettingsFile';
  await commands.executeCommand(command, { revealSetting: { key: 'etcd.connections' } });
}
