import { isDeepStrictEqual } from 'node:util';
import { EventEmitter, l10n, workspace } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { Connection, v2Id, type ConnectionServices } from './connection.ts';
import { CONNECTIONS_SETTING, readAllProfiles } from './connectionSettings.ts';

/** The connections of the settings, kept up to date; one whose settings changed is a new one. */
export class Connections extends DisposableOwner {
  readonly #services: ConnectionServices;
  readonly #changed = this.own(new EventEmitter<Connection | undefined>());
  /** A connection's state changed; `undefined`: the list did. */
  readonly onDidChange = this.#changed.event;
  #byId = new Map<string, Connection>();

  constructor(services: ConnectionServices) {
    super();
    this.#services = services;
    this.own(
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(CONNECTIONS_SETTING)) this.#read();
      }),
    );
    this.own(workspace.onDidGrantWorkspaceTrust(() => this.#read()));
    this.own(services.credentials.onDidChange(() => this.#retrySignIns()));
    this.#read();
  }

  get all(): readonly Connection[] {
    return [...this.#byId.values()];
  }

  get(id: string): Connection | undefined {
    return this.#byId.get(id);
  }

  /** The connection of a document's URI. @throws EtcdError when no setting defines it any more */
  require(id: string): Connection {
    const connection = this.#byId.get(id) ?? this.#v2Of(id);
    if (connection) return connection;
    throw new EtcdError(
      'configuration',
      l10n.t('No connection "{0}" is in the settings. Add it again to use its documents.', id),
    );
  }

  override dispose(): void {
    for (const connection of this.all) connection.dispose();
    super.dispose();
  }

  #read(): void {
    const before = this.#byId;
    this.#byId = new Map();
    for (const profile of readAllProfiles()) {
      const kept = before.get(profile.id);
      const reusable = kept && isDeepStrictEqual(kept.profile, profile);
      this.#byId.set(profile.id, reusable ? kept : this.#make(profile));
      if (!reusable) continue;
      before.delete(profile.id);
      const beside = before.get(v2Id(profile));
      if (!beside) continue;
      this.#byId.set(v2Id(profile), beside);
      before.delete(v2Id(profile));
    }
    for (const gone of before.values()) gone.dispose();
    this.#changed.fire(undefined);
  }

  /** A restored document may be of v2 keys before the server was asked whether it has any. */
  #v2Of(id: string): Connection | undefined {
    const beside = this.all.find(({ profile }) => v2Id(profile) === id);
    if (beside) this.#showV2(beside.profile);
    return beside && this.#byId.get(id);
  }

  /** The v2 keys of a server stand beside its v3 keys: they are another store, with other documents. */
  #showV2(profile: Connection['profile']): void {
    if (this.#byId.has(v2Id(profile))) return;
    const entries = [...this.#byId].flatMap(([id, connection]): [string, Connection][] =>
      id === profile.id
        ? [
            [id, connection],
            [v2Id(profile), this.#make(profile, true)],
          ]
        : [[id, connection]],
    );
    this.#byId = new Map(entries);
    this.#changed.fire(undefined);
  }

  #make(profile: Connection['profile'], onlyV2 = false): Connection {
    const connection = new Connection(profile, this.#services, onlyV2);
    connection.onDidChangeState(() => {
      if (connection.state.kind === 'connected' && connection.state.alsoV2) this.#showV2(connection.profile);
      this.#changed.fire(connection);
    });
    return connection;
  }

  /** Credentials were set or forgotten, here or in another window: what failed for lack of them may be tried again. */
  #retrySignIns(): void {
    for (const connection of this.all) {
      const { state } = connection;
      if (state.kind === 'failed' && EtcdError.is(state.error, 'signInNeeded', 'wrongPassword'))
        connection.disconnect();
    }
  }
}
