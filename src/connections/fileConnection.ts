import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { EventEmitter, l10n } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import type { Capabilities, KeyStore } from '../etcd/keyStore.ts';
import type { FileSummary } from '../etcd/snapshotFile/snapshotReader.ts';
import type { OpenSnapshotFile } from '../etcd/snapshotFile/snapshotWorker.ts';
import { Connection, type ConnectionServices } from './connection.ts';
import type { ConnectionState } from './connectionState.ts';
import { FILE_ID } from './connections.ts';
import { connectionId } from './settings/connectionProfile.ts';

/** An open snapshot or `db` file: a read-only connection that is not in the settings and never reconnects. */
export class FileConnection extends Connection {
  readonly #summary: FileSummary;
  readonly #opened: OpenSnapshotFile;
  readonly #fileChanged = this.own(new EventEmitter<void>());
  override readonly onDidChangeState = this.#fileChanged.event;
  readonly #open: ConnectionState;
  #fileState: ConnectionState;

  constructor(path: string, file: OpenSnapshotFile, services: ConnectionServices) {
    const name = basename(path);
    // Two files may have the same name.
    const digest = createHash('sha256').update(path).digest('hex').slice(0, 8);
    const id = `${connectionId(name, 'user')}.${digest}${FILE_ID}`;
    super({ id, source: 'user', settings: { name, endpoints: [path], readOnly: true } }, services);
    this.#summary = { ...file.summary, path };
    this.#opened = file;
    this.#open = {
      kind: 'connected',
      api: 'v3',
      alsoV2: false,
      transport: undefined,
      proxied: undefined,
      serverVersion: file.summary.facts.version,
      username: undefined,
      identity: {},
    };
    this.#fileState = this.#open;
  }

  override get file(): FileSummary {
    return this.#summary;
  }

  override get state(): ConnectionState {
    return this.#fileState;
  }

  override get endpoint(): string {
    return this.#summary.path;
  }

  override get endpoints(): readonly string[] {
    return [this.#summary.path];
  }

  override get capabilities(): Capabilities {
    return this.#opened.store.capabilities;
  }

  override get failure(): EtcdError | undefined {
    return this.#fileState.kind === 'failed' ? this.#fileState.error : undefined;
  }

  override store(): Promise<KeyStore> {
    if (this.isDisposed) return Promise.reject(new EtcdError('cancelled', l10n.t('{0} was closed.', this.name)));
    return this.failure ? Promise.reject(this.failure) : Promise.resolve(this.#opened.store);
  }

  override hasOpen(store: KeyStore): boolean {
    return !this.isDisposed && store === this.#opened.store;
  }

  /** Only forgets a failure, so that reading is tried again: a file stays open until it is closed. */
  override disconnect(): void {
    this.#setFileState(this.#open);
  }

  override noteOutcome(error?: EtcdError): void {
    if (!EtcdError.is(error, 'unreadableFile')) return;
    this.#setFileState({ kind: 'failed', error });
  }

  override dispose(): void {
    super.dispose();
    void this.#opened.close();
  }

  #setFileState(state: ConnectionState): void {
    this.#fileState = state;
    this.#fileChanged.fire();
  }
}
