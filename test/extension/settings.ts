import { ConfigurationTarget, workspace } from 'vscode';
import type { ConnectionSettings } from '../../src/connections/connectionProfile.ts';

/** Replaces the user's list of connections. */
export async function setConnections(...connections: readonly ConnectionSettings[]): Promise<void> {
  const list = connections.length > 0 ? connections : undefined;
  await workspace.getConfiguration('etcd').update('connections', list, ConfigurationTarget.Global);
}

/** Lets what is visible follow etcd, or not; as by default with `undefined`. */
export async function setLive(isOn: boolean | undefined): Promise<void> {
  await workspace.getConfiguration('etcd').update('live', isOn, ConfigurationTarget.Global);
}
