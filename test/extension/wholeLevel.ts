import type { KeyTree } from '../../src/views/keys/keyTree.ts';
import type { TreeNode } from '../../src/views/keys/nodes.ts';

/** Returns the final rows of a level: VS Code asks again whenever it is told that there are more. */
export async function wholeLevel(tree: KeyTree, node: TreeNode): Promise<TreeNode[]> {
  for (;;) {
    const changed = nextChange(tree);
    const nodes = await tree.getChildren(node);
    if (nodes.at(-1)?.kind !== 'loading') return nodes;
    await changed;
  }
}

/** Resolves once VS Code is told to draw something again. */
export async function nextChange(tree: KeyTree): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = tree.onDidChangeTreeData(() => resolve());
  await promise;
  listener.dispose();
}
