import { isDeepStrictEqual } from 'node:util';
import { EventEmitter, l10n, workspace } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { Connection, v2Id, type ConnectionServices } from './connection.ts';
import { liveOf, PastConnection } from './pastConnection.ts';
import { CONNECTIONS_SETTING, readAllProfiles } from './connectionSettings.ts';

/** The connections of the settings, kept up to date; one whose settings changed is a new one. */
export class Connections extends DisposableOwner {
  readonly #services: ConnectionServices;
  readonly #changed = this.own(new EventEmitter<Connection | undefined>());
  /** A connection's state changed; `undefined`: the list did. */
  readonly onDidChange = this.#changed.event;
  #byId = new Map<string, Connection>();
  /** The views of the past, one a connection, by its id. */
  readonly #pasts = new Map<string, PastConnection>();

  constructor(services: ConnectionServices) {
    super();
    this.#services = services;
    this.own(
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(CONNECTIONS_SETTING)) this.#read();
      }),
    );
    this.own(workspace.onDidGrantWorkspaceTrust(() => this.#read()));
    this.own(
      // Set here or in another window.
      services.credentials.onDidChange(() => {
        for (const connection of this.live) void this.#retrySignIn(connection);
      }),
    );
    this.#read();
  }

  /** Each connection, followed by the view of its past where there is one. */
  get all(): readonly Connection[] {
    return [...this.#byId].flatMap(([id, connection]) => {
      const past = this.#pasts.get(id);
      return past ? [connection, past] : [connection];
    });
  }

  /** Without the views of the past. */
  get live(): readonly Connection[] {
    return [...this.#byId.values()];
  }

  get pasts(): readonly PastConnection[] {
    return [...this.#pasts.values()];
  }

  /** The view of a connection's past, where it is shown. */
  pastOf({ id }: Connection): PastConnection | undefined {
    return this.#pasts.get(id);
  }

  get(id: string): Connection | undefined {
    return this.#byId.get(id) ?? this.pasts.find((past) => past.id === id);
  }

  /**
   * Shows a connection as of a revision beside it; the view of its past that is there already moves to that revision, and what
   * is shown of it has to be listed anew.
   */
  browsePast(connection: Connection, revision: bigint): PastConnection {
    const live = liveOf(connection);
    const shown = this.#pasts.get(live.id);
    if (shown?.live === live) {
      shown.moveTo(revision);
      this.#changed.fire(shown);
      return shown;
    }
    const past = new PastConnection(live, revision, `${live.id}.past`);
    this.#pasts.set(live.id, past);
    this.#changed.fire(undefined);
    return past;
  }

  /** The connection that the tree shows: a view of the past that it does not show is its live connection's. */
  shown(connection: Connection): Connection {
    const isShown = !(connection instanceof PastConnection) || this.#pasts.get(connection.live.id) === connection;
    return isShown ? connection : connection.live;
  }

  /** Takes a view of the past away. */
  leavePast({ live }: PastConnection): void {
    if (this.#pasts.delete(live.id)) this.#changed.fire(undefined);
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
    for (const connection of this.live) connection.dispose();
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
    for (const [id, { live }] of this.#pasts) if (this.#byId.get(id) !== live) this.#pasts.delete(id);
    this.#changed.fire(undefined);
  }

  /** A restored document may be of v2 keys before the server was asked whether it has any. */
  #v2Of(id: string): Connection | undefined {
    const beside = this.live.find(({ profile }) => v2Id(profile) === id);
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
      const past = this.#pasts.get(connection.id);
      if (past) this.#changed.fire(past);
    });
    return connection;
  }

  /**
   * Lets a sign-in that failed be tried again where by now other credentials are stored than it was tried with. VS Code tells of
   * a change late: what is stored may be what has failed just now, or nothing.
   */
  async #retrySignIn(connection: Connection): Promise<void> {
    const { state } = connection;
    if (state.kind !== 'failed' || !EtcdError.is(state.error, 'signInNeeded', 'wrongPassword')) return;
    try {
      const stored = await this.#services.credentials.get(await connection.credentialScope('background'));
      if (stored && !isDeepStrictEqual(stored, connection.tried) && connection.state === state) connection.disconnect();
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
    }
  }
}
