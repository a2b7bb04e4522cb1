import { ConfigurationTarget, workspace } from 'vscode';
import type { ConnectionSettings } from '../../src/connections/connectionProfile.ts';

/** Replaces the user's list of connections. */
export async function setConnections(...connections: readonly ConnectionSettings[]): Promise<void> {
  const list = connections.length > 0 ? connections : undefined;
  await workspace.getConfiguration('etcd').update('connections', list, ConfigurationTarget.Global);
}
