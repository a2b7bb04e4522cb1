/** What is known of a folder before it is listed; it may be outdated. */
export interface FolderHint {
  readonly keys: number;
  /** A key in it, near its beginning. */
  readonly firstKey: string;
}

/** Smaller folders are listed in a request or two anyway. */
const FEWEST_KEYS = 5000;
const MOST_FOLDERS = 10_000;

/** What the listings of a connection learned about large folders on their way, in binary keys: so that these are listed in parts from the first request on. */
export class FolderHints {
  readonly #folders = new Map<string, FolderHint>();

  note(path: string, hint: FolderHint): void {
    this.#folders.delete(path);
    if (hint.keys < FEWEST_KEYS) return;
    this.#folders.set(path, hint);
    const [oldest] = this.#folders.keys();
    if (this.#folders.size > MOST_FOLDERS && oldest !== undefined) this.#folders.delete(oldest);
  }

  get(path: string): FolderHint | undefined {
    return this.#folders.get(path);
  }
}
