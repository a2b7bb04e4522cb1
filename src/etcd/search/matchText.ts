import { isUtf8 } from 'node:buffer';
import type { KeyList } from '../keyStore.ts';
import { keyText, KeyTextError, parseKeyText } from '../keyspace/keyText.ts';

const escapes = /\\\\|(?:\\x[\da-f]{2})+/gi;

/**
 * The text that patterns are matched against: a key's own characters. Bytes that are no UTF-8 are the characters U+0080 to
 * U+00FF, so that the regular expression `\xff` finds the byte that `keyText` shows as `\xff`.
 */
export function matchText(key: Uint8Array): string {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  return isUtf8(bytes) ? bytes.toString('utf8') : withoutEscapes(keyText(key));
}

/** `matchText` of a key in a list. */
export function listedMatchText(keys: KeyList, index: number): string {
  const text = keys.text(index);
  // Whatever is no UTF-8 has become this character, which may also stand in the key itself.
  return text.includes('\ufffd') ? matchText(keys.key(index)) : text;
}

/** Text that a user typed or pasted, as what it stands for in `matchText`: key text where it is any, else just as it is. */
export function typedText(typed: string): string {
  try {
    return matchText(parseKeyText(typed));
  } catch (error) {
    if (error instanceof KeyTextError) return typed;
    throw error;
  }
}

/** Turns the escapes of key text into the characters that they stand for. @param escape made of each that results */
export function withoutEscapes(text: string, escape = (characters: string) => characters): string {
  return text.replace(escapes, (run) => {
    if (run === '\\\\') return escape('\\');
    const bytes = Buffer.from(run.replaceAll(/\\x/gi, ''), 'hex');
    return escape(bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1'));
  });
}
