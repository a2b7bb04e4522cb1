import { keyText, KeyTextError, parseKeyText } from '../etcd/keyspace/keyText.ts';
import type { KeyQuery, PatternKind } from '../etcd/search/keyQuery.ts';
import { unknownFields } from '../etcd/unknownFields.ts';
import type { Connection } from './connection.ts';
import { ConnectionLists } from './connectionLists.ts';

const lists = new ConnectionLists('savedSearches');
const KINDS: readonly PatternKind[] = ['text', 'glob', 'regex'];

/** A search that is kept under a name. */
export interface SavedSearch {
  readonly name: string;
  /** Prefix of the keys that are looked at. */
  readonly folder: Uint8Array;
  readonly query: KeyQuery;
}

/** The searches that are kept for a connection; what is none is left out. */
export function savedSearches(connection: Connection): SavedSearch[] {
  return lists.entries(connection).flatMap((entry) => searchOf(entry) ?? []);
}

/** Keeps a search, in place of another one of the same name. */
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
  const known = KINDS.find((each) => each === kind);
  if (!known || typeof pattern !== 'string' || pattern === '') return undefined;
  try {
    return {
      name: typeof name === 'string' && name !== '' ? name : pattern,
      folder: typeof folder === 'string' ? parseKeyText(folder) : new Uint8Array(),
      query: { kind: known, pattern, matchCase: matchCase === true, values: values === true },
    };
  } catch (error) {
    if (error instanceof KeyTextError) return undefined;
    throw error;
  }
}
