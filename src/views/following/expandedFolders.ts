import type { ConnectionNode, FolderNode } from '../keys/nodes.ts';

/**
 * The folders that are expanded, as far as VS Code reports it: VS Code asks for the children of a folder that it
 * expands, and reports when it is collapsed.
 */
export class ExpandedFolders {
  readonly #expanded = new Set<FolderNode>();

  add(folder: FolderNode): void {
    this.#expanded.add(folder);
  }

  delete(folder: FolderNode): void {
    this.#expanded.delete(folder);
  }

  has(folder: FolderNode): boolean {
    return this.#expanded.has(folder);
  }

  /**
   * Returns the folders whose children are rows of the tree: they are loaded and expanded, and so are all folders above
   * them.
   */
  shownOf({ root, tops }: ConnectionNode): FolderNode[] {
    if (!this.has(root)) return [];
    return tops.flatMap((top) => (this.has(top) ? this.shownFrom(top) : []));
  }

  /** Returns the folder and the shown folders below it. */
  shownFrom(folder: FolderNode): FolderNode[] {
    // Goes through the few expanded folders rather than all loaded ones, because this runs for each event.
    const expanded = [...this.#expanded].filter(
      (each) => each.parent === folder && folder.loadedChild(each.path) === each,
    );
    const below = expanded.flatMap((child) => this.shownFrom(child));
    return [folder, ...below];
  }
}
