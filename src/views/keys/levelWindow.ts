// See docs/contributing/decisions/tree.md

/** Children that a folder shows at first, and that "Load more…" adds, because VS Code's tree has no paging. */
export const PAGE_SIZE = 500;
/**
 * Limit of the rows of one folder that VS Code gets. Measured in VS Code 1.139 on 2 busy cores: 5,000 rows take 1 s to
 * show, 20,000 take 2.4 s and 100,000 take 15 s, and as long again with each change.
 */
export const MAX_ROWS = 10_000;

/**
 * Limit of the rows that are drawn early. A level with more is drawn once, when all wanted rows have arrived, because
 * drawing takes longer than waiting.
 */
export const MAX_EARLY_ROWS = 1000;

/** The part of a level that is shown: its first child, and the number of children. */
export class LevelWindow {
  /** Beginnings of earlier windows, the latest one last. */
  readonly #earlier: (Uint8Array | undefined)[] = [];
  #from: Uint8Array | undefined;
  #wanted = PAGE_SIZE;

  /** Path of the first child to show; undefined at the beginning of the level. */
  get from(): Uint8Array | undefined {
    return this.#from;
  }

  /** Number of children to show. */
  get wanted(): number {
    return this.#wanted;
  }

  want(children: number): void {
    this.#wanted = Math.min(MAX_ROWS, children);
  }

  /** Shows the children from a path on, in place of those shown now. */
  goOn(from: Uint8Array, wanted: number): void {
    this.#earlier.push(this.#from);
    this.#from = from;
    this.want(wanted);
  }

  /** Shows the children from a distant one on. The beginning of the level becomes the earlier window. */
  jump(to: Uint8Array): void {
    this.reset();
    this.goOn(to, PAGE_SIZE);
  }

  /** Shows the earlier window again. */
  goBack(): void {
    this.#from = this.#earlier.pop();
  }

  reset(): void {
    this.#earlier.length = 0;
    this.#from = undefined;
    this.#wanted = PAGE_SIZE;
  }
}
