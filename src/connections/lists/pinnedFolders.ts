import type { ConfigurationChangeEvent } from 'vscode';
import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import { keyOfText, keyText } from '../../etcd/keys/keyText.ts';
import type { Connection } from '../connection.ts';
import { ConnectionLists } from './connectionLists.ts';

const lists = new ConnectionLists('pinnedFolders');

export function affectsPinnedFolders(event: ConfigurationChangeEvent): boolean {
  return lists.isAffectedBy(event);
}

/**
 * Returns the pinned prefixes of a connection, each once, in the order of the settings; anything that is not key text
 * is left out.
 */
export function pinnedFolders(connection: Connection): Uint8Array[] {
  const paths = lists.entries(connection).flatMap((entry) => pathOf(connection, entry) ?? []);
  return [...new Map(paths.map((path) => [toBinaryKey(path), path])).values()];
}

export async function pinFolder(connection: Connection, path: Uint8Array): Promise<void> {
  await unpinFolder(connection, path);
  await lists.add(connection, keyText(path));
}

export async function unpinFolder(connection: Connection, path: Uint8Array): Promise<void> {
  await lists.remove(connection, (entry) => {
    const pinned = pathOf(connection, entry);
    return pinned !== undefined && toBinaryKey(pinned) === toBinaryKey(path);
  });
}

function pathOf({ hierarchy }: Connection, entry: unknown): Uint8Array | undefined {
  const key = typeof entry === 'string' ? keyOfText(entry) : undefined;
  const path = key && hierarchy.asFolder(key);
  return path && path.length > 0 ? path : undefined;
}
