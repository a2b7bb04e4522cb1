import type { Connection } from '../connections/connection.ts';

/** The kinds of node that menus tell apart, each the first word of its context value. */
type NodeKind = 'connection' | 'past' | 'folder' | 'key';

/**
 * What menus read as `viewItem`: the kind of node, then a word for each thing that holds for it, such as
 * `folder;emptyFolders`. A `when` clause looks for words: `viewItem =~ /^folder\b/ && viewItem =~ /;emptyFolders\b/`.
 */
export function contextValue(kind: NodeKind, connection: Connection, facets: readonly string[] = []): string {
  return [kind, ...facets, ...storeFacets(connection)].join(';');
}

const ABILITIES = ['leases', 'emptyFolders', 'history', 'transactionSteps', 'following', 'tellsEnd'] as const;

/** What the store behind a connection can do, as far as that is known, and whether it may not be written to, or shows the past. */
function storeFacets({ capabilities, isReadOnly, revision }: Connection): string[] {
  const able = capabilities ? ABILITIES.filter((name) => capabilities[name]) : [];
  const isLocked = isReadOnly || capabilities?.writable === false;
  return [...able, ...(isLocked ? ['readOnly'] : []), ...(revision === undefined ? [] : ['past'])];
}
