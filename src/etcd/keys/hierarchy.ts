import { toBinaryKey } from './binaryKey.ts';

// See docs/contributing/decisions/keys.md

/** End of a segment of a key, in bytes from the key's beginning. */
export interface SegmentEnd {
  /** End of the segment's name, where its separator begins. */
  readonly name: number;
  /** End of the separator: a folder's prefix goes up to here. */
  readonly separator: number;
}

/** Divides the keys of a store into segments, and so into folders: with one separator, several, or none. */
export class Hierarchy {
  readonly separators: readonly Uint8Array[];
  readonly #separators: readonly string[];

  /** @throws RangeError for an empty separator */
  constructor(separators: readonly Uint8Array[]) {
    if (separators.some(({ length }) => length === 0)) throw new RangeError('A separator is not empty.');
    this.separators = separators;
    this.#separators = separators.map(toBinaryKey);
  }

  /**
   * Finds the end of the segment that begins at `from` in a binary key (`toBinaryKey`); undefined if no separator
   * follows. Of several separators, the one that ends first counts, so that every key is in one folder only.
   */
  segmentEnd(key: string, from: number): SegmentEnd | undefined {
    let first: SegmentEnd | undefined;
    for (const separator of this.#separators) {
      const name = key.indexOf(separator, from);
      if (name < 0) continue;
      const end = name + separator.length;
      if (!first || end < first.separator || (end === first.separator && name < first.name))
        first = { name, separator: end };
    }
    return first;
  }

  /**
   * Returns the path of the child of a level that a binary key belongs to: a folder, or the key itself.
   * @param from length of the level's prefix
   */
  childOf(key: string, from: number): { readonly path: string; readonly kind: 'folder' | 'key' } {
    const end = this.segmentEnd(key, from);
    return end ? { path: key.slice(0, end.separator), kind: 'folder' } : { path: key, kind: 'key' };
  }

  /** Returns the prefix of the innermost folder that contains, or is, the path; empty in the root. */
  folderOf(path: Uint8Array): Uint8Array {
    return path.subarray(0, this.#folderEnds(path).at(-1) ?? 0);
  }

  /** Returns the prefix of the folder that contains a key or a folder; empty in the root. */
  parentOf(path: Uint8Array): Uint8Array {
    return path.subarray(0, this.#folderEnds(path).findLast((end) => end < path.length) ?? 0);
  }

  /** Whether the path is a folder, which ends with a separator. */
  isFolder(path: Uint8Array): boolean {
    return path.length > 0 && this.folderOf(path).length === path.length;
  }

  /** Returns the path with a separator at its end, if the hierarchy has one. */
  asFolder(path: Uint8Array): Uint8Array {
    const [separator] = this.separators;
    if (!separator || path.length === 0 || this.isFolder(path)) return path;
    return Uint8Array.of(...path, ...separator);
  }

  #folderEnds(path: Uint8Array): number[] {
    const key = toBinaryKey(path);
    const ends: number[] = [];
    for (let end = this.segmentEnd(key, 0); end; end = this.segmentEnd(key, end.separator)) ends.push(end.separator);
    return ends;
  }
}

/** Segments end with `/`: by convention in v3, always in v2. */
export const SLASHES = new Hierarchy([Uint8Array.of(0x2f)]);
