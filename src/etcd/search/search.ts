import { keyMatcher } from './keyMatcher.ts';
import type { KeyQuery } from './keyQuery.ts';
import { searchKeys, type SearchedStore, type SearchStep } from './searchKeys.ts';

/**
 * Yields the keys below a folder that match a query, range by range.
 * @throws EtcdError `pattern` if the query's pattern is not valid
 */
export function search(
  store: SearchedStore,
  query: KeyQuery,
  folder: Uint8Array,
  signal: AbortSignal,
): AsyncIterable<SearchStep> {
  return searchKeys(store, keyMatcher(query, folder, store.hierarchy.separators), signal);
}
