import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import type { KeyHit } from '../../etcd/search/keyQuery.ts';
import { ConnectionNode, FolderNode, KeyNode } from '../keys/nodes.ts';
import type { Connection } from '../../connections/connection.ts';

/** A key that a search found; commands treat it like a key of the tree. */
export class HitNode extends KeyNode {
  readonly hit: KeyHit;

  constructor(parent: FolderNode, name: Uint8Array, hit: KeyHit) {
    super(parent.connection, parent, name, hit.key);
    this.hit = hit;
  }
}

/** Creates the nodes of hits, with the folders that contain them. */
export class HitNodes {
  readonly #root: ConnectionNode;
  readonly #folders = new Map<string, FolderNode>();

  constructor(connection: Connection) {
    this.#root = new ConnectionNode(connection);
  }

  nodeOf(hit: KeyHit): HitNode {
    const folder = this.#folderOf(hit.key);
    return new HitNode(folder, hit.key.subarray(folder.path.length), hit);
  }

  #folderOf(key: Uint8Array): FolderNode {
    const { connection } = this.#root;
    const path = connection.hierarchy.folderOf(key);
    const id = toBinaryKey(path);
    const known = this.#folders.get(id);
    if (known) return known;
    const start = connection.hierarchy.parentOf(path).length;
    const nameEnd = connection.hierarchy.segmentEnd(id, start)?.name ?? start;
    const folder = new FolderNode(connection, this.#root, path.subarray(start, nameEnd), path);
    this.#folders.set(id, folder);
    return folder;
  }
}
