import assert from 'node:assert/strict';
import { FileSystemError, Uri } from 'vscode';
import { formUriParts, keyUriParts } from '../../src/documents/addresses/keyUri.ts';
import { bytes } from '../etcd/connecting.ts';

/** Name and id of the connection whose keys the tests open. */
export const CONNECTION = 'documents';

export function uriOf(key: string | Uint8Array): Uri {
  return Uri.from(keyUriParts({ connectionId: CONNECTION, key: typeof key === 'string' ? bytes(key) : key }));
}

export function hexUriOf(key: string): Uri {
  return Uri.from(formUriParts({ connectionId: CONNECTION, key: bytes(key) }, 'hex'));
}

/** Returns the error with which a file system refuses an action. */
export async function rejection(action: PromiseLike<unknown>): Promise<FileSystemError> {
  try {
    await action;
  } catch (error) {
    assert.ok(error instanceof FileSystemError, String(error));
    return error;
  }
  assert.fail('nothing was refused');
}
