import { ConfigurationTarget, workspace } from 'vscode';
import type { ConnectionSettings } from '../../src/connections/settings/connectionProfile.ts';

/** Replaces the user's list of connections. */
export async function setConnections(...connections: readonly ConnectionSettings[]): Promise<void> {
  const list = connections.length > 0 ? connections : undefined;
  await workspace.getConfiguration('etcd').update('connections', list, ConfigurationTarget.Global);
}

/** Switches following on or off; `undefined` restores the default. */
export async function setLive(isOn: boolean | undefined): Promise<void> {
  await workspace.getConfiguration('etcd').update('live', isOn, ConfigurationTarget.Global);
}

/** Settings of the user that a test changes, put back afterwards to what they were, which is not always their default. */
export class ChangedSettings {
  readonly #before = new Map<string, unknown>();

  async set(name: string, value: unknown): Promise<void> {
    const configuration = workspace.getConfiguration();
    if (!this.#before.has(name)) this.#before.set(name, configuration.inspect(name)?.globalValue);
    await configuration.update(name, value, ConfigurationTarget.Global);
  }

  async restore(): Promise<void> {
    for (const [name, value] of this.#before)
      await workspace.getConfiguration().update(name, value, ConfigurationTarget.Global);
    this.#before.clear();
  }
}
