import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const temporaryMark = '.tmp-';
const abandonedAfterMilliseconds = 86_400_000;

export function cacheRoot() {
  const { XDG_CACHE_HOME: chosen, LOCALAPPDATA: localAppData } = process.env;
  if (chosen) return join(chosen, 'etcd-vscode');
  if (process.platform === 'win32') {
    return join(localAppData ?? join(homedir(), 'AppData', 'Local'), 'etcd-vscode', 'Cache');
  }
  return join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache', 'etcd-vscode');
}

export function cachedFolderIfThere(name) {
  const folder = join(cacheRoot(), name);
  return existsSync(folder) ? folder : undefined;
}

export async function cachedFolder(name, make) {
  const folder = join(cacheRoot(), name);
  if (existsSync(folder)) return folder;
  await mkdir(cacheRoot(), { recursive: true });
  await removeAbandoned();
  const temporary = await mkdtemp(join(cacheRoot(), `${name}${temporaryMark}`));
  try {
    await make(temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another run was faster; its folder is as good as this one.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Removes what interrupted runs left behind at least a day ago, so that no current run loses its folder. */
async function removeAbandoned() {
  for (const name of await readdir(cacheRoot())) {
    if (!name.includes(temporaryMark)) continue;
    const path = join(cacheRoot(), name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > abandonedAfterMilliseconds) await rm(path, { recursive: true, force: true });
  }
}
