import type { KeyRange } from '../keyStore.ts';
import { fromBinaryKey, toBinaryKey } from '../keys/binaryKey.ts';
import type { Hierarchy } from '../keys/hierarchy.ts';
import { prefixEnd } from '../keys/ranges.ts';

/** Sorts after every binary key: the end of a span without an end. */
const ENDLESS = '\u0100';

const NOTHING = new Uint8Array();

/** Half-open range of binary keys; both ends are compared as binary strings. */
export interface Span {
  readonly lo: string;
  readonly hi: string;
}

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
}

/**
 * The part of the keyspace that is listed, in binary keys: the children of one folder whose names begin with
 * `namePrefix`.
 */
export class FolderSpace {
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

export function binaryPrefixEnd(prefix: string): string {
  const last = prefix.charCodeAt(prefix.length - 1);
  if (last < 0xff) return prefix.slice(0, -1) + String.fromCharCode(last + 1);
  return toPositionEnd(prefixEnd(fromBinaryKey(prefix)));
}

export function toSpan({ start, end }: KeyRange): Span {
  return { lo: toBinaryKey(start), hi: toPositionEnd(end) };
}

export function toKeyRange({ lo, hi }: Span): KeyRange {
  return { start: fromBinaryKey(lo === '' ? '\0' : lo), end: fromBinaryKey(hi === ENDLESS ? '\0' : hi) };
}

function toPositionEnd(end: Uint8Array): string {
  const position = toBinaryKey(end);
  return position === '\0' ? ENDLESS : position;
}

/** Clips the spans to `bounds`; returns them in key order, without empty ones, and with touching ones joined. */
export function clippedSpans(spans: readonly Span[], bounds: Span): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => (a.lo < b.lo ? -1 : 1))) {
    const lo = span.lo > bounds.lo ? span.lo : bounds.lo;
    const hi = span.hi < bounds.hi ? span.hi : bounds.hi;
    const last = joined.at(-1);
    if (lo >= hi) {
      continue;
    }
    if (last && lo <= last.hi) {
      joined[joined.length - 1] = { lo: last.lo, hi: hi > last.hi ? hi : last.hi };
    } else {
      joined.push({ lo, hi });
    }
  }
  return joined;
}
