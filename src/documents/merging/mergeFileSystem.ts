import { EventEmitter, FilePermission, FileType, Uri, l10n, type FileStat, type FileSystemProvider } from 'vscode';
import type { DocumentStore } from '../keyFile/documentStore.ts';
import { fileError } from '../addresses/fileErrors.ts';
import type { EditedForm, EditedKey } from '../addresses/keyUri.ts';
import { mergeAddress, mergeUriParts, type MergeAddress } from '../addresses/mergeUri.ts';
import type { KeptVersions } from './keptVersions.ts';
import { ReadOnlyFileSystem } from '../readOnly/readOnlyFileSystem.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';

/**
 * The beginning of a result that is not merged yet. VS Code's merge editor merges changes without conflicts by itself
 * only if the text contains such a line.
 */
const UNMERGED = Buffer.from('<<<<<<<\n');

/** Returns the store whose values have the form in which they are merged. */
export type StoreFor = (connectionId: string, form?: EditedForm) => Promise<DocumentStore>;

export interface MergeResult extends EditedKey {
  /** The version that the result replaces. */
  readonly modRevision: bigint;
  readonly content: Uint8Array;
}

/** The versions of a merge, and its result, which is passed on when it is written. */
export class MergeFileSystem extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #storeFor: StoreFor;
  readonly #write: (result: MergeResult) => Promise<void>;
  readonly #versions: KeptVersions;
  readonly onDidChangeFile = this.own(new EventEmitter<never>()).event;

  /** @param write throws a FileSystemError if nothing was written and the result must stay open */
  constructor(storeFor: StoreFor, versions: KeptVersions, write: (result: MergeResult) => Promise<void>) {
    super();
    this.#versions = versions;
    this.#storeFor = storeFor;
    this.#write = write;
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

  /** Reads the value of a key at its change at a revision. @throws FileSystemError */
  async read(address: EditedKey, modRevision: bigint): Promise<Uint8Array> {
    const merge = { ...address, part: 'version', modRevision } as const;
    return await this.#read(Uri.from(mergeUriParts(merge)), merge);
  }

  override async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
    const { part, ...target } = addressOf(uri);
    if (part !== 'result') return super.writeFile(uri, content);
    if (Buffer.compare(content.subarray(0, UNMERGED.length), UNMERGED) === 0)
      throw FileSystemError.NoPermissions(l10n.t('The merge is not complete. Nothing was written.'));
    await this.#write({ ...target, content });
  }

  async #read(uri: Uri, address: MergeAddress): Promise<Uint8Array> {
    const kept = this.#versions.get(address);
    if (kept) return kept;
    try {
      const store = await this.#storeFor(address.connectionId, address.form);
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
