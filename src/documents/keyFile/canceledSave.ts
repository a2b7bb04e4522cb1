import { setTimeout as delay } from 'node:timers/promises';
import { commands, type FileSystemError as Raw } from 'vscode';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';
import { window } from '../../ui/text/window.ts';

/** Milliseconds that the sentence stays. */
const SHOWN = 10_000;
/** VS Code shows the toast soon after it gets the error, and does not say when. */
const ATTEMPTS = 20;
/** Milliseconds. */
const PAUSE = 100;

/**
 * Ends a save that the user has canceled. The editor keeps its text only if the save fails, of which VS Code makes an
 * error; its toast is put away, and the status bar says the sentence.
 * @returns the error to throw
 */
export function canceledSave(sentence: string): Raw {
  window.setStatusBarMessage(sentence, SHOWN);
  void hideToast();
  return FileSystemError.NoPermissions(sentence);
}

async function hideToast(): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await delay(PAUSE);
    await commands.executeCommand('notifications.hideToasts');
  }
}
