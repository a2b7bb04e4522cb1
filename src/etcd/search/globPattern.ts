import { withoutEscapes } from './matchText.ts';
import { escapeRegExp, notBeginningWith } from './regexPattern.ts';

/** A glob as a regular expression. */
export interface GlobPattern {
  /** For the flags `s` and `u`; not anchored. */
  readonly source: string;
  /** What every match begins with. */
  readonly beginning: string;
}

const SET = /^\[([!^]?)(\]?(?:\\.|[^\]\\])+|\])\]/su;

/** Whether a glob's signs are in a text. */
export function looksLikeGlob(text: string): boolean {
  return /[*?]|\[[^\]]+\]|\{[^}]*,[^}]*\}/.test(text);
}

/**
 * `*` and `?` stand for characters of one segment, `**` for any; `[a-z]`, `[!a-z]`, `{a,b}` and escapes by a backslash are as in
 * a shell. Segments of keys are no file names: empty ones, `.`, `..` and names that begin with a dot are like all others.
 * @param separators texts between a key's segments; without any, a key is one segment
 */
export function globPattern(glob: string, separators: readonly string[]): GlobPattern {
  // An `\xhh` of key text becomes its character, escaped.
  const plain = withoutEscapes(glob, (characters) => characters.replaceAll(/./gsu, '\\$&'));
  return new GlobReader(plain, separators).read();
}

class GlobReader {
  readonly #glob: string;
  readonly #separators: readonly string[];
  /** One character that begins no separator. */
  readonly #inSegment: string;
  #at = 0;
  #source = '';
  #beginning = '';
  #isFixed = true;

  constructor(glob: string, separators: readonly string[]) {
    this.#glob = glob;
    this.#separators = separators;
    // The set is several times faster.
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

  /** Two stars between separators stand for any number of segments, also for none. */
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

/** The set's characters for a regular expression's; a range that runs backwards is its three characters. */
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

/** The texts of `{a,b}` at the beginning of a glob, which may nest; none where it has no comma or no end. */
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
