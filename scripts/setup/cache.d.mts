/**
 * Returns the folder of downloads: `etcd-vscode` in the user's cache folder, which `XDG_CACHE_HOME` sets on every
 * platform.
 */
export function cacheRoot(): string;

/** Returns the path of a finished folder of the cache, or undefined. */
export function cachedFolderIfThere(name: string): string | undefined;

/**
 * Returns the path of the cache folder `name`, and makes the folder first if it does not exist. An existing folder is
 * complete, because `make` fills a temporary one that is then renamed. Parallel calls all succeed.
 */
export function cachedFolder(name: string, make: (temporary: string) => Promise<void>): Promise<string>;
