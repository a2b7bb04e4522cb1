import {
  EventEmitter,
  FileSystemError,
  FileType,
  l10n,
  type FileStat,
  type FileSystemProvider,
  type Uri,
} from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import type { KeyStore, KeyValue } from '../etcd/keyStore.ts';
import { fileError } from './fileErrors.ts';
import { hexDump } from './hexDump.ts';
import { ReadOnlyFileSystem } from './readOnlyFileSystem.ts';
import { REVISION_HEX_SCHEME, revisionAddress, revisionUriParts, type RevisionAddress } from './revisionUri.ts';

/** So many values stay at hand; what a key was at a revision never changes. */
const KEPT = 20;
const MOST_TOLD = 500;
const ABSENT = { modRevision: 0n, value: new Uint8Array() };

type Version = Pick<KeyValue, 'modRevision' | 'value'>;

/** Keys as they were at the revision that their address names. */
export class RevisionFileSystem extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #storeFor: (connectionId: string) => Promise<KeyStore>;
  readonly #kept = new Map<string, Promise<Version | undefined>>();
  readonly #told = new Map<string, Version>();
  readonly onDidChangeFile = this.own(new EventEmitter<never>()).event;

  constructor(storeFor: (connectionId: string) => Promise<KeyStore>) {
    super();
    this.#storeFor = storeFor;
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { modRevision, bytes } = await this.#content(uri);
    return { type: FileType.File, ctime: 0, mtime: Number(modRevision), size: bytes.length };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return (await this.#content(uri)).bytes;
  }

  /** Takes a version that etcd has told, and cannot be asked for: v2 reads nothing as it was. */
  keep(address: RevisionAddress, version: Version): void {
    this.#told.delete(nameOf(address));
    this.#told.set(nameOf(address), version);
    for (const oldest of this.#told.keys()) if (this.#told.size > MOST_TOLD) this.#told.delete(oldest);
  }

  /** The key as it was; nothing where it did not exist. @throws EtcdError */
  read(address: RevisionAddress): Promise<Version | undefined> {
    const name = nameOf(address);
    const told = this.#told.get(name);
    if (told) return Promise.resolve(told);
    const kept = this.#kept.get(name) ?? this.#fetch(address);
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    kept.catch(() => this.#kept.delete(name));
    for (const oldest of this.#kept.keys()) if (this.#kept.size > KEPT) this.#kept.delete(oldest);
    return kept;
  }

  async #content(uri: Uri): Promise<{ readonly modRevision: bigint; readonly bytes: Uint8Array }> {
    const address = revisionAddress(uri);
    if (!address) throw FileSystemError.FileNotFound(uri);
    let version: Version | undefined;
    try {
      version = address.orEmpty ? ABSENT : await this.read(address);
    } catch (error) {
      throw fileError(error);
    }
    if (!version) throw FileSystemError.FileNotFound(uri);
    const { modRevision, value } = version;
    return { modRevision, bytes: uri.scheme === REVISION_HEX_SCHEME ? hexDump(value) : value };
  }

  async #fetch({ connectionId, key, revision, readAt = revision }: RevisionAddress): Promise<Version | undefined> {
    const store = await this.#storeFor(connectionId);
    try {
      return (await store.get(key, { revision: readAt })).kv;
    } catch (error) {
      if (!EtcdError.is(error, 'compacted')) throw error;
      // What was current at the compaction, or is still, can be read at later revisions.
      const { kv } = await store.get(key);
      if (kv && kv.modRevision <= readAt) return kv;
      throw new EtcdError(
        'compacted',
        l10n.t('Revision {0} is compacted: etcd keeps this version of the key no longer.', String(readAt)),
        { cause: error },
      );
    }
  }
}

function nameOf(address: RevisionAddress): string {
  const { path, authority, query } = revisionUriParts({ ...address, orEmpty: false }, 'text');
  return [authority, path, query].join('\0');
}
