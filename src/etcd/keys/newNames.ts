import { toBinaryKey } from './binaryKey.ts';
import type { Hierarchy } from './hierarchy.ts';

const DOT = 0x2e;

/**
 * Returns the last segment of a key or a folder, with a folder's separator; empty for the folder `/` that contains all
 * keys.
 */
export function lastName(path: Uint8Array, hierarchy: Hierarchy): Uint8Array {
  const parent = hierarchy.parentOf(path);
  return parent.length === 0 && leadingSeparator(path, hierarchy) === path.length
    ? new Uint8Array()
    : path.subarray(parent.length);
}

/** Returns the length in bytes of the separator at the beginning of a path. */
export function leadingSeparator(path: Uint8Array, hierarchy: Hierarchy): number {
  const first = hierarchy.segmentEnd(toBinaryKey(path), 0);
  return first?.name === 0 ? first.separator : 0;
}

/** Proposes a name beside that of a key or a folder: `app copy.json`, then `app copy 2.json`. */
export function copyName(path: Uint8Array, hierarchy: Hierarchy, attempt: number): Uint8Array {
  const start = hierarchy.parentOf(path).length;
  const end = hierarchy.isFolder(path)
    ? (hierarchy.segmentEnd(toBinaryKey(path), start)?.name ?? path.length)
    : extensionStart(path, start);
  const suffix = attempt === 1 ? ' copy' : ` copy ${attempt}`;
  return Buffer.concat([path.subarray(0, end), Buffer.from(suffix), path.subarray(end)]);
}

/** Returns where the extension begins; a dot at the beginning of a name does not begin one. */
function extensionStart(path: Uint8Array, nameStart: number): number {
  const dot = path.lastIndexOf(DOT);
  return dot > nameStart ? dot : path.length;
}
