import { Uri, workspace } from 'vscode';
import type { CommandContext } from './commandContext.ts';
import { isFileNotFound } from '../../ui/text/fileSystemError.ts';

/** Removes everything remembered about work that is done or given up. */
export async function forgetWork({ interrupted, storage }: CommandContext, id: string): Promise<void> {
  await interrupted.forget(id);
  try {
    await workspace.fs.delete(seenFile(storage, id));
  } catch (error) {
    // Only imports have such a file.
    if (!isFileNotFound(error)) throw error;
  }
}

/** Returns the file with the states of an import's keys. */
export function seenFile(storage: Uri, id: string): Uri {
  return Uri.joinPath(storage, 'imports', id);
}
