const hexDigits = '0123456789abcdef';

/** Pseudo-random numbers (mulberry32) that are the same for the same seed on every machine. */
export class Random {
  #state: number;

  /** @param seed any text; each area of the keyspace has its own, so that a change of one does not affect the others */
  constructor(seed: string) {
    this.#state = 0x811c9dc5;
    for (const byte of Buffer.from(seed)) {
      this.#state = Math.imul(this.#state ^ byte, 0x01000193);
    }
  }

  /** Returns a whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** Returns a whole number from `first` to `last`, both included. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  /** Returns a text of `length` characters from `alphabet`. */
  text(length: number, alphabet: string): string {
    let text = '';
    while (text.length < length) {
      text += alphabet.charAt(this.below(alphabet.length));
    }
    return text;
  }

  hex(length: number): string {
    return this.text(length, hexDigits);
  }

  uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${this.text(1, '89ab')}${this.hex(3)}-${this.hex(12)}`;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
