/** Limit of a text in characters; a longer one is cut in its middle, so that its beginning and its end stay visible. */
const MAX_LENGTH = 800;
const KEPT_END = 300;
/** Limit of the lines of a question's details and of a tooltip. */
const MAX_LINES = 40;

/** Character without width (U+2060) that separates the characters of `](` and `$(`. */
const JOINER = '\u2060';
/**
 * Control characters, line separators, characters that change the direction of writing, and all other characters
 * without a shape of their own; but not the joiner that `inert` inserts, and not the parts of an emoji.
 */
export const INVISIBLE =
  /(?!(?<=[\]$])\u2060\()(?!(?<=\p{Emoji})[\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` };

/**
 * Prepares a text for one line where VS Code shows plain text: invisible characters become escapes, and a long text is
 * cut.
 */
export function literal(text: string, most = MAX_LENGTH): string {
  const end = Math.min(KEPT_END, Math.floor(most / 3));
  const cut = text.length <= most ? text : `${text.slice(0, most - end - 1)}…${text.slice(-end)}`;
  return cut.replaceAll(INVISIBLE, (character) => NAMED[character] ?? escaped(character.codePointAt(0) ?? 0));
}

/**
 * Prepares a text for a place where VS Code looks for `[label](address)` or `$(icon)`. The result looks the same, but
 * contains neither a link nor an icon.
 */
export function inert(text: string, most?: number): string {
  return literal(text, most).replaceAll(/(?<=[\]$])\(/g, `${JOINER}(`);
}

/** Prepares a name from elsewhere, such as a connection's, for a sentence, short enough that the rest stays visible. */
export function name(text: string): string {
  return literal(text, 80);
}

/** Prepares a text as the name of a document, which VS Code shows in its tab: one segment of a path. */
export function documentName(text: string): string {
  return literal(text, 200).replaceAll('/', '∕');
}

/** Prepares several lines; each text stays one line, whatever it contains. */
export function lines(text: string | readonly string[]): string[] {
  const all = (typeof text === 'string' ? [text] : text).map((line) => literal(line));
  return all.length <= MAX_LINES ? all : [...all.slice(0, MAX_LINES), '…'];
}

/** Writes a character as an escape of JavaScript. */
export function escaped(code: number): string {
  return code > 0xff_ff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
