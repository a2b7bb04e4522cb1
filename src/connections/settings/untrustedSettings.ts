import { workspace } from 'vscode';
import { isFileSystemError } from '../../ui/text/fileSystemError.ts';
import { folderSettings, textOf, workspaceFiles } from './settingsFile.ts';
import { CONNECTIONS_SETTING } from './connectionSettings.ts';

const MAX_BYTES = 1024 * 1024;

/**
 * Whether an untrusted workspace's settings define connections. VS Code hides these settings, so this reads its files.
 */
export async function hasUntrustedConnections(): Promise<boolean> {
  const { valueAt } = await import('./settingsText.ts');
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => ({
    uri: folderSettings({ uri: uri.toString() }),
    settings: [],
  }));
  for (const { uri, settings } of [...workspaceFiles(), ...folders]) {
    try {
      if ((await workspace.fs.stat(uri)).size > MAX_BYTES) continue;
    } catch (error) {
      if (!isFileSystemError(error)) throw error;
      continue;
    }
    const list = valueAt((await textOf(uri)) ?? '', [...settings, CONNECTIONS_SETTING]);
    if (Array.isArray(list) && list.length > 0) return true;
  }
  return false;
}
