import * as l10n from '@vscode/l10n';
import { fromBinaryKey, toBinaryKey } from './binaryKey.ts';

// See docs/contributing/decisions/keys.md

/** Thrown for a text that is not key text. The message names the escape and its position, counted from 1. */
export class KeyTextError extends Error {
  override readonly name = 'KeyTextError';
}

/** Matches in a binary string: a backslash, a well-formed UTF-8 sequence of several bytes, or a byte outside of one. */
const backslashOrHighBytes = new RegExp(
  [
    String.raw`\\`,
    String.raw`([\xc2-\xdf][\x80-\xbf]`,
    String.raw`\xe0[\xa0-\xbf][\x80-\xbf]`,
    String.raw`[\xe1-\xec\xee\xef][\x80-\xbf]{2}`,
    String.raw`\xed[\x80-\x9f][\x80-\xbf]`,
    String.raw`\xf0[\x90-\xbf][\x80-\xbf]{2}`,
    String.raw`[\xf1-\xf3][\x80-\xbf]{3}`,
    String.raw`\xf4[\x80-\x8f][\x80-\xbf]{2})`,
    String.raw`[\x80-\xff]`,
  ].join('|'),
  'g',
);
/** Matches keys that equal their text: printable ASCII without backslashes. */
const plain = /^[ -[\]-~]*$/;
const unprintable = /(?! )[\p{C}\p{Z}]/gu;
const escapeOrLoneSurrogate = /\\(?:x.{0,2}|.?)|\p{Surrogate}/gsu;
const escape = /\\(?:\\|x([\da-fA-F]{2}))/g;

/**
 * Converts a key to its one text form, which ids, URIs and messages use. Printable UTF-8 and plain spaces stay, a
 * backslash is doubled, and every other byte becomes `\xhh`. Different keys have different texts; `parseKeyText` is the
 * inverse.
 */
export function keyText(key: Uint8Array): string {
  const binary = toBinaryKey(key);
  if (plain.test(binary)) return binary;
  const wellFormed = binary.replace(backslashOrHighBytes, (part, sequence?: string) =>
    part === '\\' ? '\\\\' : (sequence ?? escaped(part)),
  );
  return Buffer.from(wellFormed, 'latin1')
    .toString('utf8')
    .replace(unprintable, (character) => escaped(Buffer.from(character, 'utf8').toString('latin1')));
}

/**
 * Converts a key text to its key; also accepts escapes that `keyText` would not write (`\x61`, `\xFF`).
 * @throws KeyTextError if a backslash does not begin an escape, or the text has half of a surrogate pair
 */
export function parseKeyText(text: string): Uint8Array {
  for (const { 0: part, index } of text.matchAll(escapeOrLoneSurrogate)) {
    if (!part.startsWith('\\')) {
      throw new KeyTextError(l10n.t('Half of a surrogate pair at position {0} stands for no character.', index + 1));
    }
    if (part !== '\\\\' && !/^\\x[\da-fA-F]{2}$/.test(part)) {
      throw new KeyTextError(
        l10n.t(
          'The escape {0} at position {1} is not one of \\\\ and \\x with two hexadecimal digits.',
          part,
          index + 1,
        ),
      );
    }
  }
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return fromBinaryKey(
    bytes.replace(escape, (_, digits?: string) => (digits ? String.fromCharCode(parseInt(digits, 16)) : '\\')),
  );
}

/** Explains why a typed text is not key text; undefined if it is. */
export function keyTextProblem(text: string): string | undefined {
  try {
    parseKeyText(text);
    return undefined;
  } catch (error) {
    if (error instanceof KeyTextError) return error.message;
    throw error;
  }
}

/** Converts a text from a setting or a link, which anyone may have written; undefined if it is not key text. */
export function keyOfText(text: string): Uint8Array | undefined {
  try {
    return parseKeyText(text);
  } catch (error) {
    if (error instanceof KeyTextError) return undefined;
    throw error;
  }
}

function escaped(binary: string): string {
  return Buffer.from(binary, 'latin1')
    .toString('hex')
    .replace(/../g, String.raw`\x$&`);
}
