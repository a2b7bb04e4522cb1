import type { Connection } from '../../connections/connection.ts';

/** The kinds of node that menus distinguish; each is the first word of a context value. */
type NodeKind = 'connection' | 'past' | 'folder' | 'key';

/**
 * Returns what menus read as `viewItem`: the kind of node, then a word for each fact about it, such as
 * `folder;emptyFolders`. A `when` clause looks for words: `viewItem =~ /^folder\b/ && viewItem =~ /;emptyFolders\b/`.
 */
export function contextValue(kind: NodeKind, connection: Connection, facets: readonly string[] = []): string {
  return [kind, ...facets, ...storeFacets(connection)].join(';');
}

/** Capabilities of a store on which menus depend. */
const ABILITIES = ['leases', 'emptyFolders', 'history'] as const;

/** Returns the known capabilities of a connection's store, and whether it is read-only or shows the past. */
function storeFacets({ capabilities, file, isReadOnly, revision }: Connection): string[] {
  const able = capabilities ? ABILITIES.filter((name) => capabilities[name]) : [];
  const isLocked = isReadOnly || capabilities?.writable === false;
  return [
    ...able,
    ...(file ? ['file'] : []),
    ...(isLocked ? ['readOnly'] : []),
    ...(revision === undefined ? [] : ['past']),
  ];
}
