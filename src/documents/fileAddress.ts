import { FileSystemError, type Uri } from 'vscode';
import { keyAddress, type KeyAddress } from './keyUri.ts';

/** The key that an address names. @throws FileSystemError where it names none */
export function addressOf(uri: Uri): KeyAddress {
  const address = keyAddress(uri);
  if (!address) throw FileSystemError.FileNotFound(uri);
  return address;
}

/** True of the folder of all keys. */
export function isRoot({ path }: Uri): boolean {
  return path === '/' || path === '';
}
