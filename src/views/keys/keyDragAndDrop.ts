import { DataTransferItem, Uri, type DataTransfer, type TreeDragAndDropController } from 'vscode';
import type { TreeNode } from './nodes.ts';

/** VS Code's MIME type for rows that are dragged from the view `etcd.keys`. */
const MIME_TYPE = 'application/vnd.code.tree.etcd.keys';
/** MIME type of dragged files. */
const FILES = 'text/uri-list';

/** Lets the user drag keys and folders to another folder or connection of the tree, and files into it. */
export class KeyDragAndDrop implements TreeDragAndDropController<TreeNode> {
  readonly dragMimeTypes = [MIME_TYPE];
  readonly dropMimeTypes = [MIME_TYPE, FILES];
  readonly #onDrop: (nodes: readonly TreeNode[], onto: TreeNode) => Thenable<unknown>;
  readonly #onDropFiles: (files: readonly Uri[]) => Thenable<unknown>;
  /** The nodes that are dragged, because VS Code may pass a copy to `handleDrop`, which is not a node any more. */
  #dragged: readonly TreeNode[] = [];

  constructor(
    onDrop: (nodes: readonly TreeNode[], onto: TreeNode) => Thenable<unknown>,
    onDropFiles: (files: readonly Uri[]) => Thenable<unknown>,
  ) {
    this.#onDrop = onDrop;
    this.#onDropFiles = onDropFiles;
  }

  handleDrag(nodes: readonly TreeNode[], data: DataTransfer): void {
    this.#dragged = nodes.filter(({ kind }) => kind === 'key' || kind === 'folder');
    if (this.#dragged.length > 0) data.set(MIME_TYPE, new DataTransferItem(this.#dragged.map(({ id }) => id)));
  }

  async handleDrop(onto: TreeNode | undefined, data: DataTransfer): Promise<void> {
    const dragged = this.#dragged;
    if (!data.get(MIME_TYPE)) return await this.#dropFiles(data);
    if (!onto || dragged.length === 0) return;
    this.#dragged = [];
    await this.#onDrop(dragged, onto);
  }

  async #dropFiles(data: DataTransfer): Promise<void> {
    const list = (await data.get(FILES)?.asString()) ?? '';
    const lines = list.split(/\r?\n/).filter((line) => line.startsWith('file:'));
    if (lines.length > 0) await this.#onDropFiles(lines.map((line) => Uri.parse(line)));
  }
}
