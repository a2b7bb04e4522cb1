// See docs/contributing/decisions/watching.md

/** More events than this in a second are a burst: listing once a second then costs less than handling every event. */
const MAX_EVENTS = 1000;
const MAX_BYTES = 1024 * 1024;
const SECOND = 1000;

interface Window {
  readonly start: number;
  events: number;
  bytes: number;
}

/** Finds the folders in which changes come too fast to follow. */
export class BurstMeter<T extends object> {
  readonly #windows = new Map<T, Window>();

  /** Records an event. @returns whether there is a burst */
  note(where: T, bytes: number, now: number): boolean {
    const known = this.#windows.get(where);
    const window = known && now - known.start < SECOND ? known : { start: now, events: 0, bytes: 0 };
    if (window !== known) this.#windows.set(where, window);
    window.events++;
    window.bytes += bytes;
    return window.events > MAX_EVENTS || window.bytes > MAX_BYTES;
  }

  clear(): void {
    this.#windows.clear();
  }
}
