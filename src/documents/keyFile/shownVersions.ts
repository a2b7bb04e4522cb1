/**
 * The versions of a key that the user was shown beside unsaved text. If someone else has changed the key, VS Code says
 * so and offers Overwrite. By the time the user chooses that, the key may have changed again, but only a version that
 * was shown may be overwritten.
 */
export class ShownVersions {
  readonly #shown = new Set<bigint>();
  #asked: bigint | undefined;

  /**
   * Records that a save compares with this version: VS Code then writes immediately, or asks about exactly this
   * version.
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

  /** Forgets all versions, once there is no unsaved text. */
  clear(): void {
    this.#shown.clear();
    this.#asked = undefined;
  }
}
