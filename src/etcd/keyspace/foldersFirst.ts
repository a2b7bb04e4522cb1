import type { Child, ChildListing } from '../keyStore.ts';

/** So many folders, and so many keys, are offered. */
const OFFERED = 100;
/** Children that are asked for at a time once there is something to show. */
const PAGE = 5000;
/** Children that are looked at for folders among them; a level of keys side by side has none to find. */
const MOST_LOOKED_AT = 100_000;

export interface Offer {
  /** Folders, then keys, each in key order. */
  readonly children: readonly Child[];
  /** Whether nothing is left out. */
  readonly isAll: boolean;
}

/**
 * The first children of a listing, folders before keys. What the first page has comes at once; folders that are found among
 * the following keys come with the next offers, each of which takes the place of the one before.
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
    const isLast = done || folders.length === OFFERED || lookedAt >= MOST_LOOKED_AT;
    if (isFirst || isLast || folders.length > before)
      yield { children: [...folders, ...keys], isAll: done && !isShort };
    if (isLast) return;
  }
}
