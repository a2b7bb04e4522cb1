import { setTimeout as delay } from 'node:timers/promises';
import { commands, type FileSystemError as Raw } from 'vscode';
import { FileSystemError } from './text/fileSystemError.ts';
import { window } from './text/window.ts';

/** Milliseconds for which the status bar shows the sentence. */
const SHOWN = 10_000;
/** Answers of the window after which the toast has come: it may handle the first request together with the error. */
const ANSWERS = 3;

/**
 * Ends a save that the user has canceled. The editor keeps its text only if the save fails, and VS Code then reports an
 * error. So its toast is closed, and the status bar shows the sentence.
 * @returns the error to throw
 */
export function canceledSave(sentence: string): Raw {
  window.setStatusBarMessage(sentence, SHOWN);
  void hideToast();
  return FileSystemError.NoPermissions(sentence);
}

async function hideToast(): Promise<void> {
  // The error is on its way to the window once this turn has ended.
  await delay(0);
  // VS Code does not say when the toast comes: while the window answers, it also handles the error. A toast that comes
  // later is of something else, and stays.
  for (let answers = 0; answers < ANSWERS; answers++) await commands.executeCommand('notifications.hideToasts');
}
