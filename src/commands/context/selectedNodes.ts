import { setTimeout as delay } from 'node:timers/promises';
import type { TreeView } from 'vscode';

// See docs/contributing/decisions/tree.md

/** Longest time that drawing a tree takes, in milliseconds. */
const DRAWING_LIMIT = 1000;
const PAUSE = 20;

/**
 * Returns the selection of a view. VS Code knows none of a tree's rows while it draws them, so this waits for the
 * selection that the user sees all the time.
 */
export async function selectedNodes<T>(view: Pick<TreeView<T>, 'selection'>): Promise<readonly T[]> {
  const deadline = performance.now() + DRAWING_LIMIT;
  while (view.selection.length === 0 && performance.now() < deadline) await delay(PAUSE);
  return view.selection;
}
