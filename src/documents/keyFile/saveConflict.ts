import { type FileSystemError as VsCodeFileSystemError, l10n, workspace, type Uri } from 'vscode';
import type { Expectation } from '../../etcd/keyStore.ts';
import { openDocument } from '../addresses/openDocuments.ts';
import type { Reported } from './reportedState.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';

export interface WriteOptions {
  readonly create: boolean;
  readonly overwrite: boolean;
}

/** The last `stat` of a document, and the revision that callers without a document have read. */
export interface Known {
  readonly reported: Reported | undefined;
  readonly read: bigint | undefined;
}

/**
 * Returns what a write may expect of the key: the state in the last `stat` or, for callers that only read and write,
 * the revision that was read.
 * @throws FileSystemError if nothing may be written
 */
export function expectation(uri: Uri, { reported, read }: Known, { create, overwrite }: WriteOptions): Expectation {
  const isDocument = openDocument(uri) !== undefined;
  if (!reported && create && !overwrite) return 'absent';
  if (!reported && read !== undefined && !isDocument) return { modRevision: read };
  if (!reported)
    throw FileSystemError.Unavailable(
      l10n.t('Nothing was written, because etcd could not be asked whether the key has changed. Save again later.'),
    );
  if (reported.kind === 'absent') {
    if (!create) throw FileSystemError.FileNotFound(uri);
    if (reported.as === 'missing' && isDocument)
      throw FileSystemError.Unknown(
        l10n.t('The key was deleted in etcd. Nothing was written: save again to create it again.'),
      );
    return 'absent';
  }
  if (!overwrite) throw FileSystemError.FileExists(uri);
  if (!reported.text && isDocument)
    throw FileSystemError.NoPermissions(
      l10n.t('The value in etcd is binary. Nothing was written, because saving it as text would change its bytes.'),
    );
  if (!isDocument && read !== undefined && read !== reported.modRevision)
    throw FileSystemError.Unknown(
      l10n.t('The key changed in etcd since it was read. Nothing was written: read it again first.'),
    );
  return { modRevision: reported.modRevision };
}

/** Whether the user has set VS Code to overwrite changed files without a question. */
export function overwritesUnseen(uri: Uri): boolean {
  return workspace.getConfiguration('files', uri).get('saveConflictResolution') === 'overwriteFileOnDisk';
}

/** Error for a key that changed between VS Code's question and its answer, or between its `stat` and its write. */
export function changedAgain(): VsCodeFileSystemError {
  return FileSystemError.Unknown(
    l10n.t('The key changed in etcd again while it was saved. Nothing was written: save again.'),
  );
}
