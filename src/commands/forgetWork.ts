import { FileSystemError, Uri, workspace } from 'vscode';
import type { CommandContext } from './commandContext.ts';

/** Work is done or given up: what was remembered of it goes. */
export async function forgetWork({ interrupted, storage }: CommandContext, id: string): Promise<void> {
  await interrupted.forget(id);
  try {
    await workspace.fs.delete(seenFile(storage, id));
  } catch (error) {
    // Only imports have one.
    if (!(error instanceof FileSystemError && error.code === 'FileNotFound')) throw error;
  }
}

/** Where it is kept what an import saw of its keys. */
export function seenFile(storage: Uri, id: string): Uri {
  return Uri.joinPath(storage, 'imports', id);
}
