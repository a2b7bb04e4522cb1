import { isAbsolute, relative, sep } from 'node:path';
import { workspace } from 'vscode';
import type { SettingsPlace } from './connectionProfile.ts';

/**
 * Returns the base of relative paths in settings: their own folder, or else the workspace's first folder on this
 * machine.
 */
export function workspaceFolder({ folder }: Pick<SettingsPlace, 'folder'> = {}): string | undefined {
  if (folder) return folder.path;
  return workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
}

/**
 * Returns a path for settings: in those of a workspace, relative to its folder, so that it is valid on every machine.
 */
export function portablePath(path: string, place: SettingsPlace): string {
  const folder = place.source === 'user' ? undefined : workspaceFolder(place);
  const inside = folder === undefined ? path : relative(folder, path);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside.split(sep).join('/');
}
