/** More than this in a second is a flood: asking once a second costs less then than being told of everything. */
const MOST_EVENTS = 1000;
const MOST_BYTES = 1024 * 1024;
const SECOND = 1000;

interface Window {
  readonly start: number;
  events: number;
  bytes: number;
}

/** Finds out where so much happens that nobody could follow it. */
export class FloodMeter<T extends object> {
  readonly #windows = new Map<T, Window>();

  /** Takes note of an event. @returns whether it is a flood by now */
  note(where: T, bytes: number, now: number): boolean {
    const known = this.#windows.get(where);
    const window = known && now - known.start < SECOND ? known : { start: now, events: 0, bytes: 0 };
    if (window !== known) this.#windows.set(where, window);
    window.events++;
    window.bytes += bytes;
    return window.events > MOST_EVENTS || window.bytes > MOST_BYTES;
  }

  clear(): void {
    this.#windows.clear();
  }
}
