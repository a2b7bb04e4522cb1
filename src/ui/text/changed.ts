/** Replaces objects whose texts cannot be shown unchanged, and finds the original of a replacement. */
export class Replacements<T extends object> {
  readonly #shown = new WeakMap<T, T>();
  readonly #own = new WeakMap<T, T>();
  readonly #make: (own: T) => T;

  constructor(make: (own: T) => T) {
    this.#make = make;
  }

  shown(own: T): T {
    const known = this.#shown.get(own);
    if (known) return known;
    const made = this.#make(own);
    this.#shown.set(own, made);
    this.#own.set(made, own);
    return made;
  }

  own(shown: T): T {
    return this.#own.get(shown) ?? shown;
  }
}
