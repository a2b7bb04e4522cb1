import type { FolderNode, KeyNode } from '../nodes.ts';

/** What has to be drawn is gathered, in milliseconds. */
const SOON = 25;
/**
 * At least so long between two drawings, in milliseconds. VS Code's tree view draws at once what it is told after 200 ms of peace, and all
 * else only when there were 200 ms of it: what is told more often is not drawn until nothing happens any more.
 */
const BETWEEN = 220;
/** VS Code gets all rows of a level anew: so long for each of them it then has peace, in milliseconds. */
const PEACE_PER_ROW = 0.1;
const MOST_PEACE = 1000;

type Node = FolderNode | KeyNode;

/** Gathers what has to be drawn anew, so that VS Code has time for other things however much happens. */
export class RedrawQueue {
  readonly #draw: (nodes: readonly Node[]) => void;
  readonly #nodes = new Set<Node>();
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;
  readonly #pause: number;
  #peaceUntil = 0;
  #drawn = -Infinity;

  /** @param pause what only looks different, and no row that came or went, is drawn so often at most, in milliseconds */
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

  /** It is going to be drawn for another reason. */
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
    this.#peaceUntil = this.#drawn + Math.min(rows * PEACE_PER_ROW, MOST_PEACE);
    if (nodes.length > 0) this.#draw(nodes);
  }
}
