import type { Connection } from '../connections/connection.ts';

/** The kinds of node that menus tell apart, each the first word of its context value. */
type NodeKind = 'connection' | 'folder' | 'key';

/**
 * What menus read as `viewItem`: the kind of node, then a word for each thing that holds for it, such as
 * `folder;emptyFolders`. A `when` clause looks for words: `viewItem =~ /^folder\b/ && viewItem =~ /;emptyFolders\b/`.
 */
export function contextValue(kind: NodeKind, connection: Connection, facets: readonly string[] = []): string {
  return [kind, ...facets, ...storeFacets(connection)].join(';');
}

/** What the store behind a connection can do; nothing as long as it is not known. */
function storeFacets({ capabilities }: Connection): string[] {
  return Object.entries(capabilities ?? {}).flatMap(([name, able]) => (able ? [name] : []));
}
