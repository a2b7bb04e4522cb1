import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileType, l10n, Uri, workspace } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import type { FolderToRead, FolderToWrite } from '../etcd/keyFiles/keyFolder.ts';
import { MAX_ENTRY_CHARACTERS } from '../etcd/keyFiles/fileEntry.ts';
import { readInChunks, readUpTo, writeRemote, writeWhole } from './localFile.ts';
import { isFileNotFound } from './text/fileSystemError.ts';

/** Beginning of the name of an incomplete folder. */
const TEMPORARY = '.etcd-export-';

/**
 * Accesses a folder of any file system that VS Code supports, for one file per key. On local disks, only the owner may
 * read the folder.
 */
export function folderAccess(root: Uri): FolderToRead & FolderToWrite {
  // The path is joined here, because a name may contain `?`, `#` or `%`.
  const at = (path: readonly string[]) => root.with({ path: [root.path.replace(/\/$/, ''), ...path].join('/') });
  return {
    async exists(path) {
      return await exists(at(path));
    },
    async createFolder(path) {
      await createFolder(at(path));
    },
    async writeFile(path, content) {
      const file = at(path);
      if (file.scheme === 'file') await writeFile(file.fsPath, content, { flag: 'wx', mode: 0o600 });
      else await writeRemote(file, content);
    },
    async writeText(path, pieces) {
      await writeWhole(at(path), pieces);
    },
    async list(path) {
      const children = await workspace.fs.readDirectory(at(path));
      // Symbolic links to folders may form a cycle.
      return children
        .filter(([, type]) => type === FileType.File || type === FileType.Directory)
        .map(([name, type]) => ({ name, isFolder: type === FileType.Directory }));
    },
    async readFile(path) {
      return await readUpTo(at(path), MAX_ENTRY_CHARACTERS);
    },
    readChunks: (path) => readInChunks(at(path)),
  };
}

async function createFolder(folder: Uri): Promise<void> {
  if (folder.scheme === 'file') await mkdir(folder.fsPath, { recursive: true, mode: 0o700 });
  else await workspace.fs.createDirectory(folder);
}

export async function exists(uri: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (isFileNotFound(error)) return false;
    throw error;
  }
}

/**
 * Writes a new folder, which appears once all of it is written; a failure leaves nothing behind. Until then it has a
 * unique name beside its destination, so that no file of others gets into it or is removed with it.
 * @param write receives the folder to write into
 */
export async function writeWholeFolder(target: Uri, write: (folder: FolderToWrite) => Promise<void>): Promise<void> {
  const part = await newFolderBeside(target);
  try {
    await write(folderAccess(part));
    await workspace.fs.rename(part, target, { overwrite: false });
  } catch (error) {
    await remove(part, error);
    throw error;
  }
}

async function newFolderBeside(target: Uri): Promise<Uri> {
  if (target.scheme === 'file') return Uri.file(await mkdtemp(join(dirname(target.fsPath), TEMPORARY)));
  const folder = Uri.joinPath(target, '..', TEMPORARY + randomUUID());
  await workspace.fs.createDirectory(folder);
  return folder;
}

/** Removes a part. @throws EtcdError that names the part if it cannot be removed */
async function remove(part: Uri, reason: unknown): Promise<void> {
  try {
    await workspace.fs.delete(part, { recursive: true, useTrash: false });
  } catch (cause) {
    const why = reason instanceof Error ? reason.message : String(reason);
    const message = l10n.t('The export stopped ({0}). The part that was exported is in {1}.', why, part.fsPath);
    throw new EtcdError('unexpected', message, { cause });
  }
}
