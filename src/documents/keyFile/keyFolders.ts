import { FileType, type FileStat, type Uri } from 'vscode';
import { isFileNotFound } from '../../ui/text/fileSystemError.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { fileError } from '../addresses/fileErrors.ts';
import type { KeyAddress } from '../addresses/keyUri.ts';
import { openDocument } from '../addresses/openDocuments.ts';
import { addressOf } from './fileAddress.ts';
import type { KeyFileSystemServices } from './keyFileServices.ts';
import { KeyFileSystem } from './keyFileSystem.ts';

const FOLDER: FileStat = { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 };

/** Moves a key with the usual questions and with undo. @throws EtcdError if some of its keys were not moved */
export type Mover = (from: KeyAddress, to: KeyAddress) => Promise<void>;

/** Keys as files in folders, which can be renamed. A path is a folder if keys are below it and none is at it. */
export class KeyFolders extends KeyFileSystem {
  readonly #storeFor: KeyFileSystemServices['storeFor'];
  #mover: Mover | undefined;

  constructor(services: KeyFileSystemServices) {
    super(services);
    this.#storeFor = services.storeFor;
  }

  renameBy(mover: Mover): void {
    this.#mover = mover;
  }

  /** Reports folders, because VS Code offers to create the folder of a new file if it finds none. */
  override async stat(uri: Uri): Promise<FileStat> {
    try {
      return await super.stat(uri);
    } catch (error) {
      const isNothing = isFileNotFound(error) && !openDocument(uri);
      if (isNothing && (await this.#hasKeysBelow(addressOf(uri)))) return FOLDER;
      throw error;
    }
  }

  /** Moves a key or, if there is none, all keys below its path, as the command Rename does. */
  override async rename(from: Uri, to: Uri): Promise<void> {
    if (!this.#mover) return await super.rename(from, to);
    try {
      await this.#mover(addressOf(from), addressOf(to));
    } catch (error) {
      throw fileError(error);
    }
  }

  async #hasKeysBelow({ connectionId, key }: KeyAddress): Promise<boolean> {
    try {
      const store = await this.#storeFor(connectionId);
      return (await store.listChildren(prefixBelow(key)).next(1)).children.length > 0;
    } catch (error) {
      // The caller learns only that there is no such key, which is already known.
      if (EtcdError.is(error)) return false;
      throw error;
    }
  }
}

/**
 * Returns the prefix of all keys below a path. Addresses of keys have slashes, whatever separators a connection has.
 */
export function prefixBelow(key: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([key, Buffer.from('/')]));
}
