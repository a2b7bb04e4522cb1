import { FileSystemError, FileType, workspace, type Uri } from 'vscode';
import type { FolderToRead, FolderToWrite } from '../etcd/keyFiles/keyFolder.ts';
import { readInChunks, writeWhole } from './localFile.ts';

/** A folder of any file system that VS Code reaches, for one file per key. */
export function folderAccess(root: Uri): FolderToRead & FolderToWrite {
  // As a path: a name with `?`, `#` or `%` stays a name.
  const at = (path: readonly string[]) => root.with({ path: [root.path.replace(/\/$/, ''), ...path].join('/') });
  return {
    async exists(path) {
      return await exists(at(path));
    },
    async createFolder(path) {
      await workspace.fs.createDirectory(at(path));
    },
    async writeFile(path, content) {
      await workspace.fs.writeFile(at(path), content);
    },
    async writeText(path, pieces) {
      await writeWhole(at(path), pieces);
    },
    async list(path) {
      const children = await workspace.fs.readDirectory(at(path));
      // Symbolic links to folders may lead round in circles.
      return children
        .filter(([, type]) => type === FileType.File || type === FileType.Directory)
        .map(([name, type]) => ({ name, isFolder: type === FileType.Directory }));
    },
    async readFile(path) {
      return await workspace.fs.readFile(at(path));
    },
    readChunks: (path) => readInChunks(at(path)),
  };
}

export async function exists(uri: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'FileNotFound') return false;
    throw error;
  }
}

/**
 * Writes a new folder, which appears when all of it is written; a failure on the way leaves nothing behind.
 * @param write gets the folder to write into
 */
export async function writeWholeFolder(target: Uri, write: (folder: FolderToWrite) => Promise<void>): Promise<void> {
  const part = target.with({ path: `${target.path}.part` });
  await workspace.fs.createDirectory(part);
  try {
    await write(folderAccess(part));
    await workspace.fs.rename(part, target, { overwrite: false });
  } catch (error) {
    await workspace.fs.delete(part, { recursive: true, useTrash: false });
    throw error;
  }
}
