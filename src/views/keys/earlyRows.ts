import type { PageBeginning } from '../../etcd/keyStore.ts';

/** A listing that ends within this time is drawn once, in milliseconds. */
const MOMENT = 150;
/** Time between two drawings of a listing that continues, in milliseconds. */
const PAUSE = 400;

/** Decides when to draw the first children of a page that is still being listed. */
export class EarlyRows {
  /** Resolves if there are rows to draw before the listing ends. */
  readonly ready: Promise<void>;
  readonly #setReady: () => void;
  #moment: NodeJS.Timeout | undefined;
  #pause: NodeJS.Timeout | undefined;
  #isDue = false;
  #isReady = false;
  #beginning: PageBeginning | undefined;
  #redraw: (() => void) | undefined;
  #isOver = false;

  constructor() {
    ({ promise: this.ready, resolve: this.#setReady } = Promise.withResolvers<void>());
  }

  /** Starts the time, with the first request. */
  begin(): void {
    this.#moment ??= setTimeout(() => {
      this.#isDue = true;
      this.#check();
    }, MOMENT);
  }

  /** The children known so far, if they are to be drawn. */
  get beginning(): PageBeginning | undefined {
    return this.#isReady && !this.#isOver ? this.#beginning : undefined;
  }

  /** Sets the children known so far. Undefined if the listing starts again; what was drawn then stays. */
  set(beginning: PageBeginning | undefined): void {
    this.#beginning = beginning;
    this.#check();
    if (beginning && this.#redraw) this.#pause ??= setTimeout(() => this.#drawAgain(), PAUSE);
  }

  /** Records that rows are drawn; `redraw` is called when there are more, and when all are there. */
  drawn(redraw: () => void): void {
    this.#redraw = redraw;
  }

  /** Ends, because the listing is complete. */
  complete(): void {
    const redraw = this.#isOver ? undefined : this.#redraw;
    this.cancel();
    redraw?.();
  }

  /** Ends, because nobody wants the listing any more. */
  cancel(): void {
    this.#isOver = true;
    clearTimeout(this.#moment);
    clearTimeout(this.#pause);
  }

  #check(): void {
    if (!this.#isDue || !this.#beginning) return;
    this.#isReady = true;
    this.#setReady();
  }

  #drawAgain(): void {
    this.#pause = undefined;
    this.#redraw?.();
  }
}
