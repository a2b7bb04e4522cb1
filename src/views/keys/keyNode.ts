import type { Connection } from '../../connections/connection.ts';
import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import { compareKeys, prefixRange, singleKeyRange } from '../../etcd/keys/ranges.ts';
import type { KeyRange } from '../../etcd/keyStore.ts';
import type { FolderNode, KeyspaceNode } from './nodes.ts';

export class KeyNode {
  readonly kind = 'key';
  readonly connection: Connection;
  readonly parent: FolderNode;
  readonly name: Uint8Array;
  /** The whole key. */
  readonly path: Uint8Array;
  /** Time at which the key expires, as listed. */
  expires: Date | undefined;

  constructor(connection: Connection, parent: FolderNode, name: Uint8Array, path: Uint8Array) {
    this.connection = connection;
    this.parent = parent;
    this.name = name;
    this.path = path;
  }

  get id(): string {
    return nodeId(this, 'key');
  }
}

/** Returns the range of the keys that a child is or has. */
export function rangeOfNode({ kind, path }: KeyspaceNode): KeyRange {
  return kind === 'folder' ? prefixRange(path) : singleKeyRange(path);
}

/** Returns an id that is unique in the whole tree and the same in every listing. */
export function nodeId(node: KeyspaceNode, kind: KeyspaceNode['kind']): string {
  const place = node.kind === 'folder' ? node.place : node.parent.place;
  return `${node.connection.id}\0${kind}\0${toBinaryKey(node.path)}${place === '' ? '' : `\0${place}`}`;
}

/** Returns the index of a path among nodes in key order. */
export function placeOf(nodes: readonly KeyspaceNode[], path: Uint8Array): number {
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const node = nodes[middle];
    if (node && compareKeys(node.path, path) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
