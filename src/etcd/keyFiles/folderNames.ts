import { isLiveName } from './liveNames.ts';

/** Names that Windows reserves for devices. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
/** Longest name; longer segments continue in a folder inside. File systems allow 255 bytes. */
const LONGEST = 200;
/** Ends the name of a folder whose content continues the name. */
const GOES_ON = '%+';
/** Stands for nothing: the name of an empty segment, or a suffix that makes a name different from an existing one. */
const NOTHING = '%_';
/** Comes before the number of the separator that ends the segment; the first separator needs none. */
const SEPARATOR = '%-';
/** Characters that need no escape in segments that are not text: every file system accepts and distinguishes them. */
const SAFE = /[a-z\d_-]/;

/**
 * Returns the file names of one segment of a key, each inside the folder before it: usually one, several if the segment
 * is too long. In names, `%` begins an escape: two hexadecimal digits for a byte.
 * @param separator index of the separator that ends the segment, if it is a folder's
 * @param attempt above 0: another spelling, if the name before is taken, either by a key with the folder's name or
 * because the file system ignores case
 */
export function segmentNames(segment: Uint8Array, attempt = 0, separator = 0): readonly string[] {
  const ending = separator > 0 ? SEPARATOR + String(separator) : '';
  if (segment.length === 0) return [ending + NOTHING.repeat(attempt + 1)];
  const text = Buffer.from(segment.buffer, segment.byteOffset, segment.byteLength).toString('utf8');
  const isText = Buffer.compare(Buffer.from(text), segment) === 0 && text.normalize('NFC') === text;
  const another = ending + NOTHING.repeat(attempt);
  const plain = isText ? plainName(text) + another : undefined;
  if (plain !== undefined && Buffer.byteLength(plain) <= LONGEST) return [plain];
  const names = [...segment].map((byte) => {
    const character = String.fromCharCode(byte);
    return SAFE.test(character) ? character : escaped(byte);
  });
  return parts([...names, another]);
}

/** Returns the segment that such names stand for, and the index of its separator if it is a folder's. */
export function segmentOf(names: readonly string[]): { readonly segment: Uint8Array; readonly separator: number } {
  const whole = names
    .map((name) => (goesOn(name) ? name.slice(0, -GOES_ON.length) : name))
    .join('')
    .replaceAll(NOTHING, '');
  const [ending = '', digits] = /%-(\d+)$/.exec(whole) ?? [];
  const binary = Buffer.from(whole.slice(0, whole.length - ending.length), 'utf8').toString('latin1');
  const unescaped = binary.replaceAll(/%([\da-fA-F]{2})/g, (_, byte: string) =>
    String.fromCharCode(parseInt(byte, 16)),
  );
  return { segment: new Uint8Array(Buffer.from(unescaped, 'latin1')), separator: Number(digits ?? 0) };
}

/** Whether a folder's name is only a part, because the segment was too long: the names inside continue it. */
export function goesOn(name: string): boolean {
  return name.endsWith(GOES_ON);
}

function plainName(text: string): string {
  const name = text.replaceAll(/[%/<>:"|?*\\\p{C}]|^ |[. ]$/gu, (character) => escapedText(character));
  return isTaken(text) ? escapedStart(name) : name;
}

/** Whether a name has a special meaning for a system or a tool. */
function isTaken(text: string): boolean {
  return RESERVED.test(text) || isLiveName(text);
}

/** Escapes the first character of a name, unless the name begins with an escape. */
function escapedStart(name: string): string {
  return name.startsWith('%')
    ? name
    : escapedText(String.fromCodePoint(name.codePointAt(0) ?? 0)) + name.replace(/^./u, '');
}

function parts(names: readonly string[]): readonly string[] {
  const found: string[] = [];
  let part = '';
  for (const name of names) {
    if (part.length + name.length > LONGEST) {
      found.push(part + GOES_ON);
      part = '';
    }
    part += name;
  }
  return [...found, isTaken(part) ? escapedStart(part) : part];
}

function escapedText(text: string): string {
  return [...Buffer.from(text)].map(escaped).join('');
}

function escaped(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0').toUpperCase()}`;
}
