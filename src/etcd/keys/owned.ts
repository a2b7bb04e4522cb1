import type { KeyValue } from '../keyStore.ts';

// See docs/contributing/decisions/limits-and-memory.md

/**
 * Copies bytes into memory of their own. Parts of an answer share the answer's memory and keep all of it alive, so what
 * is kept must be copied.
 */
export function owned(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** Copies a text into memory of its own; a part of a long text would keep all of it alive. */
export function ownedText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** Copies a key and its value. @param key a copy of the key, if there is one already */
export function ownedKeyValue(kv: KeyValue, key = owned(kv.key)): KeyValue {
  return { ...kv, key, value: owned(kv.value) };
}
