/** Returns the source of a regular expression that matches exactly this text, with or without the flag `u`. */
export function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Returns the source of a negative lookahead for the texts. */
export function notBeginningWith(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `(?!${texts.map(escapeRegExp).join('|')})`;
}

/**
 * Returns the text that every match of a regular expression begins with: the literal characters after `^`. Empty
 * without `^`, or if an alternative could begin differently.
 */
export function regexBeginning(source: string): string {
  if (!source.startsWith('^') || hasOuterChoice(source)) return '';
  let beginning = '';
  for (const [, escaped, plain, quantifier] of source
    .slice(1)
    .matchAll(/(?:\\([^\p{L}\p{N}\s])|([^\\^$.*+?()[\]{}|]))([*?{]?)|[\s\S]/gu)) {
    const character = escaped ?? plain;
    // An optional character says nothing.
    if (character === undefined || quantifier) return beginning;
    beginning += character;
  }
  return beginning;
}

/** Whether a `|` is outside of all groups and sets. */
function hasOuterChoice(source: string): boolean {
  let depth = 0;
  for (const [part] of source.matchAll(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|[()|]/g)) {
    if (part === '(') depth++;
    if (part === ')') depth--;
    if (part === '|' && depth === 0) return true;
  }
  return false;
}

/** Returns the beginning of a text up to its first letter with another case. */
export function caselessBeginning(text: string): string {
  let end = 0;
  for (const character of text) {
    if (character.toLowerCase() !== character.toUpperCase()) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/**
 * Returns the beginning of a `matchText` up to its first character that may also represent a byte that is not UTF-8.
 */
export function unambiguousBeginning(text: string): string {
  return /^[^\x80-\xff]*/.exec(text)?.[0] ?? '';
}
