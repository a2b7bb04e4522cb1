import { fromBinaryKey, toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import type { KeyEvent, KeyMetadata } from '../../etcd/keyStore.ts';
import { turnOf } from '../../etcd/turns.ts';
import { FolderNode, KeyNode } from '../keys/nodes.ts';

type FolderEvent = Extract<KeyEvent, { readonly kind: 'folder' }>;
export type WrittenOrDeleted = Exclude<KeyEvent, { readonly kind: 'folder' }>;

/** The effects of events on the nodes that are shown. */
export class LevelChanges {
  /** Folders whose rows have changed. */
  readonly levels = new Set<FolderNode>();
  /** Nodes that look different. */
  readonly rows = new Set<FolderNode | KeyNode>();
  /** Keys that were written or created. */
  readonly written = new Map<KeyNode, { readonly isNew: boolean; readonly revision: bigint }>();
  /** Folders with deleted keys whose number of keys is unknown, so they may be empty. */
  readonly uncounted = new Set<FolderNode>();
  readonly #counted = new Map<FolderNode, bigint>();

  /** Records a change of a folder's number of keys. */
  count(folder: FolderNode, revision: bigint, difference: number): void {
    if (folder.keyCount !== undefined) folder.keyCount += difference;
    this.#counted.set(folder, revision);
  }

  /** Completes revisions whose events were all applied: several events may share a revision, and all of them count. */
  finishRevisions(): void {
    for (const [folder, revision] of this.#counted) folder.countRevision = revision;
    this.#counted.clear();
  }
}

/**
 * Applies an event to the levels that are shown, from the connection's top down. Applying an event twice changes
 * nothing.
 * @returns the visible folder in which it happened: a level that is shown, or a collapsed folder; undefined outside of
 * the root
 */
export function applyEvent(
  root: FolderNode,
  event: WrittenOrDeleted,
  isShown: (folder: FolderNode) => boolean,
  changes: LevelChanges,
): FolderNode | undefined {
  const key = toBinaryKey(event.kind === 'put' ? event.kv.key : event.key);
  if (!key.startsWith(toBinaryKey(root.path))) return undefined;
  for (let folder = root; ;) {
    const nameStart = folder.path.length;
    const end = root.connection.hierarchy.segmentEnd(key, nameStart);
    const isNews = revisionOf(event) > (folder.listedAt ?? 0n);
    if (!end) {
      if (isNews) applyToKey(folder, key, event, changes);
      return folder;
    }
    const path = fromBinaryKey(key.slice(0, end.separator));
    const found = folder.loadedChild(path);
    if (found?.kind === 'folder') applyToCount(folder, found, event, changes);
    else if (isNews && event.kind === 'put')
      insertFolder(folder, path, path.slice(nameStart, end.name), event, changes);
    if (found?.kind !== 'folder') return folder;
    if (!isShown(found)) return found;
    folder = found;
  }
}

/** Applies the creation of a v2 directory, or its deletion with everything in it. */
export function applyFolderEvent(
  root: FolderNode,
  { prefix, deleted, modRevision }: FolderEvent,
  isShown: (folder: FolderNode) => boolean,
  changes: LevelChanges,
): void {
  const key = toBinaryKey(prefix);
  if (!key.startsWith(toBinaryKey(root.path))) return;
  for (let folder = root; ;) {
    const end = root.connection.hierarchy.segmentEnd(key, folder.path.length);
    if (!end) return;
    const path = fromBinaryKey(key.slice(0, end.separator));
    const found = folder.loadedChild(path);
    const isIt = end.separator === key.length;
    if (isIt && modRevision > (folder.listedAt ?? 0n)) {
      if (found && deleted) folder.remove(found);
      const name = path.slice(folder.path.length, end.name);
      if (!found && !deleted && folder.shows(name, path))
        folder.insert(new FolderNode(folder.connection, folder, name, path));
      changes.levels.add(folder);
    }
    if (isIt || found?.kind !== 'folder' || !isShown(found)) return;
    folder = found;
  }
}

export function revisionOf(event: WrittenOrDeleted): bigint {
  return event.kind === 'put' ? event.kv.modRevision : event.modRevision;
}

function applyToKey(folder: FolderNode, key: string, event: WrittenOrDeleted, changes: LevelChanges): void {
  const path = fromBinaryKey(key);
  const name = path.slice(folder.path.length);
  const found = folder.loadedChild(path);
  const revision = revisionOf(event);
  if (event.kind === 'delete') {
    if (!found) return;
    folder.remove(found);
    changes.levels.add(folder);
  } else if (found?.kind === 'key') {
    takeFacts(found, event.kv);
    changes.rows.add(found);
    changes.written.set(found, { isNew: isCreation(event), revision });
  } else if (folder.shows(name, path)) {
    const node = new KeyNode(folder.connection, folder, name, path);
    takeFacts(node, event.kv);
    folder.insert(node);
    changes.levels.add(folder);
    changes.written.set(node, { isNew: true, revision });
  }
}

function takeFacts(node: KeyNode, kv: KeyMetadata): void {
  const { lease = 0n, ttl } = kv;
  node.turn = turnOf(kv);
  node.hasLease = lease !== 0n;
  node.expires = ttl === undefined ? undefined : new Date(Date.now() + ttl * 1000);
}

function applyToCount(parent: FolderNode, folder: FolderNode, event: WrittenOrDeleted, changes: LevelChanges): void {
  const revision = revisionOf(event);
  const difference = event.kind === 'delete' ? -1 : isCreation(event) ? 1 : 0;
  if (difference === 0 || revision <= folder.countRevision) return;
  changes.count(folder, revision, difference);
  changes.rows.add(folder);
  const mayBeEmpty = event.kind === 'delete' && !parent.connection.capabilities?.emptyFolders;
  if (folder.keyCount === undefined && mayBeEmpty) changes.uncounted.add(folder);
  if (folder.keyCount === undefined || folder.keyCount > 0) return;
  parent.remove(folder);
  changes.levels.add(parent);
}

function insertFolder(
  parent: FolderNode,
  path: Uint8Array,
  name: Uint8Array,
  event: WrittenOrDeleted,
  changes: LevelChanges,
): void {
  if (!parent.shows(name, path)) return;
  const folder = new FolderNode(parent.connection, parent, name, path);
  // v2 does not count keys.
  if (isCreation(event) && !parent.connection.capabilities?.emptyFolders) folder.keyCount = 0;
  changes.count(folder, revisionOf(event), 1);
  parent.insert(folder);
  changes.levels.add(parent);
}

function isCreation(event: WrittenOrDeleted): boolean {
  return event.kind === 'put' && event.kv.createRevision === event.kv.modRevision;
}
