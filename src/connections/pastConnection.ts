import { l10n } from 'vscode';
import type { Capabilities, KeyStore } from '../etcd/keyStore.ts';
import { pinnedStore } from '../etcd/pinnedStore.ts';
import type { EtcdError } from '../etcd/errors.ts';
import { Connection, type ConnectionState } from './connection.ts';
import type { OpenMode } from './consentQuestions.ts';

/**
 * A connection as it was at a revision: for whoever has it, its store cannot be written to and reads nothing newer. It speaks over
 * the live connection, which goes on when this one ends.
 */
export class PastConnection extends Connection {
  readonly live: Connection;
  readonly #id: string;
  #revision: bigint;

  /** @param id the same for every revision of a view, so that the tree stays as it is expanded when the revision changes */
  constructor(live: Connection, revision: bigint, id = `${live.id}.at.${revision}`) {
    super(live.profile, live.services);
    this.live = live;
    this.#id = id;
    this.#revision = revision;
  }

  override get id(): string {
    return this.#id;
  }

  override get name(): string {
    return l10n.t('{0} @ {1}', this.live.name, String(this.#revision));
  }

  override get revision(): bigint {
    return this.#revision;
  }

  /** Lets everything that is read from now on be read at another revision. */
  moveTo(revision: bigint): void {
    this.#revision = revision;
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

  override get failure(): EtcdError | undefined {
    return this.live.failure;
  }

  override async store(mode: OpenMode): Promise<KeyStore> {
    return pinnedStore(await this.live.store(mode), this.#revision);
  }

  override disconnect(reason?: EtcdError): void {
    this.live.disconnect(reason);
  }

  override noteOutcome(error?: EtcdError): void {
    this.live.noteOutcome(error);
  }

  override dispose(): void {
    // It has nothing of its own, and the live connection stays open.
  }
}

/** The connection itself, where this is a view of its past. */
export function liveOf(connection: Connection): Connection {
  return connection instanceof PastConnection ? connection.live : connection;
}
