/**
 * Limit of a variable's value in characters, longer than any endpoint, path or password; also the limit of all
 * replacements in one text.
 */
const MAX_VALUE = 10_000;
const MAX_EXPANDED = 1_000_000;

/** The variables that a text itself sets. A variable that would grow without limit counts as unknown. */
export class Variables {
  readonly #values = new Map<string, string>();
  #left = MAX_EXPANDED;

  set(name: string, value: string): void {
    if (value.length <= MAX_VALUE) this.#values.set(name, value);
    else this.#values.delete(name);
  }

  get(name: string): string | undefined {
    const value = this.#values.get(name);
    this.#left -= value?.length ?? 0;
    return this.#left < 0 ? undefined : value;
  }
}
