import { fromBinaryKey, toBinaryKey } from '../keys/binaryKey.ts';
import type { Hierarchy } from '../keys/hierarchy.ts';
import { binaryPrefixEnd, type Span } from '../keys/spans.ts';

const NOTHING = new Uint8Array();

export interface FoundChild {
  readonly isFolder: boolean;
  /** The whole key; for a folder, the prefix including its last separator. */
  readonly path: string;
  /** The key by which the child was found. */
  readonly firstKey: string;
  /** Index in the path where the name ends; in a folder's path, the separator follows. */
  readonly nameEnd: number;
  /** Number of keys of the child, once known. */
  keyCount: number | undefined;
  /** See `Child`. */
  turn?: bigint | undefined;
  /** See `Child`. */
  hasLease?: boolean;
}

/**
 * The part of the keyspace that is listed, in binary keys: the children of one folder whose names begin with
 * `namePrefix`.
 */
export class ListedScope {
  readonly prefix: string;
  readonly #hierarchy: Hierarchy;
  readonly #namePrefix: string;

  readonly #from: string;

  /** @param from path of the first child to list */
  constructor(prefix: Uint8Array, hierarchy: Hierarchy, namePrefix: Uint8Array = NOTHING, from: Uint8Array = NOTHING) {
    this.prefix = toBinaryKey(prefix);
    this.#hierarchy = hierarchy;
    this.#namePrefix = toBinaryKey(namePrefix);
    this.#from = toBinaryKey(from);
  }

  /** Contains the keys of all children that are listed. */
  get bounds(): Span {
    const lo = this.prefix + this.#namePrefix;
    return { lo: this.#from > lo ? this.#from : lo, hi: binaryPrefixEnd(lo) };
  }

  /** Whether every child of the folder is listed. */
  get isWhole(): boolean {
    return this.#namePrefix === '' && this.#from <= this.prefix;
  }

  /** The prefix of the parent folder. */
  get parent(): string {
    return toBinaryKey(this.#hierarchy.parentOf(fromBinaryKey(this.prefix)));
  }

  /**
   * Whether a child belongs to the listing. `bounds` may contain keys of other children, if the name prefix overlaps
   * with a part of the separator.
   */
  isListed(child: FoundChild): boolean {
    return this.nameOf(child).startsWith(this.#namePrefix);
  }

  /** Returns the child that a key of the folder belongs to. */
  childOf(key: string): FoundChild {
    const end = this.#hierarchy.segmentEnd(key, this.prefix.length);
    return end
      ? { isFolder: true, path: key.slice(0, end.separator), firstKey: key, nameEnd: end.name, keyCount: undefined }
      : { isFolder: false, path: key, firstKey: key, nameEnd: key.length, keyCount: 1 };
  }

  nameOf({ path, nameEnd }: FoundChild): string {
    return path.slice(this.prefix.length, nameEnd);
  }
}

/** Returns the first position after all keys of a child. */
export function childEnd({ isFolder, path }: FoundChild): string {
  return isFolder ? binaryPrefixEnd(path) : `${path}\0`;
}
