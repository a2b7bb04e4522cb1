import { DataTransferItem, type DataTransfer, type TreeDragAndDropController } from 'vscode';
import type { TreeNode } from './nodes.ts';

/** VS Code's own name for what is dragged from the view `etcd.keys`. */
const MIME_TYPE = 'application/vnd.code.tree.etcd.keys';

/** Lets keys and folders be dragged to another folder or connection of the tree. */
export class KeyDragAndDrop implements TreeDragAndDropController<TreeNode> {
  readonly dragMimeTypes = [MIME_TYPE];
  readonly dropMimeTypes = [MIME_TYPE];
  readonly #onDrop: (nodes: readonly TreeNode[], onto: TreeNode) => Thenable<unknown>;
  /** What is dragged: VS Code may hand a copy of it to `handleDrop`, which is no node any more. */
  #dragged: readonly TreeNode[] = [];

  constructor(onDrop: (nodes: readonly TreeNode[], onto: TreeNode) => Thenable<unknown>) {
    this.#onDrop = onDrop;
  }

  handleDrag(nodes: readonly TreeNode[], data: DataTransfer): void {
    this.#dragged = nodes.filter(({ kind }) => kind === 'key' || kind === 'folder');
    if (this.#dragged.length > 0) data.set(MIME_TYPE, new DataTransferItem(this.#dragged.map(({ id }) => id)));
  }

  async handleDrop(onto: TreeNode | undefined, data: DataTransfer): Promise<void> {
    const dragged = this.#dragged;
    if (!onto || dragged.length === 0 || !data.get(MIME_TYPE)) return;
    this.#dragged = [];
    await this.#onDrop(dragged, onto);
  }
}
