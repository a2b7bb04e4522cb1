const SAMPLE_SIZE = 64;
const NAMES_TO_TRUST = 8;
/** How often a byte counts as seen that was not, so that what is rare at first is not ruled out. */
const BENEFIT_OF_DOUBT = 0.5;
const [DIGITS, LOWER, UPPER] = [range('0', '9'), range('a', 'z'), range('A', 'Z')];
const LOWER_HEX = range('a', 'f');

/** What a listing learns about its folder on the way: how large children are, and how their names are spelled. */
export class FolderKnowledge {
  readonly #sizes: number[] = [];
  #sizesSeen = 0;
  #typicalSize: number | undefined;
  #names = 0;
  /** How often each byte followed a byte (or began a name) in the names seen. */
  readonly #followers = new Map<number | undefined, Uint32Array>();
  readonly #seen = new Set<number>();
  #bytes: readonly number[] | undefined;

  addSize(keys: number): void {
    this.#sizes[this.#sizesSeen++ % SAMPLE_SIZE] = keys;
    this.#typicalSize = undefined;
  }

  addName(name: string): void {
    this.#names++;
    let previous: number | undefined;
    for (let at = 0; at < name.length; at++) {
      const byte = name.charCodeAt(at);
      const followers = this.#followers.get(previous) ?? new Uint32Array(256);
      followers[byte] = (followers[byte] ?? 0) + 1;
      this.#followers.set(previous, followers);
      this.#seen.add(byte);
      previous = byte;
    }
    this.#bytes = undefined;
  }

  /** Median size in keys of the children counted last; undefined before the first. */
  get typicalSize(): number | undefined {
    this.#typicalSize ??= this.#sizes.toSorted((a, b) => a - b)[this.#sizes.length >> 1];
    return this.#typicalSize;
  }

  /** Bytes where names are likely to go on or to end, ascending: those seen, and the rest of their families. */
  get plausibleBytes(): readonly number[] {
    this.#bytes ??= this.#guessBytes();
    return this.#bytes;
  }

  /** How likely a name goes on with `byte` after `previous`, or begins with it; comparable for the same `previous`. */
  likelihood(byte: number, previous: number | undefined): number {
    return (this.#followers.get(previous)?.[byte] ?? 0) + BENEFIT_OF_DOUBT;
  }

  #guessBytes(): number[] {
    const bytes = new Set([...this.#seen, ...range('-', '.'), ...withNext(DIGITS)]);
    const isTrusted = this.#names >= NAMES_TO_TRUST;
    const sees = (family: readonly number[]): boolean => family.some((byte) => this.#seen.has(byte));
    const isHex = isTrusted && !sees(LOWER.slice(LOWER_HEX.length));
    for (const byte of withNext(isHex ? LOWER_HEX : LOWER)) bytes.add(byte);
    if (!isTrusted || sees(UPPER)) for (const byte of withNext(UPPER)) bytes.add(byte);
    return [...bytes].toSorted((a, b) => a - b);
  }
}

function range(first: string, last: string): number[] {
  const start = first.charCodeAt(0);
  return Array.from({ length: last.charCodeAt(0) - start + 1 }, (_, at) => start + at);
}

function withNext(bytes: readonly number[]): number[] {
  return [...bytes, (bytes.at(-1) ?? 0) + 1];
}
