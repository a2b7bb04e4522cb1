import { withoutEscapes } from './matchText.ts';
import { escapeRegExp, notBeginningWith } from './regexPattern.ts';

// See docs/contributing/decisions/search.md

/** A glob as a regular expression. */
export interface GlobPattern {
  /** Source for the flags `s` and `u`; not anchored. */
  readonly source: string;
  /** Text that every match begins with. */
  readonly beginning: string;
}

const SET = /^\[([!^]?)(\]?(?:\\.|[^\]\\])+|\])\]/su;

/** Whether a text has characters of globs. */
export function looksLikeGlob(text: string): boolean {
  if (/[*?]/.test(text)) return true;
  let set = -1;
  let choice: 'none' | 'open' | 'comma' = 'none';
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '[' && set < 0) set = at;
    else if (character === ']') {
      if (set >= 0 && at > set + 1) return true;
      set = -1;
    } else if (character === '{' && choice === 'none') choice = 'open';
    else if (character === ',' && choice === 'open') choice = 'comma';
    else if (character === '}') {
      if (choice === 'comma') return true;
      choice = 'none';
    }
  }
  return false;
}

/**
 * Translates a glob. `*` and `?` match characters of one segment, `**` matches any; `[a-z]`, `[!a-z]`, `{a,b}` and
 * backslash escapes work as in a shell. Segments of keys are not file names: empty ones, `.`, `..` and names that begin
 * with a dot are like all others.
 * @param separators texts between a key's segments; without any, a key is one segment
 */
export function globPattern(glob: string, separators: readonly string[]): GlobPattern {
  // Turns an `\xhh` of key text into its character, escaped.
  const plain = withoutEscapes(glob, (characters) => characters.replaceAll(/./gsu, '\\$&'));
  return new GlobReader(plain, separators).read();
}

class GlobReader {
  readonly #glob: string;
  readonly #separators: readonly string[];
  /** Matches one character that does not begin a separator. */
  readonly #inSegment: string;
  #at = 0;
  #source = '';
  #beginning = '';
  #isFixed = true;

  constructor(glob: string, separators: readonly string[]) {
    this.#glob = glob;
    this.#separators = separators;
    // A set is several times faster than a lookahead.
    this.#inSegment = separators.every((each) => each.length === 1)
      ? `[^${separators.map((each) => each.replace(/[\\\]^-]/, '\\$&')).join('')}]`
      : `${notBeginningWith(separators)}.`;
  }

  read(): GlobPattern {
    while (this.#at < this.#glob.length) this.#readNext();
    return { source: this.#source, beginning: this.#beginning };
  }

  #readNext(): void {
    const rest = this.#glob.slice(this.#at);
    if (rest.startsWith('**')) return this.#addStars(rest);
    if (rest.startsWith('*')) return this.#add(`(?:${this.#inSegment})*`, 1);
    if (rest.startsWith('?')) return this.#add(this.#inSegment, 1);
    if (rest.startsWith('\\') && rest.length > 1) return this.#addText(firstCharacter(rest.slice(1)), 1);
    const [whole, negation, characters] = SET.exec(rest) ?? [];
    if (whole && characters) return this.#addSet(negation !== '', characters, whole.length);
    const choice = rest.startsWith('{') ? choiceOf(rest) : undefined;
    if (!choice) return this.#addText(firstCharacter(rest), 0);
    const sources = choice.texts.map((text) => new GlobReader(text, this.#separators).read().source);
    this.#add(`(?:${sources.join('|')})`, choice.length);
  }

  /** Adds two stars: between separators they match any number of segments, including none. */
  #addStars(rest: string): void {
    const stars = /^\*+/.exec(rest)?.[0].length ?? 0;
    const before = this.#glob.slice(0, this.#at);
    const separator = this.#separators.find((each) => rest.startsWith(each, stars));
    const isSegment = before === '' || this.#separators.some((each) => before.endsWith(each));
    if (isSegment && separator !== undefined)
      this.#add(`(?:.*(?:${this.#separators.map(escapeRegExp).join('|')}))?`, stars + separator.length);
    else this.#add('.*', stars);
  }

  #addSet(isNegated: boolean, characters: string, length: number): void {
    this.#add(`${notBeginningWith(this.#separators)}[${isNegated ? '^' : ''}${setSource(characters)}]`, length);
  }

  #add(source: string, length: number): void {
    this.#source += source;
    this.#at += length;
    this.#isFixed = false;
  }

  #addText(text: string, skipped: number): void {
    this.#source += escapeRegExp(text);
    this.#at += skipped + text.length;
    if (this.#isFixed) this.#beginning += text;
  }
}

/** Translates a set's characters; a range that runs backwards means its three characters. */
function setSource(characters: string): string {
  const parts = characters.match(/\\.|./gsu) ?? [];
  return parts
    .map((part, index) => {
      const [before, after] = [parts[index - 1], parts[index + 1]].map(unescaped);
      const isRange = part === '-' && before !== undefined && after !== undefined && before <= after;
      return isRange ? '-' : unescaped(part)?.replace(/[\\\]^-]/, '\\$&');
    })
    .join('');
}

function unescaped(part: string | undefined): string | undefined {
  return part !== undefined && part.length > 1 && part.startsWith('\\') ? part.slice(1) : part;
}

/**
 * Reads the alternatives of a `{a,b}`, which may nest, at the beginning of a glob; undefined without a comma or an end.
 */
function choiceOf(glob: string): { readonly texts: string[]; readonly length: number } | undefined {
  const texts: string[] = [];
  let depth = 0;
  let start = 1;
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at];
    if (character === '\\') at++;
    else if (character === '{') depth++;
    else if (character === ',' && depth === 1) {
      texts.push(glob.slice(start, at));
      start = at + 1;
    } else if (character === '}' && --depth === 0) {
      if (texts.length === 0) return undefined;
      texts.push(glob.slice(start, at));
      return { texts, length: at + 1 };
    }
  }
  return undefined;
}

function firstCharacter(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}
