/** Where downloads are kept: `etcd-vscode` in the user's cache folder (`XDG_CACHE_HOME` decides on every platform). */
export function cacheRoot(): string;

/** The path of a finished folder of the cache, or undefined. */
export function cachedFolderIfThere(name: string): string | undefined;

/**
 * The path of the cache folder `name`, made first if it is not there. Its name is the stamp: a folder that exists is complete,
 * since `make` fills a temporary one beside it, which one rename then puts in place. Runs at the same time all succeed.
 */
export function cachedFolder(name: string, make: (temporary: string) => Promise<void>): Promise<string>;
