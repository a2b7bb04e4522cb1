/**
 * A key as a "binary" string, one character (U+0000 to U+00FF) per byte: `<` on such strings is etcd's key order, and
 * they serve as map keys and in regular expressions.
 */
export function toBinaryKey(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

export function fromBinaryKey(binary: string): Uint8Array {
  return new Uint8Array(Buffer.from(binary, 'latin1'));
}
