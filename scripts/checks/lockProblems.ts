interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

/** One SHA-512 hash. A weaker one, or several to choose from, would accept other bytes. */
const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;

/**
 * Finds entries that let `npm ci` install bytes other than the locked ones, or that name the registry of one machine.
 * @param text package-lock.json
 * @returns a sentence for each problem
 */
export function lockProblems(text: string): string[] {
  const { packages }: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(text);
  return Object.entries(packages).flatMap(([path, entry]) => {
    // The project itself.
    if (path === '') return [];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (entry.link || entry.resolved !== undefined)
      return [`package-lock.json: ${path} names an address. Packages come from the registry that npm is set to.`];
    if (entry.integrity === undefined || !SHA512.test(entry.integrity))
      return [
        `package-lock.json: ${path} has no SHA-512 hash. Add the "integrity" that ` +
          `"npm view ${name}@${entry.version} dist.integrity" prints.`,
      ];
    return [];
  });
}
