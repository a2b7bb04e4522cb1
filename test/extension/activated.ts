import { extensions, workspace } from 'vscode';
import { EXTENSION_ID } from '../../scripts/package/extensionId.ts';

/**
 * Waits until the extension has registered its file systems; a key's document that is opened before would not be the
 * extension's.
 */
export async function mochaGlobalSetup(): Promise<void> {
  const extension = extensions.getExtension(EXTENSION_ID);
  if (!extension) throw new Error('VS Code did not load the extension');
  await extension.activate();
}

/** Fails the run if a test file has not put the user's settings back, which changes what the files after it test. */
export function mochaGlobalTeardown(): void {
  if (workspace.getConfiguration('files').get('autoSave') !== 'off')
    throw new Error('The setting files.autoSave is not off any more: a test has not put the settings back.');
}
