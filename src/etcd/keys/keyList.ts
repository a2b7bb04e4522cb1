import type { KeyList } from '../keyStore.ts';

/** Wraps existing keys as a `KeyList`, whose other implementations decode keys on demand. */
export function keyList(keys: readonly Uint8Array[]): KeyList {
  const key = (index: number): Uint8Array => {
    const found = keys[index];
    if (!found) throw new RangeError(`There is no key ${index}.`);
    return found;
  };
  return { length: keys.length, key, text: (index) => Buffer.from(key(index)).toString() };
}
