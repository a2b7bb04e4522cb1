/**
 * The versions of a key that the user was shown beside unsaved text. VS Code says that someone else was faster, and
 * offers Overwrite; by the time the user chooses it, the key may have changed again. Only what was shown may be
 * overwritten.
 */
export class ShownVersions {
  readonly #shown = new Set<bigint>();
  #asked: bigint | undefined;

  /**
   * Records that a save looks at this version: VS Code writes immediately after, or asks about exactly this version.
   */
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

  /** Forgets all, when there is no unsaved text any more. */
  clear(): void {
    this.#shown.clear();
    this.#asked = undefined;
  }
}
