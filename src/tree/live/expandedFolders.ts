import type { ConnectionNode, FolderNode } from '../nodes.ts';

/** Which folders are expanded, as far as VS Code tells: it asks for the children of a folder that it expands, and tells of collapsing. */
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

  /** The folders whose children are in the tree's rows: loaded and expanded, as all above them are. */
  shownOf({ root, tops }: ConnectionNode): FolderNode[] {
    if (!this.has(root)) return [];
    return tops.flatMap((top) => (this.has(top) ? this.shownFrom(top) : []));
  }

  /** The folder and the shown ones below it. */
  shownFrom(folder: FolderNode): FolderNode[] {
    // Through the few that are expanded, since this is asked for with each event, and not through all that are loaded.
    const expanded = [...this.#expanded].filter(
      (each) => each.parent === folder && folder.loadedChild(each.path) === each,
    );
    const below = expanded.flatMap((child) => this.shownFrom(child));
    return [folder, ...below];
  }
}
