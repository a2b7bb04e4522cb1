import { EventEmitter, FileType, l10n, type FileStat, type FileSystemProvider, type Uri } from 'vscode';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { KeyStore, KeyValue } from '../../etcd/keyStore.ts';
import { fileError } from '../addresses/fileErrors.ts';
import { contentIn } from '../valueForms.ts';
import { ReadOnlyFileSystem } from './readOnlyFileSystem.ts';
import { revisionAddress, revisionForm, revisionUriParts, type RevisionAddress } from '../addresses/revisionUri.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';

/** Limit of the values that are kept; a key at a revision never changes. */
const MAX_KEPT = 20;
const SHOWN_LIMITS = { entries: 500, bytes: 32 * 1024 * 1024, bytesOf: ({ value }: KeptVersion) => value.length };
const ABSENT = { modRevision: 0n, value: new Uint8Array() };

type KeptVersion = Pick<KeyValue, 'modRevision' | 'value'>;

/** Keys at the revision in their address. */
export class RevisionFileSystem extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #storeFor: (connectionId: string) => Promise<KeyStore>;
  readonly #kept = new BoundedMap<string, Promise<KeptVersion | undefined>>({ entries: MAX_KEPT });
  readonly #shown = new BoundedMap<string, KeptVersion>(SHOWN_LIMITS);
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

  /** Keeps a version that cannot be read again, as in v2. */
  keep(address: RevisionAddress, version: KeptVersion): void {
    this.#shown.set(nameOf(address), version);
  }

  /** Reads the key at the revision; undefined if it did not exist. @throws EtcdError */
  read(address: RevisionAddress): Promise<KeptVersion | undefined> {
    const name = nameOf(address);
    const shown = this.#shown.get(name);
    if (shown) return Promise.resolve(shown);
    const kept = this.#kept.get(name) ?? this.#fetch(address);
    this.#kept.set(name, kept);
    kept.catch(() => this.#kept.delete(name));
    return kept;
  }

  async #content(uri: Uri): Promise<{ readonly modRevision: bigint; readonly bytes: Uint8Array }> {
    const address = revisionAddress(uri);
    if (!address) throw FileSystemError.FileNotFound(uri);
    let version: KeptVersion | undefined;
    try {
      version = address.orEmpty ? ABSENT : await this.read(address);
    } catch (error) {
      throw fileError(error);
    }
    if (!version) throw FileSystemError.FileNotFound(uri);
    const { modRevision, value } = version;
    const form = address.orEmpty ? 'text' : (revisionForm(uri.scheme) ?? 'text');
    return { modRevision, bytes: await contentIn(form, value) };
  }

  async #fetch({ connectionId, key, revision, readAt = revision }: RevisionAddress): Promise<KeptVersion | undefined> {
    const store = await this.#storeFor(connectionId);
    try {
      return (await store.get(key, { revision: readAt })).kv;
    } catch (error) {
      if (!EtcdError.is(error, 'compacted')) throw error;
      // A version that was current at the compaction, or still is, can be read at later revisions.
      const { kv } = await store.get(key);
      if (kv && kv.modRevision <= readAt) return kv;
      throw new EtcdError(
        'compacted',
        l10n.t('Revision {0} is compacted: etcd no longer has this version of the key.', String(readAt)),
        { cause: error },
      );
    }
  }
}

function nameOf(address: RevisionAddress): string {
  const { path, authority, query } = revisionUriParts({ ...address, orEmpty: false }, 'text');
  return [authority, path, query].join('\0');
}
