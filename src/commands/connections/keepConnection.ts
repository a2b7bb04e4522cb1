import { commands } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { connectionId } from '../../connections/settings/connectionProfile.ts';
import { endpointOrigin } from '../../connections/settings/origins.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { afterwards, revealRow } from '../../ui/showing.ts';
import type { NewConnection } from './connectionForm.ts';
import { editProperties } from './editProperties.ts';
import { settled } from './presentConnections.ts';

/** Saves a connection in the settings and its password in the secret storage, and opens it. */
export async function keepConnection(context: CommandContext, added: NewConnection): Promise<void> {
  const { source, password, wantsMore = false } = added;
  await context.entries.add(added.settings, source);
  const saved = await settled(context, connectionId(added.settings.name, source));
  // Nothing is connected yet, so that marks such as `readOnly` hold from the beginning.
  const { connection, isFileShown } = wantsMore
    ? await editProperties(context, saved)
    : { connection: saved, isFileShown: false };
  const { settings, problem } = connection.profile;
  if (problem === undefined) {
    // The user has just entered the addresses. That is the consent that a workspace's connection would need.
    await context.consents.allowFiles(connection.profile, settings.endpoints.map(endpointOrigin));
    const scope = await connection.credentialScope();
    await context.consents.allowContact(connection.profile, scope.origins, scope.identity);
    const { username } = settings;
    // A password is only right for the user it was entered for.
    if (username !== undefined && username === added.settings.username && password)
      await context.credentials.set(scope, { username, password });
  }
  if (!isFileShown) await showInTree(context, connection);
}

/** Shows a connection's row after what was done with it. */
export async function showInTree({ log, treeView, tree }: CommandContext, connection: Connection): Promise<void> {
  const find = async () =>
    (await tree.getChildren()).find((node) => node.kind === 'connection' && node.connection === connection);
  await afterwards(log, async () => {
    await commands.executeCommand('etcd.keys.focus');
    await revealRow(treeView, find, { select: true, focus: true, expand: true });
  });
}
