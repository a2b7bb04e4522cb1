import { l10n } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { askCredentials } from '../../ui/credentialPrompt.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { showInTree } from './keepConnection.ts';
import { connectionTarget } from '../context/targets.ts';

/** Asks for a user and password, stores them, and connects again with them. */
export async function setCredentials(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const scope = await connection.credentialScope();
  const credentials = await askCredentials(connection.name, connection.username, undefined);
  if (!credentials) return;
  await context.credentials.set(scope, credentials);
  connection.disconnect();
  await showInTree(context, connection);
}

/** Deletes everything stored for a connection and closes the connection. */
export async function forgetCredentials(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  await context.credentials.forget(connection.profile);
  connection.disconnect(
    new EtcdError(
      'signInNeeded',
      l10n.t('The credentials of {0} were forgotten. Set them to connect again.', connection.name),
    ),
  );
}
