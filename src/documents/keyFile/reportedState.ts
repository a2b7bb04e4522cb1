/** The result of the last `stat` of a document; nothing after a failed `stat`. */
export type Reported =
  | { readonly kind: 'key'; readonly modRevision: bigint; readonly text: boolean }
  /** There is no key. `stat` reported that as a missing file or, because of unsaved text, as a changed one. */
  | { readonly kind: 'absent'; readonly as: 'missing' | 'file' };

/** A modification time later than all reported before, and than any revision. */
const BEYOND = 2 ** 42;

/** The state of one document that VS Code was given, with its modification times. */
export class ReportedState {
  last: Reported | undefined;
  #mtime = 0;
  #mtimeOf: bigint | 'absent' | undefined;

  /** @param before what VS Code still knows from before it was closed */
  constructor(before?: { readonly modRevision: bigint; readonly mtime: number }) {
    if (before) [this.#mtime, this.#mtimeOf] = [before.mtime, before.modRevision];
  }

  /** Records that VS Code learns that the key exists. @returns the modification time to report */
  reportKey(modRevision: bigint, text: boolean): number {
    this.last = { kind: 'key', modRevision, text };
    return this.#advance(modRevision, modRevision);
  }

  /**
   * Records that VS Code learns that the key does not exist, known since `revision`.
   * @returns the modification time to report
   */
  reportAbsent(as: 'missing' | 'file', revision: bigint): number {
    this.last = { kind: 'absent', as };
    return this.#advance('absent', revision);
  }

  /** Returns the modification time for a revision of the key. */
  mtimeOf(modRevision: bigint): number {
    return this.#mtimeOf === modRevision ? this.#mtime : Number(modRevision);
  }

  /** Makes the key appear changed once, because it is unknown which version VS Code has. */
  doubt(): void {
    if (this.#mtime < BEYOND) [this.#mtime, this.#mtimeOf] = [BEYOND, undefined];
  }

  /** Makes the key appear changed at the next `stat`, so that VS Code reads it again. */
  renew(): void {
    this.#mtimeOf = undefined;
  }

  /**
   * Returns a modification time made from a revision. It never decreases, even if a cluster was restored from a backup,
   * because VS Code takes an older time for an unchanged file.
   */
  #advance(state: bigint | 'absent', revision: bigint): number {
    if (this.#mtimeOf !== state) this.#mtime = Math.max(Number(revision), this.#mtime + 1);
    this.#mtimeOf = state;
    return this.#mtime;
  }
}

/**
 * Returns a size that no other state of the document has: the length plus a fraction made from the modification time.
 * VS Code asks before it overwrites a newer file only if the size changed too, and the size that it knows may be any
 * earlier one, even from before a restart.
 */
export function distinctSize(length: number, mtime: number): number {
  return length + ((mtime % 2 ** 27) + 1) / 2 ** 28;
}
