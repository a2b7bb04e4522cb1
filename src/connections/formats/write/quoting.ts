import { quote } from 'shlex';

// See docs/contributing/decisions/foreign-text.md

/** Writes a text as one word of a POSIX shell, which expands nothing in it. */
export function shellWord(text: string): string {
  return quote(text);
}

/**
 * Writes a shell's here-document, from `<<` on, which expands nothing and cannot end before the text does.
 * @param text without its last line feed
 */
export function hereDocument(text: string): string {
  const lines = new Set(text.split('\n'));
  let terminator = 'EOF';
  for (let number = 2; lines.has(terminator); number++) terminator = `EOF${number}`;
  return `<<'${terminator}'\n${text}\n${terminator}`;
}

/** Text that Go's raw literals can contain: they have no escapes or backquotes, and drop carriage returns. */
const RAW = /^[\n -_a-~]*$/;

/** Writes a Go string literal, which etcdctl reads too: raw for lines of plain text, otherwise interpreted. */
export function goString(text: string): string {
  if (text.includes('\n') && RAW.test(text)) return `\`${text}\``;
  const escaped = text.toWellFormed().replaceAll(/["\\]|(?! )[\p{C}\p{Z}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === '\\') return `\\${character}`;
    return code > 0xff_ff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
  return `"${escaped}"`;
}

/** Writes bytes as a Go string literal of ASCII. */
export function goBytes(bytes: Uint8Array): string {
  const escaped = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w/.:, =+-]/.test(character) ? character : `\\x${hex(byte, 2)}`;
  });
  return `"${escaped.join('')}"`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
