import { isPassing } from '../../etcd/passingFailures.ts';
import type { ConnectionNode, FolderNode } from './nodes.ts';

/** Limit of attempts at a folder that fails although etcd answers; then the user has to retry. */
const MAX_RETRIES = 3;

/** Lists folders again after network failures. */
export class FailedFolders {
  readonly #retries = new WeakMap<FolderNode, number>();

  /** Makes the next read of the failed folders list them again; call it when etcd answers. */
  retry({ tops }: ConnectionNode): void {
    for (const folder of tops) this.#retry(folder);
  }

  #retry(folder: FolderNode): void {
    const retries = this.#retries.get(folder) ?? 0;
    if (!folder.failure) this.#retries.delete(folder);
    else if (isPassing(folder.failure) && retries < MAX_RETRIES) {
      this.#retries.set(folder, retries + 1);
      folder.wantMore();
    }
    for (const child of folder.loaded) if (child.kind === 'folder') this.#retry(child);
  }
}
