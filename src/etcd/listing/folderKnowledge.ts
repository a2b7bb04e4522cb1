const SAMPLE_SIZE = 64;
/** With fewer names seen, any byte may follow any other. */
const NAMES_TO_TRUST = 8;
/** Weight, in names, of what is known about a byte's character class. */
const FAMILY_NAMES = 2;
/** Smoothing: weight of a byte not seen yet, so that rare bytes are not ruled out. */
const BENEFIT_OF_DOUBT = 1 / 128;

/** Character classes: bytes that names use in the same way. */
const FAMILIES = [range('-', '.'), range('0', '9'), range('A', 'Z'), range('a', 'z')];
const [LOWER, LOWER_HEX] = [range('a', 'z'), range('a', 'f')];
/** The class of each byte; a byte outside all classes is a class of its own. */
const FAMILY_OF = Array.from({ length: 256 }, (_, byte) => FAMILIES.find((family) => family.includes(byte)) ?? [byte]);

/** How often each byte and each class was seen. */
interface Counts {
  readonly bytes: Uint32Array;
  readonly families: Map<readonly number[] | undefined, number>;
  total: number;
}

/** What a listing learns about its folder: the sizes of children, and the spelling of their names. */
export class FolderKnowledge {
  readonly #sizes: number[] = [];
  #sizesSeen = 0;
  #keysSeen = 0;
  #typicalSize: number | undefined;
  #names = 0;
  #longestName = 0;
  /** Counts of what followed each byte, or began a name (undefined). */
  readonly #followers = new Map<number | undefined, Counts>();
  /** Counts of what followed any byte of a class. */
  readonly #familyFollowers = new Map<readonly number[] | undefined, Counts>();
  readonly #cutBytes = new Map<readonly number[] | undefined, readonly number[]>();

  addSize(keys: number): void {
    this.#sizes[this.#sizesSeen++ % SAMPLE_SIZE] = keys;
    this.#keysSeen += keys;
    this.#typicalSize = undefined;
  }

  addName(name: string): void {
    this.#names++;
    if (name.length > this.#longestName) this.#longestName = name.length;
    this.#cutBytes.clear();
    let previous: number | undefined;
    for (let at = 0; at < name.length; at++) {
      const byte = name.charCodeAt(at);
      addTo(this.#followers, previous, byte);
      addTo(this.#familyFollowers, familyOf(previous), byte);
      previous = byte;
    }
  }

  /** Number of leading bytes that distinguish names: the length of the longest name, once a few were seen. */
  get depth(): number {
    return this.#names < NAMES_TO_TRUST ? Infinity : this.#longestName;
  }

  /** Median size in keys of the children counted last; undefined before the first. */
  get typicalSize(): number | undefined {
    this.#typicalSize ??= this.#sizes.toSorted((a, b) => a - b)[this.#sizes.length >> 1];
    return this.#typicalSize;
  }

  /** Mean size in keys of all children counted so far; undefined before the first. */
  get meanSize(): number | undefined {
    return this.#sizesSeen === 0 ? undefined : this.#keysSeen / this.#sizesSeen;
  }

  /**
   * Bytes, in ascending order, at which to cut after `previous` (or at the beginning of a name), so that names end up
   * in different parts.
   */
  cutBytes(previous: number | undefined): readonly number[] {
    const family = familyOf(previous);
    const known = this.#cutBytes.get(family);
    if (known) return known;
    const followers = this.#familyFollowers.get(family);
    const bytes = new Set<number>();
    for (const [byte, seen] of (followers?.bytes ?? []).entries()) if (seen > 0) bytes.add(byte).add(byte + 1);
    for (const each of FAMILIES) {
      bytes.add(each[0] ?? 0).add((each.at(-1) ?? 0) + 1);
      // A class that does not occur here is not cut.
      if (this.#names < NAMES_TO_TRUST || followers?.families.has(each))
        for (const byte of this.#usedOf(each)) bytes.add(byte);
    }
    const cutBytes = [...bytes].filter((byte) => byte <= 0xff).toSorted((a, b) => a - b);
    this.#cutBytes.set(family, cutBytes);
    return cutBytes;
  }

  /** Estimates how likely `byte` follows `previous` or begins a name; comparable for the same `previous`. */
  likelihood(byte: number, previous: number | undefined): number {
    const seen = this.#followers.get(previous)?.bytes[byte] ?? 0;
    const alike = this.#familyFollowers.get(familyOf(previous));
    const family = FAMILY_OF[byte] ?? [byte];
    const share = alike ? (alike.families.get(family) ?? 0) / alike.total : 0;
    return seen + (FAMILY_NAMES * share) / family.length + BENEFIT_OF_DOUBT;
  }

  /** The letters to cut at: only up to f if no other letter was seen. */
  #usedOf(family: readonly number[]): readonly number[] {
    if (this.#names < NAMES_TO_TRUST || family[0] !== LOWER[0]) return family;
    const others = LOWER.slice(LOWER_HEX.length);
    const isHex = ![...this.#familyFollowers.values()].some(({ bytes }) => others.some((byte) => bytes[byte]));
    return isHex ? [...LOWER_HEX, ...others.slice(0, 1)] : family;
  }
}

function addTo<Key>(counts: Map<Key, Counts>, key: Key, byte: number): void {
  const followers = counts.get(key) ?? { bytes: new Uint32Array(256), families: new Map(), total: 0 };
  followers.bytes[byte] = (followers.bytes[byte] ?? 0) + 1;
  followers.families.set(FAMILY_OF[byte], (followers.families.get(FAMILY_OF[byte]) ?? 0) + 1);
  followers.total++;
  counts.set(key, followers);
}

function familyOf(byte: number | undefined): readonly number[] | undefined {
  return byte === undefined ? undefined : FAMILY_OF[byte];
}

function range(first: string, last: string): readonly number[] {
  const start = first.charCodeAt(0);
  return Array.from({ length: last.charCodeAt(0) - start + 1 }, (_, at) => start + at);
}
