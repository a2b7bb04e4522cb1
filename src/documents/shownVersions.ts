/**
 * The versions of a key that the user was shown beside unsaved text. VS Code says that somebody else was faster and offers
 * Overwrite; by the time that this is chosen the key may have changed again. Only what was shown may be overwritten.
 */
export class ShownVersions {
  readonly #shown = new Set<bigint>();
  #asked: bigint | undefined;

  /** A save looks at this version: VS Code writes right behind, or asks about exactly this version. */
  ask(modRevision: bigint): void {
    if (this.#asked !== undefined) this.#shown.add(this.#asked);
    this.#asked = modRevision;
  }

  show(modRevision: bigint): void {
    this.#shown.add(modRevision);
  }

  has(modRevision: bigint): boolean {
    return this.#shown.has(modRevision);
  }

  /** There is no unsaved text any more. */
  clear(): void {
    this.#shown.clear();
    this.#asked = undefined;
  }
}
