/** What `stat` said of a document last. Nothing after a `stat` that failed. */
export type Told =
  | { readonly kind: 'key'; readonly modRevision: bigint; readonly text: boolean }
  /** There is no key, which `stat` called a missing file or, for the sake of unsaved text, a changed one. */
  | { readonly kind: 'absent'; readonly as: 'missing' | 'file' };

/** A modification time beyond all that were told before, whatever they were: later than any revision. */
const BEYOND = 2 ** 42;

/** What VS Code was told of one document, and by which modification times. */
export class ToldState {
  last: Told | undefined;
  #mtime = 0;
  #mtimeOf: bigint | 'absent' | undefined;

  /** @param before what was told before VS Code was closed, which it still knows */
  constructor(before?: { readonly modRevision: bigint; readonly mtime: number }) {
    if (before) [this.#mtime, this.#mtimeOf] = [before.mtime, before.modRevision];
  }

  /** Tells that the key is there; gives the modification time to say so with. */
  tellKey(modRevision: bigint, text: boolean): number {
    this.last = { kind: 'key', modRevision, text };
    return this.#advance(modRevision, modRevision);
  }

  /** Tells that the key is not there, as far as is known since `revision`; gives the modification time to say so with. */
  tellAbsent(as: 'missing' | 'file', revision: bigint): number {
    this.last = { kind: 'absent', as };
    return this.#advance('absent', revision);
  }

  /** The modification time that stands for a revision of the key. */
  mtimeOf(modRevision: bigint): number {
    return this.#mtimeOf === modRevision ? this.#mtime : Number(modRevision);
  }

  /** Lets the key seem changed once: nobody knows any more which version VS Code has. */
  doubt(): void {
    if (this.#mtime < BEYOND) [this.#mtime, this.#mtimeOf] = [BEYOND, undefined];
  }

  /**
   * Revisions serve as modification times. They never go back, not even where a cluster was restored from a backup, since
   * VS Code takes an older time for an unchanged file.
   */
  #advance(state: bigint | 'absent', revision: bigint): number {
    if (this.#mtimeOf !== state) this.#mtime = Math.max(Number(revision), this.#mtime + 1);
    this.#mtimeOf = state;
    return this.#mtime;
  }
}

/**
 * A size that no other state of the document has: the length plus a fraction made of the modification time. VS Code asks
 * before it overwrites a newer file only if the size changed too; it knows the size that it saw, which may be any earlier
 * one, and from before a restart.
 */
export function distinctSize(length: number, mtime: number): number {
  return length + ((mtime % 2 ** 27) + 1) / 2 ** 28;
}
