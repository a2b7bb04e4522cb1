import type { FolderNode, KeyNode } from '../keys/nodes.ts';

// See docs/contributing/decisions/tree.md

/** Milliseconds for which drawings are gathered. */
const SOON = 25;
/**
 * Shortest time between two drawings, in milliseconds. VS Code's tree view draws immediately after 200 ms without a
 * change, and otherwise waits for 200 ms without one. With more frequent changes, it draws nothing until they stop.
 */
const BETWEEN = 220;
/** Pause after a drawing for each row, in milliseconds, because VS Code receives all rows of a level again. */
const PEACE_PER_ROW = 0.1;
const MAX_PEACE = 1000;

type Node = FolderNode | KeyNode;

/** Gathers rows to draw again, so that VS Code has time for other work even during many changes. */
export class RedrawQueue {
  readonly #draw: (nodes: readonly Node[]) => void;
  readonly #nodes = new Set<Node>();
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;
  readonly #pause: number;
  #peaceUntil = 0;
  #drawn = -Infinity;

  /** @param pause shortest time between two drawings of nodes that only change their looks, in milliseconds */
  constructor(pause: number, draw: (nodes: readonly Node[]) => void) {
    this.#pause = pause;
    this.#draw = draw;
  }

  add(node: Node, when: 'soon' | 'later'): void {
    this.#nodes.add(node);
    const earliest = when === 'soon' ? Math.max(this.#peaceUntil, this.#drawn + BETWEEN) : this.#drawn + this.#pause;
    const due = Math.max(performance.now() + SOON, earliest);
    if (due >= this.#due) return;
    this.#due = due;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#drawAll(), due - performance.now());
  }

  /** Drops a node that is drawn anyway for another reason. */
  drop(node: Node): void {
    this.#nodes.delete(node);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = Infinity;
    this.#nodes.clear();
  }

  #drawAll(): void {
    const nodes = [...this.#nodes];
    this.clear();
    const rows = nodes.reduce((sum, node) => sum + (node.kind === 'folder' ? node.loaded.length : 1), 0);
    this.#drawn = performance.now();
    this.#peaceUntil = this.#drawn + Math.min(rows * PEACE_PER_ROW, MAX_PEACE);
    if (nodes.length > 0) this.#draw(nodes);
  }
}
