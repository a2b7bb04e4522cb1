import type { Child, ChildListing } from '../keyStore.ts';

/** Number of folders, and of keys, that are offered. */
const OFFERED = 100;
/** Children requested at a time once there is something to show. */
const PAGE = 5000;
/** Children searched for folders; a level with only keys would never end the search. */
const MAX_LOOKED_AT = 100_000;

export interface Offer {
  /** Folders, then keys, each in key order. */
  readonly children: readonly Child[];
  /** False if something is left out. */
  readonly isAll: boolean;
}

/**
 * Yields the first children of a listing, folders before keys. The first offer comes with the first page. Each later
 * offer replaces the one before, with the folders found among the following keys.
 */
export async function* foldersFirst(listing: ChildListing, signal: AbortSignal): AsyncGenerator<Offer> {
  const folders: Child[] = [];
  const keys: Child[] = [];
  let lookedAt = 0;
  let isShort = false;
  for (let size = OFFERED; ; size = PAGE) {
    const { children, done } = await listing.next(size, signal);
    const before = folders.length;
    for (const child of children) {
      const offered = child.kind === 'folder' ? folders : keys;
      if (offered.length < OFFERED) offered.push(child);
      else isShort = true;
    }
    const isFirst = lookedAt === 0;
    lookedAt += children.length;
    const isLast = done || folders.length === OFFERED || lookedAt >= MAX_LOOKED_AT;
    if (isFirst || isLast || folders.length > before)
      yield { children: [...folders, ...keys], isAll: done && !isShort };
    if (isLast) return;
  }
}
