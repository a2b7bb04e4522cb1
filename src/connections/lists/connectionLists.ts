import { ConfigurationTarget, workspace, type ConfigurationChangeEvent } from 'vscode';
import { unknownFields } from '../../etcd/unknownFields.ts';
import type { Connection } from '../connection.ts';

const SECTION = 'etcd';

/** A setting with a list for each connection, by the connection's name: the user's and the workspace's together. */
export class ConnectionLists {
  readonly #key: string;

  /** @param key of the setting, without `etcd.` */
  constructor(key: string) {
    this.#key = key;
  }

  isAffectedBy(event: ConfigurationChangeEvent): boolean {
    return event.affectsConfiguration(`${SECTION}.${this.#key}`);
  }

  /** Returns the entries for a connection, of any type; the workspace's only if the workspace is trusted. */
  entries(connection: Connection): readonly unknown[] {
    const targets = workspace.isTrusted
      ? [ConfigurationTarget.Global, ConfigurationTarget.Workspace]
      : [ConfigurationTarget.Global];
    return targets.flatMap((target) => this.#entriesOf(target, connection));
  }

  /** Adds an entry to the user's list. */
  async add(connection: Connection, entry: unknown): Promise<void> {
    const target = ConfigurationTarget.Global;
    await this.#write(target, connection, [...this.#entriesOf(target, connection), entry]);
  }

  /** Removes entries from both lists. */
  async remove(connection: Connection, isIt: (entry: unknown) => boolean): Promise<void> {
    for (const target of [ConfigurationTarget.Global, ConfigurationTarget.Workspace] as const) {
      const entries = this.#entriesOf(target, connection);
      const left = entries.filter((entry) => !isIt(entry));
      if (left.length < entries.length) await this.#write(target, connection, left);
    }
  }

  #entriesOf(target: ConfigurationTarget, { settingsName }: Connection): readonly unknown[] {
    const list = this.#listsOf(target)[settingsName];
    return Array.isArray(list) ? list : [];
  }

  #listsOf(target: ConfigurationTarget): Record<string, unknown> {
    const lists = workspace.getConfiguration(SECTION).inspect<unknown>(this.#key);
    return { ...unknownFields(target === ConfigurationTarget.Global ? lists?.globalValue : lists?.workspaceValue) };
  }

  async #write(target: ConfigurationTarget, { settingsName }: Connection, entries: readonly unknown[]): Promise<void> {
    const others = Object.entries(this.#listsOf(target)).filter(([name]) => name !== settingsName);
    const lists = [...others, ...(entries.length > 0 ? [[settingsName, entries] as const] : [])];
    const value = lists.length > 0 ? Object.fromEntries(lists) : undefined;
    await workspace.getConfiguration(SECTION).update(this.#key, value, target);
  }
}
