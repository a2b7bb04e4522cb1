import { l10n } from 'vscode';
import { placeText } from '../../connections/settings/connectionSettings.ts';
import { confirm } from '../../ui/confirm.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { askNewConnection } from './connectionForm.ts';
import { offerFound } from './pasteConnection.ts';
import { editProperties } from './editProperties.ts';
import { keepConnection } from './keepConnection.ts';
import { connectionNames } from './presentConnections.ts';
import { connectionTarget } from '../context/targets.ts';

/** Asks for a connection, or uses the one that the user has copied; saves it and opens it. */
export async function addConnection(context: CommandContext): Promise<void> {
  if (await offerFound(context)) return;
  const added = await askNewConnection(connectionNames(context));
  if (!added) return;
  await keepConnection(context, added);
}

/** Changes properties of a connection. */
export async function editConnection(context: CommandContext, argument: unknown): Promise<void> {
  await editProperties(context, await connectionTarget(context, argument));
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
