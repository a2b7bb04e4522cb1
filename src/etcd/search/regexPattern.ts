/** A text as the source of a regular expression that matches just it, with or without the flag `u`. */
export function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** A regular expression's source that looks ahead for none of the texts. */
export function notBeginningWith(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `(?!${texts.map(escapeRegExp).join('|')})`;
}

/**
 * The text that everything begins with that a regular expression can match: what stands between `^` and the first sign
 * of another meaning. Empty where there is none, or where a choice could begin otherwise.
 */
export function regexBeginning(source: string): string {
  if (!source.startsWith('^') || hasOuterChoice(source)) return '';
  let beginning = '';
  for (const [, escaped, plain, quantifier] of source
    .slice(1)
    .matchAll(/(?:\\([^\p{L}\p{N}\s])|([^\\^$.*+?()[\]{}|]))([*?{]?)|[\s\S]/gu)) {
    const character = escaped ?? plain;
    // Of a character that may be missing nothing is known.
    if (character === undefined || quantifier) return beginning;
    beginning += character;
  }
  return beginning;
}

/** Whether there is a `|` outside of all groups and sets. */
function hasOuterChoice(source: string): boolean {
  let depth = 0;
  for (const [part] of source.matchAll(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|[()|]/g)) {
    if (part === '(') depth++;
    if (part === ')') depth--;
    if (part === '|' && depth === 0) return true;
  }
  return false;
}

/** The beginning of a text up to its first letter that has another case. */
export function caselessBeginning(text: string): string {
  let end = 0;
  for (const character of text) {
    if (character.toLowerCase() !== character.toUpperCase()) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** A text of `matchText` up to its first character that may also stand for a byte that is no UTF-8. */
export function unambiguousBeginning(text: string): string {
  return /^[^\x80-\xff]*/.exec(text)?.[0] ?? '';
}
