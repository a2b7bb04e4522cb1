import { keyOfText, keyText } from '../../etcd/keys/keyText.ts';
import { PATTERN_KINDS, type KeyQuery } from '../../etcd/search/keyQuery.ts';
import { unknownFields } from '../../etcd/unknownFields.ts';
import type { Connection } from '../connection.ts';
import { ConnectionLists } from './connectionLists.ts';

const lists = new ConnectionLists('savedSearches');

/** A search that is saved under a name. */
export interface SavedSearch {
  readonly name: string;
  /** Prefix of the keys to search. */
  readonly folder: Uint8Array;
  readonly query: KeyQuery;
}

/** Returns the saved searches of a connection; invalid entries are left out. */
export function savedSearches(connection: Connection): SavedSearch[] {
  return lists.entries(connection).flatMap((entry) => searchOf(entry) ?? []);
}

/** Saves a search; it replaces another one of the same name. */
export async function saveSearch(connection: Connection, { name, folder, query }: SavedSearch): Promise<void> {
  await deleteSearch(connection, name);
  const { kind, pattern, matchCase, values } = query;
  await lists.add(connection, {
    name,
    kind,
    pattern,
    ...(folder.length > 0 && { folder: keyText(folder) }),
    ...(matchCase && { matchCase }),
    ...(values && { values }),
  });
}

export async function deleteSearch(connection: Connection, name: string): Promise<void> {
  await lists.remove(connection, (entry) => searchOf(entry)?.name === name);
}

function searchOf(entry: unknown): SavedSearch | undefined {
  const { name, kind, pattern, folder, matchCase, values } = unknownFields(entry);
  const known = PATTERN_KINDS.find((each) => each === kind);
  if (!known || typeof pattern !== 'string' || pattern === '') return undefined;
  const prefix = typeof folder === 'string' ? keyOfText(folder) : new Uint8Array();
  if (!prefix) return undefined;
  return {
    name: typeof name === 'string' && name !== '' ? name : pattern,
    folder: prefix,
    query: { kind: known, pattern, matchCase: matchCase === true, values: values === true },
  };
}
