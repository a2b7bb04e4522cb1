/** Names that mean something else on some system. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
/** A file name has 255 bytes at most; longer segments go on in a folder within. */
const LONGEST = 200;
/** At the end of a folder's name: the name goes on with what is in it. */
const GOES_ON = '%+';
/** Stands for nothing: the name of an empty segment, and what tells a name apart from one that is taken. */
const NOTHING = '%_';
/** Before a number: which of the separators ends the segment, where it is not the first. */
const SEPARATOR = '%-';
/** Of what is no text: characters that each file system takes as they are, and tells apart. */
const SAFE = /[a-z\d_-]/;

/**
 * The names of one segment of a key, each in the folder before it: one mostly, several where it is too long for one. In them
 * `%` begins an escape: two hexadecimal digits for a byte.
 * @param separator which one ends the segment, where it is a folder's
 * @param attempt above 0, another way to write it, for where the name before is taken: by a key of the same name as the
 * folder, or on a file system that does not tell letters' cases apart
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

/** The segment that such names stand for, and which separator ends it where it is a folder's. */
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

/** True of a folder that holds the rest of its own name. */
export function goesOn(name: string): boolean {
  return name.endsWith(GOES_ON);
}

function plainName(text: string): string {
  const name = text.replaceAll(/[%/<>:"|?*\\\p{C}]|^ |[. ]$/gu, (character) =>
    [...Buffer.from(character)].map(escaped).join(''),
  );
  return RESERVED.test(text) ? escaped(text.charCodeAt(0)) + name.slice(1) : name;
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
  return [...found, part];
}

function escaped(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0').toUpperCase()}`;
}
