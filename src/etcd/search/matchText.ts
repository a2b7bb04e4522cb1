import { isUtf8 } from 'node:buffer';
import type { KeyList } from '../keyStore.ts';
import { keyText, KeyTextError, parseKeyText } from '../keys/keyText.ts';

const escapes = /\\\\|(?:\\x[\da-f]{2})+/gi;

/**
 * Returns the text that patterns are matched against: the key's own characters. Bytes that are not UTF-8 become U+0080
 * to U+00FF, so that the regular expression `\xff` finds the byte that `keyText` shows as `\xff`.
 */
export function matchText(key: Uint8Array): string {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  return isUtf8(bytes) ? bytes.toString('utf8') : withoutEscapes(keyText(key));
}

/** Returns `matchText` of a key in a list. */
export function listedMatchText(keys: KeyList, index: number): string {
  const text = keys.text(index);
  // Bytes that are not UTF-8 were decoded to this character, which may also be in the key itself.
  return text.includes('\ufffd') ? matchText(keys.key(index)) : text;
}

/** Returns what a typed or pasted text means in `matchText`: decoded if it is key text, otherwise unchanged. */
export function typedText(typed: string): string {
  try {
    return matchText(parseKeyText(typed));
  } catch (error) {
    if (error instanceof KeyTextError) return typed;
    throw error;
  }
}

/** Replaces the escapes of key text by their characters. @param escape applied to each result */
export function withoutEscapes(text: string, escape = (characters: string) => characters): string {
  return text.replace(escapes, (run) => {
    if (run === '\\\\') return escape('\\');
    const bytes = Buffer.from(run.replaceAll(/\\x/gi, ''), 'hex');
    return escape(bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1'));
  });
}
