import type { PageBeginning } from '../etcd/keyStore.ts';

/** A listing that ends sooner is drawn once, in milliseconds. */
const MOMENT = 150;
/** Between two drawings of a listing that goes on, in milliseconds. */
const PAUSE = 400;

/** When to draw what is known of a page that is still being listed. */
export class EarlyRows {
  /** Resolves once there are rows to draw before the listing ends. */
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

  /** The first request is being sent. */
  begin(): void {
    this.#moment ??= setTimeout(() => {
      this.#isDue = true;
      this.#check();
    }, MOMENT);
  }

  /** What is known by now, while that is to be drawn. */
  get beginning(): PageBeginning | undefined {
    return this.#isReady && !this.#isOver ? this.#beginning : undefined;
  }

  /** There is more to draw; or, with nothing, the listing begins again, and what was drawn stays as it is. */
  set(beginning: PageBeginning | undefined): void {
    this.#beginning = beginning;
    this.#check();
    if (beginning && this.#redraw) this.#pause ??= setTimeout(() => this.#drawAgain(), PAUSE);
  }

  /** Rows are drawn: they are drawn again when there are more, and when there are all. */
  drawn(redraw: () => void): void {
    this.#redraw = redraw;
  }

  /** The listing came to its end. */
  complete(): void {
    const redraw = this.#isOver ? undefined : this.#redraw;
    this.cancel();
    redraw?.();
  }

  /** Nobody wants the listing any more. */
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
