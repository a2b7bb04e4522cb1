import type { KeyTree } from '../../src/tree/keyTree.ts';
import type { TreeNode } from '../../src/tree/nodes.ts';

/** The rows of a level as VS Code has them in the end: it asks again each time that it is told of more. */
export async function wholeLevel(tree: KeyTree, node: TreeNode): Promise<TreeNode[]> {
  for (;;) {
    const changed = nextChange(tree);
    const nodes = await tree.getChildren(node);
    if (nodes.at(-1)?.kind !== 'loading') return nodes;
    await changed;
  }
}

/** Resolves once VS Code is told to draw something anew. */
export async function nextChange(tree: KeyTree): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = tree.onDidChangeTreeData(() => resolve());
  await promise;
  listener.dispose();
}
