import { commandMark, variableMark } from './marks.ts';

export type Shell = 'posix' | 'powershell' | 'cmd';

const ESCAPE: Readonly<Record<Shell, string>> = { posix: '\\', powershell: '`', cmd: '^' };
const ANSI: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  v: '\v',
};
const VARIABLE: Readonly<Record<Shell, RegExp>> = {
  posix: /\$(?:\{(\w{1,100})(?::?[-=?+]([^}\n]{0,2000}))?\}|(\w{1,100}|[@*?!]))/y,
  powershell: /\$(?:\{(?:env:)?(\w{1,100})()\}|(?:env:)?([A-Za-z_]\w{0,99}))/iy,
  cmd: /%(?![\dA-F]{2}%)([A-Z_][A-Z0-9_]{1,99})()%/y,
};

/**
 * Reads the commands in a text as their words, in linear time. Runs nothing, and expands only the variables that
 * `lookUp` knows; anything else that a shell would compute becomes a mark.
 * @param take called with each command before the next one is read, so that `lookUp` can know its assignments
 * @returns false if a quotation mark is not closed
 */
export function splitCommands(
  text: string,
  shell: Shell,
  lookUp: (name: string) => string | undefined,
  take: (words: readonly string[]) => void,
): boolean {
  return new Lexer(text, shell, lookUp, take).read();
}

class Lexer {
  readonly #text: string;
  readonly #shell: Shell;
  readonly #lookUp: (name: string) => string | undefined;
  readonly #take: (words: readonly string[]) => void;
  #words: string[] = [];
  #at = 0;
  #word: string | undefined;
  /** False once no backtick follows: looking for the partner of each one again would take quadratic time. */
  #hasBackticks = true;

  constructor(
    text: string,
    shell: Shell,
    lookUp: (name: string) => string | undefined,
    take: (words: readonly string[]) => void,
  ) {
    this.#text = text;
    this.#shell = shell;
    this.#lookUp = lookUp;
    this.#take = take;
  }

  read(): boolean {
    while (this.#at < this.#text.length) {
      const sign = this.#text.charAt(this.#at);
      if (sign === '\n') this.#endCommand(1);
      else if (/\s/.test(sign)) this.#endWord(1);
      else if (sign === '#' && this.#word === undefined && this.#shell !== 'cmd') this.#skipLine();
      else if (sign === '"' || (sign === "'" && this.#shell !== 'cmd')) {
        if (!this.#quoted(sign)) return false;
      } else if (sign === ';' && this.#shell !== 'cmd') this.#endCommand(1);
      else if (sign === '|') this.#endCommand(1);
      else if (sign === '&' && this.#isOperator()) this.#endCommand(1);
      else if (sign === ESCAPE[this.#shell]) this.#escaped();
      else if (!this.#takeExpansion()) this.#add(sign, 1);
    }
    this.#endCommand(0);
    return true;
  }

  /** Whether an operator follows. An `&` inside a word is more often part of a URL than an operator. */
  #isOperator(): boolean {
    const next = this.#text.charAt(this.#at + 1);
    return this.#word === undefined || next === '&' || next === '' || /\s/.test(next);
  }

  #add(text: string, length: number): void {
    this.#word = (this.#word ?? '') + text;
    this.#at += length;
  }

  #endWord(length: number): void {
    if (this.#word !== undefined) this.#words.push(this.#word);
    this.#word = undefined;
    this.#at += length;
  }

  #endCommand(length: number): void {
    this.#endWord(length);
    if (this.#words.length > 0) this.#take(this.#words);
    this.#words = [];
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  /** Takes a backslash. Before a letter it escapes nothing, because it is part of a Windows path. */
  #escaped(): void {
    const next = this.#text.charAt(this.#at + 1);
    if (next === '\n') this.#at += 2;
    else if (this.#shell !== 'posix') this.#add(next, 2);
    else if (next === '\\' && this.#word === undefined && /\w/.test(this.#text.charAt(this.#at + 2)))
      this.#add('\\\\', 2);
    else if (next === '' || /[\w.]/.test(next)) this.#add('\\', 1);
    else this.#add(next, 2);
  }

  /** Takes a quoted text; returns false if the closing mark is missing. */
  #quoted(quote: string): boolean {
    const isAnsi = quote === "'" && this.#word?.endsWith(DOLLAR) === true && this.#shell === 'posix';
    this.#word = isAnsi ? (this.#word ?? '').slice(0, -1) : (this.#word ?? '');
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const sign = this.#text.charAt(this.#at);
      const next = this.#text.charAt(this.#at + 1);
      if (sign === quote && next === quote && this.#shell === 'powershell') this.#add(quote, 2);
      else if (sign === quote) {
        this.#at += 1;
        return true;
      } else if (isAnsi && sign === '\\') this.#add(ANSI[next] ?? next, 2);
      else if (quote === "'") this.#add(sign, 1);
      else if (sign === '\\' && (next === '"' || (this.#shell === 'posix' && '\\$`'.includes(next) && next !== '')))
        this.#add(next, 2);
      else if (sign === '\\' && next === '\n' && this.#shell === 'posix') this.#at += 2;
      else if (sign === '`' && this.#shell === 'powershell') this.#add(next, 2);
      else if (!this.#takeExpansion()) this.#add(sign, 1);
    }
    return false;
  }

  #takeExpansion(): boolean {
    const sign = this.#text.charAt(this.#at);
    if (sign === '`' && this.#shell === 'posix') return this.#takeBackticks();
    if (sign === '$' && this.#shell !== 'cmd' && this.#text.charAt(this.#at + 1) === '(')
      return this.#takeSubstitution();
    if (sign !== (this.#shell === 'cmd' ? '%' : '$')) return false;
    const pattern = VARIABLE[this.#shell];
    pattern.lastIndex = this.#at;
    const [all, braced, fallback, bare] = pattern.exec(this.#text) ?? [];
    const name = braced ?? bare;
    if (all === undefined || name === undefined) return false;
    this.#add(this.#lookUp(name) ?? (fallback || variableMark(name)), all.length);
    return true;
  }

  #takeBackticks(): boolean {
    const end = this.#hasBackticks ? this.#text.indexOf('`', this.#at + 1) : -1;
    this.#hasBackticks = end >= 0;
    if (end < 0) return false;
    this.#add(commandMark(this.#text.slice(this.#at + 1, end)), end + 1 - this.#at);
    return true;
  }

  #takeSubstitution(): boolean {
    const start = this.#at + 2;
    const limit = Math.min(this.#text.length, start + MAX_SUBSTITUTION);
    let depth = 1;
    let end = start;
    for (; end < limit && depth > 0; end++) {
      if (this.#text.charAt(end) === '(') depth++;
      else if (this.#text.charAt(end) === ')') depth--;
    }
    const stop = depth === 0 ? end : this.#text.length;
    this.#add(commandMark(this.#text.slice(start, depth === 0 ? end - 1 : stop)), stop - this.#at);
    return true;
  }
}

const DOLLAR = '$';
const MAX_SUBSTITUTION = 4000;
