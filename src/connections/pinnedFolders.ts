import type { ConfigurationChangeEvent } from 'vscode';
import { toBinaryKey } from '../etcd/keyspace/binaryKey.ts';
import { keyText, KeyTextError, parseKeyText } from '../etcd/keyspace/keyText.ts';
import type { Connection } from './connection.ts';
import { ConnectionLists } from './connectionLists.ts';

const lists = new ConnectionLists('pinnedFolders');

export function affectsPinnedFolders(event: ConfigurationChangeEvent): boolean {
  return lists.isAffectedBy(event);
}

/** The prefixes that are pinned of a connection, each once, in the order of the settings; what is no key text is left out. */
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
  try {
    const path = typeof entry === 'string' ? hierarchy.asFolder(parseKeyText(entry)) : undefined;
    return path && path.length > 0 ? path : undefined;
  } catch (error) {
    if (error instanceof KeyTextError) return undefined;
    throw error;
  }
}
