import { toBinaryKey } from './binaryKey.ts';

/** Where the first segment of a key ends, counted in bytes from the key's beginning. */
export interface SegmentEnd {
  /** End of the segment's name, where its separator begins. */
  readonly name: number;
  /** End of the separator: a folder's prefix goes up to here. */
  readonly separator: number;
}

/** How the keys of a store are divided into segments, and so into folders: by one separator, by several, or not at all. */
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
   * The end of the segment that begins at `from` in a binary key (`toBinaryKey`); none where no separator follows. Of several
   * separators the one that ends first counts, so that no folder's keys are split between it and another folder.
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

  /** The prefix of the innermost folder that a key lies in, or that the path is itself; empty in the root. */
  folderOf(path: Uint8Array): Uint8Array {
    return path.subarray(0, this.#folderEnds(path).at(-1) ?? 0);
  }

  /** The prefix of the folder around a key or a folder; empty in the root. */
  parentOf(path: Uint8Array): Uint8Array {
    return path.subarray(0, this.#folderEnds(path).findLast((end) => end < path.length) ?? 0);
  }

  /** Whether the path is a folder's: it ends with a separator. */
  isFolder(path: Uint8Array): boolean {
    return path.length > 0 && this.folderOf(path).length === path.length;
  }

  /** The path with a separator at its end, where the hierarchy has one. */
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

/** Segments end with `/`: v3's keys by habit, v2's by nature. */
export const SLASHES = new Hierarchy([Uint8Array.of(0x2f)]);
