import { toBinaryKey } from './binaryKey.ts';
import type { Hierarchy } from './hierarchy.ts';

const DOT = 0x2e;

/** The last segment of a key or a folder, with the separator at a folder's end; empty for the folder `/` that all keys lie in. */
export function lastName(path: Uint8Array, hierarchy: Hierarchy): Uint8Array {
  const parent = hierarchy.parentOf(path);
  return parent.length === 0 && leadingSeparator(path, hierarchy) === path.length
    ? new Uint8Array()
    : path.subarray(parent.length);
}

/** How many bytes of separator a path begins with. */
export function leadingSeparator(path: Uint8Array, hierarchy: Hierarchy): number {
  const first = hierarchy.segmentEnd(toBinaryKey(path), 0);
  return first?.name === 0 ? first.separator : 0;
}

/** A name beside that of a key or a folder: `app copy.json`, then `app copy 2.json`. */
export function copyName(path: Uint8Array, hierarchy: Hierarchy, attempt: number): Uint8Array {
  const start = hierarchy.parentOf(path).length;
  const end = hierarchy.isFolder(path)
    ? (hierarchy.segmentEnd(toBinaryKey(path), start)?.name ?? path.length)
    : extensionStart(path, start);
  const suffix = attempt === 1 ? ' copy' : ` copy ${attempt}`;
  return Buffer.concat([path.subarray(0, end), Buffer.from(suffix), path.subarray(end)]);
}

/** A dot at the beginning of a name begins no extension. */
function extensionStart(path: Uint8Array, nameStart: number): number {
  const dot = path.lastIndexOf(DOT);
  return dot > nameStart ? dot : path.length;
}
