import { setTimeout as delay } from 'node:timers/promises';
import type { TreeView } from 'vscode';

/** A tree is drawn anew within so long, in milliseconds. */
const DRAWING_LIMIT = 1000;
const PAUSE = 20;

/**
 * What is selected in a view. VS Code knows nothing of a tree's rows while it draws them anew: what it knows after that
 * is meant, since the user sees them all the time.
 */
export async function selectedNodes<T>(view: Pick<TreeView<T>, 'selection'>): Promise<readonly T[]> {
  const deadline = performance.now() + DRAWING_LIMIT;
  while (view.selection.length === 0 && performance.now() < deadline) await delay(PAUSE);
  return view.selection;
}
