import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Returns the paths of all files below a folder; none if it does not exist. @param name of the folders that hold them */
export async function filesBelow(folder: string, name?: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((each) => each.isFile() && (name === undefined || basename(each.parentPath) === name));
  return files.map((file) => join(file.parentPath, file.name));
}

/** Returns the contents of all files below a folder, as `filesBelow`. */
export async function contentsBelow(folder: string, name?: string): Promise<string[]> {
  return await Promise.all((await filesBelow(folder, name)).map((path) => readFile(path, 'utf8')));
}
