/**
 * Converts a key to a "binary" string, with one character (U+0000 to U+00FF) per byte. `<` orders such strings as etcd
 * orders keys, and they can be map keys and be matched by regular expressions.
 */
export function toBinaryKey(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

export function fromBinaryKey(binary: string): Uint8Array {
  return new Uint8Array(Buffer.from(binary, 'latin1'));
}
