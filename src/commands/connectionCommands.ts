import { isDeepStrictEqual } from 'node:util';
import { commands, l10n, window, type QuickPickItem } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { connectionId, type ConnectionProfile, type ConnectionSettings } from '../connections/connectionProfile.ts';
import { hierarchyOf } from '../connections/hierarchySettings.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { removeConnectionSettings, updateConnectionSettings } from '../connections/connectionSettings.ts';
import { confirm } from '../ui/confirm.ts';
import { runSteps, textStep, type Step } from '../ui/inputSteps.ts';
import type { CommandContext } from './commandContext.ts';
import { askNewConnection, endpointsStep, nameStep, trustStep } from './connectionForm.ts';
import { offerFound } from './importCommands.ts';
import { connectionNames, keepConnection, settled } from './keepConnection.ts';
import { connectionTarget } from './targets.ts';

/** Asks for a connection, or takes the one that the user has copied, keeps it and opens it. */
export async function addConnection(context: CommandContext): Promise<void> {
  if (await offerFound(context)) return;
  const added = await askNewConnection(connectionNames(context));
  if (!added) return;
  await keepConnection(context, added);
}

/** Changes one property of a connection after the other, each at once. */
export async function editConnection(context: CommandContext, argument: unknown): Promise<void> {
  let connection = await connectionTarget(context, argument);
  for (;;) {
    const { profile } = connection;
    const chosen = await window.showQuickPick(fields(profile, otherNames(context, connection)), {
      title: l10n.t('Edit the Connection {0}', connection.name),
      placeHolder: l10n.t('What to change?'),
    });
    if (!chosen) return;
    if (!chosen.edit) return await openSettingsFile(profile);
    const settings = await chosen.edit();
    if (!settings || isDeepStrictEqual(settings, profile.settings)) continue;
    await updateConnectionSettings(profile, settings);
    connection = await settled(context, connectionId(settings.name, profile.source), connection);
  }
}

/** Removes a connection and what is stored for it; nothing changes in etcd. */
export async function removeConnection(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const { profile } = connection;
  const where = profile.source === 'user' ? l10n.t('the user settings') : l10n.t('the settings of this workspace');
  const detail = l10n.t(
    'It is taken out of {0}, and its password out of the secret storage. Nothing changes in etcd.',
    where,
  );
  if (!(await confirm(l10n.t('Remove the connection {0}?', connection.name), detail, l10n.t('Remove')))) return;
  await context.credentials.forget(profile);
  await removeConnectionSettings(profile);
}

interface Field extends QuickPickItem {
  /** Asks for the new value; undefined when the user cancels. Absent: the settings file is opened instead. */
  readonly edit?: () => Promise<ConnectionSettings | undefined>;
}

function fields({ settings }: ConnectionProfile, takenNames: readonly string[]): Field[] {
  const { ca, caFile, ...withoutCertificate } = settings;
  const ask = async (step: (keep: (changed: ConnectionSettings) => void) => Step) => {
    let result: ConnectionSettings | undefined;
    await runSteps(l10n.t('Edit etcd Connection'), () => [step((changed) => (result = changed))]);
    return result;
  };
  const editSeparator = () =>
    ask((keep) =>
      textStep({
        prompt: l10n.t('What separates the segments of keys; leave it empty where there are no folders.'),
        value: settings.separator?.toString() ?? '/',
        answer: (separator) => keep({ ...settings, separator }),
      }),
    );
  const text = (name: 'username' | 'serverName' | 'root', prompt: string) => () =>
    ask((keep) =>
      textStep({ prompt, value: settings[name] ?? '', answer: (value) => keep(withText(settings, name, value)) }),
    );
  return [
    {
      label: l10n.t('Endpoints'),
      description: settings.endpoints.join(', '),
      edit: () => ask((keep) => endpointsStep(settings.endpoints, (endpoints) => keep({ ...settings, endpoints }))),
    },
    {
      label: l10n.t('Certificate'),
      description: caFile ?? (ca === undefined ? l10n.t("the system's authorities") : l10n.t('text in the settings')),
      edit: () => ask((keep) => trustStep((_, certificate) => keep({ ...withoutCertificate, ...certificate }))),
    },
    {
      label: l10n.t('User name'),
      description: settings.username ?? l10n.t('none'),
      edit: text('username', l10n.t('User name in etcd; leave it empty where etcd asks for none.')),
    },
    {
      label: l10n.t('Server name'),
      description: settings.serverName ?? l10n.t("the endpoint's host name"),
      edit: text(
        'serverName',
        l10n.t("Name that the server's certificate must be for; leave it empty for the endpoint's host name."),
      ),
    },
    {
      label: l10n.t('Root'),
      description: settings.root ?? l10n.t('everything is shown'),
      edit: text('root', l10n.t('Show only what is below this prefix; leave it empty to show everything.')),
    },
    {
      label: l10n.t('Separator'),
      description: hierarchyOf(settings).separators.map(keyText).join(' ') || l10n.t('none: there are no folders'),
      ...(!Array.isArray(settings.separator) && { edit: editSeparator }),
    },
    {
      label: l10n.t('Name'),
      description: settings.name,
      edit: () => ask((keep) => nameStep(settings.name, takenNames, (name) => keep({ ...settings, name }))),
    },
    { label: l10n.t('Open settings.json'), description: l10n.t('all properties, with completion') },
  ];
}

function withText(
  settings: ConnectionSettings,
  name: 'username' | 'serverName' | 'root',
  value: string,
): ConnectionSettings {
  const { [name]: _, ...others } = settings;
  return value.trim() ? { ...others, [name]: value.trim() } : others;
}

async function openSettingsFile({ source }: ConnectionProfile): Promise<void> {
  const command =
    source === 'user' ? 'workbench.action.openSettingsJson' : 'workbench.action.openWorkspaceSettingsFile';
  await commands.executeCommand(command, { revealSetting: { key: 'etcd.connections' } });
}

function otherNames({ connections }: CommandContext, self: Connection): string[] {
  return connections.live.filter((connection) => connection !== self).map(({ name }) => name);
}
