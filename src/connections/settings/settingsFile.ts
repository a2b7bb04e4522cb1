import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { l10n, Uri, workspace } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import type { SettingsFolder, SettingsPlace } from './connectionProfile.ts';
import type { JsonChange } from './settingsText.ts';
import { isFileSystemError } from '../../ui/text/fileSystemError.ts';

/** Number of checks whether VS Code has saved its own changes, and milliseconds between them. */
const [LOOKS, PAUSE] = [20, 100];

type SettingPath = JsonChange['path'];

interface SettingsFile {
  readonly uri: Uri;
  /** Path of the settings within the file. */
  readonly settings: SettingPath;
}

/**
 * Changes a setting in its file, so that comments and everything else stay as written; VS Code's own configuration API
 * would write the whole list again.
 * @param storage of this extension, which is beside the user's settings if those are on this machine
 * @param key of the setting
 * @param present its value, which identifies the right file
 * @returns false if no such file can be reached: the user's settings of a remote window are on another machine
 * @throws EtcdError `configuration` if the file has unsaved changes
 */
export async function changeSettingsFile(
  place: SettingsPlace,
  storage: Uri,
  key: string,
  present: unknown,
  changes: readonly JsonChange[],
): Promise<boolean> {
  const [{ changedText, valueAt }, { writeFile }] = await Promise.all([
    import('./settingsText.ts'),
    import('../../ui/localFile.ts'),
  ]);
  for (const { uri, settings } of filesOf(place, storage)) {
    const isUnsaved = await staysUnsaved(uri);
    const text = await textOf(uri);
    const path = [...settings, key];
    if (text === undefined || !isDeepStrictEqual(valueAt(text, path), present)) continue;
    if (isUnsaved)
      throw new EtcdError(
        'configuration',
        l10n.t('The settings file {0} has unsaved changes. Save it, then try again.', uri.path),
      );
    const placed = changes.map((change) => ({ ...change, path: [...path, ...change.path] }));
    await writeFile(uri, new TextEncoder().encode(changedText(text, placed)));
    return true;
  }
  return false;
}

/** Whether a file has unsaved changes that are not VS Code's own: it changes and saves settings files too. */
async function staysUnsaved({ path }: Uri): Promise<boolean> {
  const isUnsaved = () => workspace.textDocuments.some(({ isDirty, uri }) => isDirty && uri.path === path);
  for (let look = 0; look < LOOKS && isUnsaved(); look++) await delay(PAUSE);
  return isUnsaved();
}

/** Returns where the user's settings may be: beside this extension's storage, or in a browser's own storage. */
function userFiles(storage: Uri): SettingsFile[] {
  const beside = Uri.joinPath(storage, '..', '..', 'settings.json');
  const inBrowser = Uri.from({ scheme: 'vscode-userdata', path: '/User/settings.json' });
  return [beside, inBrowser].map((uri) => ({ uri, settings: [] }));
}

function filesOf({ source, folder }: SettingsPlace, storage: Uri): SettingsFile[] {
  if (source === 'user') return userFiles(storage);
  return folder ? [{ uri: folderSettings(folder), settings: [] }] : workspaceFiles();
}

/** Returns the settings file of a folder. */
export function folderSettings({ uri }: Pick<SettingsFolder, 'uri'>): Uri {
  return Uri.joinPath(Uri.parse(uri), '.vscode', 'settings.json');
}

/** Returns the settings file of the workspace itself. */
export function workspaceFiles(): SettingsFile[] {
  const { workspaceFile, workspaceFolders = [] } = workspace;
  if (workspaceFile) return [{ uri: workspaceFile, settings: ['settings'] }];
  const [folder] = workspaceFolders;
  return folder ? [{ uri: folderSettings({ uri: folder.uri.toString() }), settings: [] }] : [];
}

/** Reads a file; undefined if it does not exist or cannot be reached. */
export async function textOf(uri: Uri): Promise<string | undefined> {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await workspace.fs.readFile(uri));
  } catch (error) {
    // A file that is not UTF-8 causes a TypeError.
    if (isFileSystemError(error) || error instanceof TypeError) return undefined;
    throw error;
  }
}
