import { isDeepStrictEqual } from 'node:util';
import { EventEmitter, l10n, workspace } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { DisposableOwner } from '../ui/disposableOwner.ts';
import { Connection, type ConnectionServices } from './connection.ts';
import { v2Id } from './settings/connectionProfile.ts';
import { liveOf, PastConnection, type Viewer } from './pastConnection.ts';
import { CONNECTIONS_SETTING, readAllProfiles } from './settings/connectionSettings.ts';
import { obstacleOf } from './trust/declined.ts';

/** Suffix of the id of a file's connection. No id from the settings ends like this. */
export const FILE_ID = '.file';

/** The connections of the settings, kept up to date; one whose settings change is replaced by a new one. */
export class Connections extends DisposableOwner {
  readonly #services: ConnectionServices;
  readonly #changed = this.own(new EventEmitter<Connection | undefined>());
  /** Fires when a connection's state changed; with `undefined`, when the list changed. */
  readonly onDidChange = this.#changed.event;
  #byId = new Map<string, Connection>();
  /** The snapshots and `db` files that are open, by the ids of their connections. */
  readonly #files = new Map<string, Connection>();
  /** The past views, at most one for each connection, by the connection's id. */
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
    this.own(workspace.onDidChangeWorkspaceFolders(() => this.#read()));
    this.own(
      // Fires for changes in this window and in others.
      services.credentials.onDidChange(() => {
        for (const connection of this.configured) void this.#retrySignIn(connection);
      }),
    );
    this.#read();
  }

  /** All connections, each followed by its past view if there is one. */
  get all(): readonly Connection[] {
    return this.live.flatMap((connection) => {
      const past = this.#pasts.get(connection.id);
      return past ? [connection, past] : [connection];
    });
  }

  /** All connections without the past views. */
  get live(): readonly Connection[] {
    return [...this.#byId.values(), ...this.#files.values()];
  }

  /** The connections of the settings, without files. */
  get configured(): readonly Connection[] {
    return [...this.#byId.values()];
  }

  get pasts(): readonly PastConnection[] {
    return [...this.#pasts.values()];
  }

  /** Returns the past view of a connection, if it is shown. */
  pastOf({ id }: Connection): PastConnection | undefined {
    return this.#pasts.get(id);
  }

  get(id: string): Connection | undefined {
    return this.#byId.get(id) ?? this.#files.get(id) ?? this.pasts.find((past) => past.id === id);
  }

  /**
   * Shows a connection at a revision beside it. An existing past view moves to that revision, and its content must be
   * listed again.
   * @param viewer the user whose permissions apply; by default this connection's own user
   */
  browsePast(connection: Connection, revision: bigint, viewer?: Viewer): PastConnection {
    const live = liveOf(connection);
    const shown = this.#pasts.get(live.id);
    if (shown?.live === live) {
      shown.moveTo(revision, viewer);
      this.#changed.fire(shown);
      return shown;
    }
    const past = new PastConnection(live, revision, `${live.id}.past`, viewer);
    this.#pasts.set(live.id, past);
    this.#changed.fire(undefined);
    return past;
  }

  /** Returns the connection that the tree shows: for a past view that it does not show, the live one. */
  shown(connection: Connection): Connection {
    const isShown = !(connection instanceof PastConnection) || this.#pasts.get(connection.live.id) === connection;
    return isShown ? connection : connection.live;
  }

  /** Closes a past view. */
  leavePast({ live }: PastConnection): void {
    if (this.#pasts.delete(live.id)) this.#changed.fire(undefined);
  }

  /** Shows an opened file. It replaces the same file if that is open already. */
  showFile(make: (services: ConnectionServices) => Connection): Connection {
    const connection = make(this.#services);
    const before = this.#files.get(connection.id);
    if (before) this.closeFile(before);
    this.#files.set(connection.id, connection);
    this.#follow(connection);
    this.#changed.fire(undefined);
    return connection;
  }

  /** Closes a file and its past view. */
  closeFile(connection: Connection): void {
    this.#files.delete(connection.id);
    this.#pasts.delete(connection.id);
    connection.dispose();
    this.#changed.fire(undefined);
  }

  /**
   * Returns the connection of a document's URI. @throws EtcdError if no setting defines it any more, or its file was
   * closed
   */
  require(id: string): Connection {
    const connection = this.#byId.get(id) ?? this.#files.get(id) ?? this.#v2Of(id);
    if (connection) return connection;
    if (id.endsWith(FILE_ID))
      throw new EtcdError('notFound', l10n.t('The snapshot file of this document is not open. Open it again.'));
    throw new EtcdError(
      'configuration',
      l10n.t(
        'The settings have no connection "{0}": it was removed or renamed. Add it again to use its documents.',
        id,
      ),
    );
  }

  /**
   * Returns the present connection, with its present rules, for one that was kept for a while.
   * @throws EtcdError if it was removed or has other endpoints now, so that what was kept with it means nothing there
   */
  current(kept: Connection): Connection {
    if (kept instanceof PastConnection) {
      const live = this.current(kept.live);
      return live === kept.live ? kept : new PastConnection(live, kept.revision);
    }
    const now = this.require(kept.id);
    const { endpoints } = now.profile.settings;
    if (now === kept || kept.profile.settings.endpoints.some((each) => endpoints.includes(each))) return now;
    throw new EtcdError(
      'configuration',
      l10n.t('{0} has different endpoints than when this started. Nothing was changed: start again.', now.name),
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
    for (const [id, { live }] of this.#pasts)
      if ((this.#byId.get(id) ?? this.#files.get(id)) !== live) this.#pasts.delete(id);
    this.#changed.fire(undefined);
  }

  /** Returns the v2 connection of a restored document, even before the server was asked whether it has v2 keys. */
  #v2Of(id: string): Connection | undefined {
    const beside = this.configured.find(({ profile }) => v2Id(profile) === id);
    if (beside) this.#showV2(beside.profile);
    return beside && this.#byId.get(id);
  }

  /** Shows the v2 keys of a server beside its v3 keys, as another store with documents of its own. */
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
    this.#follow(connection);
    return connection;
  }

  #follow(connection: Connection): void {
    connection.onDidChangeState(() => {
      if (connection.state.kind === 'connected' && connection.state.alsoV2) this.#showV2(connection.profile);
      this.#changed.fire(connection);
      const past = this.#pasts.get(connection.id);
      if (past) this.#changed.fire(past);
    });
  }

  /**
   * Makes a failed sign-in possible again if the stored credentials differ from those of the latest attempt. VS Code
   * reports changes late: the stored ones may be those that have just failed, or may be missing.
   */
  async #retrySignIn(connection: Connection): Promise<void> {
    const { state } = connection;
    if (state.kind !== 'failed' || !EtcdError.is(obstacleOf(state.error), 'signInNeeded', 'wrongPassword')) return;
    try {
      const stored = await this.#services.credentials.get(await connection.credentialScope('background'));
      if (stored && !isDeepStrictEqual(stored, connection.tried) && connection.state === state) connection.disconnect();
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
    }
  }
}
