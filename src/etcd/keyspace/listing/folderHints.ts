/** What is known of a folder before it is listed; it may be outdated. */
export interface FolderHint {
  readonly keys: number;
  /** A key in it, near its beginning. */
  readonly firstKey: string;
}

/** Smaller folders are listed in a request or two anyway. */
const FEWEST_KEYS = 5000;
const MOST_FOLDERS = 10_000;
/** To guess more children than these takes as long as to find them. */
const MOST_NAMES = 1000;
const MOST_NAMED_FOLDERS = 100;

/** What the listings of a connection learned on their way, in binary keys: so that large folders are listed in parts from the first request on. */
export class FolderHints {
  readonly #folders = new Map<string, FolderHint>();
  /** What the paths of a folder's children add to its own. */
  readonly #names = new Map<string, readonly string[]>();
  /** Of the folder below each that was listed last. */
  readonly #namesBelow = new Map<string, readonly string[]>();

  note(path: string, hint: FolderHint): void {
    this.#folders.delete(path);
    if (hint.keys >= FEWEST_KEYS) setAsLatest(this.#folders, path, hint, MOST_FOLDERS);
  }

  get(path: string): FolderHint | undefined {
    return this.#folders.get(path);
  }

  /** @param names what the paths of all children of a folder add to its own, in key order; all are folders */
  noteNames(path: string, parent: string, names: readonly string[]): void {
    if (names.length < 2 || names.length > MOST_NAMES) return;
    setAsLatest(this.#names, path, names, MOST_NAMED_FOLDERS);
    setAsLatest(this.#namesBelow, parent, names, MOST_NAMED_FOLDERS);
  }

  /**
   * What children a folder may have: those that it had, else those of the one beside it that was listed last, if `name` is among
   * them. Folders side by side often have children of the same names: each resource of a Kubernetes cluster has its namespaces.
   */
  namesOf(path: string, parent: string, name: string): readonly string[] {
    const beside = this.#namesBelow.get(parent) ?? [];
    return this.#names.get(path) ?? (beside.includes(name) ? beside : []);
  }
}

function setAsLatest<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
