import { BoundedMap } from '../boundedMap.ts';

/** Facts about a folder before it is listed; they may be outdated. */
export interface FolderHint {
  readonly keys: number;
  /** A key of the folder, near its beginning. */
  readonly firstKey: string;
}

/** Minimum number of keys for a hint, because smaller folders take only a request or two. */
const FEWEST_KEYS = 5000;
const MAX_FOLDERS = 10_000;
/** Above this many children, guessing costs as much as listing. */
export const MAX_NAMES = 1000;
const MAX_NAMED_FOLDERS = 100;

/**
 * Hints that the listings of a connection leave, as binary keys, so that later listings of large folders are split into
 * parts from the first request on.
 */
export class FolderHints {
  readonly #folders = new BoundedMap<string, FolderHint>({ entries: MAX_FOLDERS });
  /** Children's names, by their folder's path. */
  readonly #names = new BoundedMap<string, readonly string[]>({ entries: MAX_NAMED_FOLDERS });
  /** Names of the children of the subfolder listed last, by the path of its parent. */
  readonly #namesBelow = new BoundedMap<string, readonly string[]>({ entries: MAX_NAMED_FOLDERS });

  note(path: string, hint: FolderHint): void {
    this.#folders.delete(path);
    if (hint.keys >= FEWEST_KEYS) this.#folders.set(path, hint);
  }

  get(path: string): FolderHint | undefined {
    return this.#folders.get(path);
  }

  /** @param names of all children, in key order and with their separators; all of them are folders */
  noteNames(path: string, parent: string, names: readonly string[]): void {
    if (names.length < 2 || names.length > MAX_NAMES) return;
    this.#names.set(path, names);
    this.#namesBelow.set(parent, names);
  }

  /**
   * Returns the children that a folder probably has: the ones it had last time, or else those of its sibling that was
   * listed last, if `name` is among them. Siblings often have children with the same names, as every resource of a
   * Kubernetes cluster has its namespaces.
   */
  namesOf(path: string, parent: string, name: string): readonly string[] {
    const beside = this.#namesBelow.get(parent) ?? [];
    return this.#names.get(path) ?? (beside.includes(name) ? beside : []);
  }
}
