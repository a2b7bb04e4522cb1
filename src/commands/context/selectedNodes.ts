import { setTimeout as delay } from 'node:timers/promises';
import type { TreeView } from 'vscode';

// See docs/contributing/decisions/tree.md

/** Limit of the time for which drawing a tree may hide its selection, in milliseconds. */
const DRAWING_LIMIT = 1000;
const PAUSE = 20;

/**
 * Returns the selection of a view. While VS Code draws a tree, it knows none of its rows, although the user sees the
 * selection all the time. So this waits for the selection.
 */
export async function selectedNodes<T>(view: Pick<TreeView<T>, 'selection'>): Promise<readonly T[]> {
  const deadline = performance.now() + DRAWING_LIMIT;
  while (view.selection.length === 0 && performance.now() < deadline) await delay(PAUSE);
  return view.selection;
}
