const SAMPLE_SIZE = 64;
const NAMES_TO_TRUST = 8;
const [DIGITS, LOWER, UPPER] = [range('0', '9'), range('a', 'z'), range('A', 'Z')];
const LOWER_HEX = range('a', 'f');

/** What a listing learns about its folder on the way: how large children are, and which bytes their names have. */
export class FolderKnowledge {
  readonly #sizes: number[] = [];
  #sizesSeen = 0;
  #typicalSize: number | undefined;
  readonly #seen = new Set<number>();
  #names = 0;
  #bytes: readonly number[] | undefined;

  addSize(keys: number): void {
    this.#sizes[this.#sizesSeen++ % SAMPLE_SIZE] = keys;
    this.#typicalSize = undefined;
  }

  addName(name: string): void {
    this.#names++;
    for (let at = 0; at < name.length; at++) {
      this.#seen.add(name.charCodeAt(at));
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

  #guessBytes(): number[] {
    const bytes = new Set([...this.#seen, ...range('-', '.'), ...withNext(DIGITS)]);
    const trusted = this.#names >= NAMES_TO_TRUST;
    const sees = (family: readonly number[]): boolean => family.some((byte) => this.#seen.has(byte));
    const isHex = trusted && !sees(LOWER.slice(LOWER_HEX.length));
    withNext(isHex ? LOWER_HEX : LOWER).forEach((byte) => bytes.add(byte));
    if (!trusted || sees(UPPER)) {
      withNext(UPPER).forEach((byte) => bytes.add(byte));
    }
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
