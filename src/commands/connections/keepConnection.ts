import { commands } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { connectionId, endpointOrigin } from '../../connections/settings/connectionProfile.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { afterwards, revealRow } from '../../ui/showing.ts';
import type { NewConnection } from './connectionForm.ts';

/** Saves a connection in the settings and its password in the secret storage, and opens it. */
export async function keepConnection(context: CommandContext, added: NewConnection): Promise<void> {
  const { settings, source, password } = added;
  await context.entries.add(settings, source);
  const connection = await settled(context, connectionId(settings.name, source));
  const { username } = settings;
  const problem = connection.profile.problem;
  if (problem === undefined) {
    // The user has just entered the addresses. That is the consent that a workspace's connection would need.
    await context.consents.allowFiles(connection.profile, settings.endpoints.map(endpointOrigin));
    const scope = await connection.credentialScope();
    await context.consents.allowContact(connection.profile, scope.origins, scope.identity);
    if (username !== undefined && password) await context.credentials.set(scope, { username, password });
  }
  await showInTree(context, connection);
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

/** Resolves to the connection once the changed settings are in effect, which VS Code reports after the write. */
export async function settled({ connections }: CommandContext, id: string, replaced?: Connection): Promise<Connection> {
  const current = () => {
    const connection = connections.get(id);
    return connection === replaced ? undefined : connection;
  };
  const found = current();
  if (found) return found;
  const { promise, resolve } = Promise.withResolvers<Connection>();
  const listener = connections.onDidChange(() => {
    const connection = current();
    if (connection) resolve(connection);
  });
  return await promise.finally(() => listener.dispose());
}

export function connectionNames({ connections }: CommandContext): string[] {
  return connections.configured.map(({ name }) => name);
}
