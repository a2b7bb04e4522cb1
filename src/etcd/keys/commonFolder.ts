import type { Hierarchy } from './hierarchy.ts';

/** Returns the prefix of the innermost folder that contains, or is, every path; empty for the root. */
export function commonFolder(hierarchy: Hierarchy, paths: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array(), ...others] = paths;
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < length && first[same] === other[same]) same++;
    length = same;
  }
  return hierarchy.folderOf(first.subarray(0, length));
}
