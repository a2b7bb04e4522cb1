import { EventEmitter, FileSystemError, FileType, type FileStat, type FileSystemProvider, type Uri } from 'vscode';
import type { KeyStore, KeyValue } from '../etcd/keyStore.ts';
import { fileError } from './fileErrors.ts';
import { keyAddress } from './keyUri.ts';
import { ReadOnlyFileSystem } from './readOnlyFileSystem.ts';

/** So many values stay at hand; what a key was at a revision never changes. */
const KEPT = 20;

/** Keys as they were at a revision, which their address names: `?{"rev":"123"}`, as label formatters read it. */
export class RevisionFileSystem extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #storeFor: (connectionId: string) => Promise<KeyStore>;
  readonly #kept = new Map<string, Promise<KeyValue>>();
  readonly onDidChangeFile = this.own(new EventEmitter<never>()).event;

  constructor(storeFor: (connectionId: string) => Promise<KeyStore>) {
    super();
    this.#storeFor = storeFor;
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { modRevision, value } = await this.#read(uri);
    return { type: FileType.File, ctime: 0, mtime: Number(modRevision), size: value.length };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return (await this.#read(uri)).value;
  }

  #read(uri: Uri): Promise<KeyValue> {
    const name = uri.toString();
    const kept = this.#kept.get(name) ?? this.#fetch(uri);
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    kept.catch(() => this.#kept.delete(name));
    for (const oldest of this.#kept.keys()) if (this.#kept.size > KEPT) this.#kept.delete(oldest);
    return kept;
  }

  async #fetch(uri: Uri): Promise<KeyValue> {
    const address = keyAddress(uri);
    const [, revision] = /^\{"rev":"(\d+)"\}$/.exec(uri.query) ?? [];
    if (!address || revision === undefined) throw FileSystemError.FileNotFound(uri);
    try {
      const store = await this.#storeFor(address.connectionId);
      const { kv } = await store.get(address.key, { revision: BigInt(revision) });
      if (kv) return kv;
    } catch (error) {
      throw fileError(error);
    }
    throw FileSystemError.FileNotFound(uri);
  }
}
