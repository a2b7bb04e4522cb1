import { FileType, type FileStat, type Uri } from 'vscode';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';
import { isTop, keyAddress, type KeyAddress } from '../addresses/keyUri.ts';

/** Returns the key that an address names. @throws FileSystemError if it names none */
export function addressOf(uri: Uri): KeyAddress {
  const address = keyAddress(uri);
  if (!address) throw FileSystemError.FileNotFound(uri);
  return address;
}

/** Whether an address is the folder of all keys, or the folder of keys that do not begin with a slash. */
export function isRoot({ path }: Uri): boolean {
  return path === '' || isTop(path);
}

export function fileStat(mtime: number, size: number): FileStat {
  return { type: FileType.File, ctime: 0, mtime, size };
}
