import type { PageBeginning } from '../../etcd/keyStore.ts';

/** Limit in milliseconds within which a listing must end to be drawn only once. */
const MOMENT = 150;
/** Time between two drawings of a listing that is still under way, in milliseconds. */
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

  /** Starts the time limit, with the first request. */
  begin(): void {
    this.#moment ??= setTimeout(() => {
      this.#isDue = true;
      this.#check();
    }, MOMENT);
  }

  /** The children known so far, if they should be drawn. */
  get beginning(): PageBeginning | undefined {
    return this.#isReady && !this.#isOver ? this.#beginning : undefined;
  }

  /** Sets the children known so far. Undefined if the listing starts again; what was drawn before then stays. */
  set(beginning: PageBeginning | undefined): void {
    this.#beginning = beginning;
    this.#check();
    if (beginning && this.#redraw) this.#pause ??= setTimeout(() => this.#drawAgain(), PAUSE);
  }

  /** Records that rows were drawn; `redraw` is called when there are more, and when all have arrived. */
  drawn(redraw: () => void): void {
    this.#redraw = redraw;
  }

  /** Ends, because the listing is complete. */
  complete(): void {
    const redraw = this.#isOver ? undefined : this.#redraw;
    this.cancel();
    redraw?.();
  }

  /** Ends, because the listing is no longer needed. */
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
