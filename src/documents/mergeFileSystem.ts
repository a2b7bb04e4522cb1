import {
  EventEmitter,
  FilePermission,
  FileSystemError,
  FileType,
  Uri,
  l10n,
  type FileStat,
  type FileSystemProvider,
} from 'vscode';
import type { KeyStore } from '../etcd/keyStore.ts';
import { fileError } from './fileErrors.ts';
import type { KeyAddress } from './keyUri.ts';
import { mergeAddress, mergeUriParts, type MergeAddress } from './mergeUri.ts';
import { ReadOnlyFileSystem } from './readOnlyFileSystem.ts';

/** So many values stay at hand, for stores without history and for what is compacted meanwhile. */
const KEPT = 20;
/** A text that begins so is none: the merge editor begins with what touches no conflict only where it finds such a line. */
const UNMERGED = Buffer.from('<<<<<<<\n');

export interface MergeResult extends KeyAddress {
  /** The version that it is to replace. */
  readonly modRevision: bigint;
  readonly content: Uint8Array;
}

/** The versions that a merge shows, and its result: writing that hands it on. */
export class MergeFileSystem extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #storeFor: (connectionId: string) => Promise<KeyStore>;
  readonly #write: (result: MergeResult) => Promise<void>;
  readonly #kept = new Map<string, Uint8Array>();
  readonly onDidChangeFile = this.own(new EventEmitter<never>()).event;

  /** @param write throws a FileSystemError where nothing was written and the result is to stay open */
  constructor(storeFor: (connectionId: string) => Promise<KeyStore>, write: (result: MergeResult) => Promise<void>) {
    super();
    this.#storeFor = storeFor;
    this.#write = write;
  }

  /** Keeps a version at hand. */
  keep(address: KeyAddress, modRevision: bigint, value: Uint8Array): void {
    const name = nameOf({ ...address, modRevision });
    this.#kept.delete(name);
    this.#kept.set(name, value);
    for (const oldest of this.#kept.keys()) if (this.#kept.size > KEPT) this.#kept.delete(oldest);
  }

  async stat(uri: Uri): Promise<FileStat> {
    const address = addressOf(uri);
    const { length: size } = await this.readFile(uri);
    const stat = { type: FileType.File, ctime: 0, mtime: Number(address.modRevision), size };
    return address.part === 'result' ? stat : { ...stat, permissions: FilePermission.Readonly };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const address = addressOf(uri);
    const value = await this.#read(uri, address);
    return address.part === 'result' ? Buffer.concat([UNMERGED, value]) : value;
  }

  /** The value of a key at its change at a revision. @throws FileSystemError */
  async read(address: KeyAddress, modRevision: bigint): Promise<Uint8Array> {
    const merge = { ...address, part: 'version', modRevision } as const;
    return await this.#read(Uri.from(mergeUriParts(merge)), merge);
  }

  override async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
    const { part, connectionId, key, modRevision } = addressOf(uri);
    if (part !== 'result') return super.writeFile(uri, content);
    if (Buffer.compare(content.subarray(0, UNMERGED.length), UNMERGED) === 0)
      throw FileSystemError.NoPermissions(l10n.t('This is not merged yet. Nothing was written.'));
    await this.#write({ connectionId, key, modRevision, content });
  }

  async #read(uri: Uri, address: MergeAddress): Promise<Uint8Array> {
    const kept = this.#kept.get(nameOf(address));
    if (kept) return kept;
    try {
      const store = await this.#storeFor(address.connectionId);
      const { kv } = await store.get(address.key, { revision: address.modRevision });
      if (kv) return kv.value;
    } catch (error) {
      throw fileError(error);
    }
    throw FileSystemError.FileNotFound(uri);
  }
}

function addressOf(uri: Uri): MergeAddress {
  const address = mergeAddress(uri);
  if (!address) throw FileSystemError.FileNotFound(uri);
  return address;
}

function nameOf(address: KeyAddress & { readonly modRevision: bigint }): string {
  const { authority, path, query } = mergeUriParts({ ...address, part: 'version' });
  return [authority, path, query].join('\0');
}
