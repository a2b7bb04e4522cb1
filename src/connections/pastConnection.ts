import { l10n } from 'vscode';
import type { Capabilities, KeyStore } from '../etcd/keyStore.ts';
import { storeAtRevision } from '../etcd/past/storeAtRevision.ts';
import type { EtcdError } from '../etcd/errors.ts';
import { Connection } from './connection.ts';
import type { ConnectionState } from './connectionState.ts';
import type { OpenMode } from './trust/consentQuestions.ts';

// See docs/contributing/decisions/past.md

/** A user whose permissions apply to reads of a store. */
export interface Viewer {
  readonly name: string;
  /** Wraps a store as the user sees it. */
  readonly storeOf: (store: KeyStore) => KeyStore;
}

/**
 * A connection at an earlier revision: its store refuses writes and reads nothing newer. It uses the live connection,
 * which continues when this one ends.
 */
export class PastConnection extends Connection {
  readonly live: Connection;
  readonly #id: string;
  #revision: bigint;
  #viewer: Viewer | undefined;

  /**
   * @param id the same for every revision of a view, so that the tree stays expanded when the revision changes
   * @param viewer the user whose permissions apply; by default this connection's own user
   */
  constructor(live: Connection, revision: bigint, id = `${live.id}.at.${revision}`, viewer?: Viewer) {
    super(live.profile, live.services);
    this.live = live;
    this.#id = id;
    this.#revision = revision;
    this.#viewer = viewer;
  }

  override get id(): string {
    return this.#id;
  }

  override get name(): string {
    return this.#viewer
      ? l10n.t('{0} as {1} @ {2}', this.live.name, this.#viewer.name, String(this.#revision))
      : l10n.t('{0} @ {1}', this.live.name, String(this.#revision));
  }

  override get revision(): bigint {
    return this.#revision;
  }

  /** Makes later reads use another revision and the permissions of a viewer. */
  moveTo(revision: bigint, viewer?: Viewer): void {
    this.#revision = revision;
    this.#viewer = viewer;
  }

  override get file(): Connection['file'] {
    return this.live.file;
  }

  override get isReadOnly(): boolean {
    return true;
  }

  override get state(): ConnectionState {
    return this.live.state;
  }

  override get endpoint(): string {
    return this.live.endpoint;
  }

  override get endpoints(): readonly string[] {
    return this.live.endpoints;
  }

  override get handshake(): Connection['handshake'] {
    return this.live.handshake;
  }

  override get capabilities(): Capabilities | undefined {
    const { capabilities } = this.live;
    return capabilities && { ...capabilities, writable: false, leases: false, following: 'none', tellsEnd: false };
  }

  override get hierarchy(): Connection['hierarchy'] {
    return this.live.hierarchy;
  }

  override get hidden(): Connection['hidden'] {
    return this.live.hidden;
  }

  override get failure(): EtcdError | undefined {
    return this.live.failure;
  }

  override async store(mode: OpenMode): Promise<KeyStore> {
    const store = storeAtRevision(await this.live.store(mode), this.#revision);
    return this.#viewer ? this.#viewer.storeOf(store) : store;
  }

  override hasOpen(): boolean {
    return this.live.state.kind === 'connected';
  }

  override disconnect(reason?: EtcdError): void {
    this.live.disconnect(reason);
  }

  override noteOutcome(error?: EtcdError): void {
    this.live.noteOutcome(error);
  }

  override dispose(): void {
    // Nothing to close: the live connection stays open.
  }
}

/** Returns the connection itself, or the live connection of a past view. */
export function liveOf(connection: Connection): Connection {
  return connection instanceof PastConnection ? connection.live : connection;
}
