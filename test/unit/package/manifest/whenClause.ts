/** What context keys are: absent ones are undefined. */
export type Context = Readonly<Record<string, string | boolean | undefined>>;

const TOKEN = /\s*(\/(?:\\.|[^/\\])+\/[a-z]*|\(|\)|&&|\|\||!=|==|=~|!|'[^']*'|[^\s()!=&|]+)/y;

/**
 * A `when` clause, as VS Code reads it: as much of its grammar as this extension uses.
 * @throws Error for what it does not understand
 */
export class WhenClause {
  /** The context keys that it reads. */
  readonly keys = new Set<string>();
  /** The regular expressions that it tests a key with. */
  readonly patterns: { readonly key: string; readonly pattern: RegExp }[] = [];
  readonly #tokens: readonly string[];
  readonly #test: (context: Context) => boolean;
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
    this.#test = this.#any();
    if (this.#next < this.#tokens.length) throw new Error(`${text}: what is ${this.#tokens[this.#next]}?`);
  }

  isTrue(context: Context): boolean {
    return this.#test(context);
  }

  #any(): (context: Context) => boolean {
    const parts = [this.#all()];
    while (this.#take('||')) parts.push(this.#all());
    return (context) => parts.some((part) => part(context));
  }

  #all(): (context: Context) => boolean {
    const parts = [this.#one()];
    while (this.#take('&&')) parts.push(this.#one());
    return (context) => parts.every((part) => part(context));
  }

  #one(): (context: Context) => boolean {
    if (this.#take('!')) {
      const negated = this.#one();
      return (context) => !negated(context);
    }
    if (this.#take('(')) {
      const inner = this.#any();
      if (!this.#take(')')) throw new Error('A bracket is missing');
      return inner;
    }
    return this.#comparison();
  }

  #comparison(): (context: Context) => boolean {
    const key = this.#word();
    if (key === 'true' || key === 'false') return () => key === 'true';
    this.keys.add(key);
    if (this.#take('=~')) {
      const [, source = '', flags = ''] = /^\/(.*)\/([a-z]*)$/.exec(this.#word()) ?? [];
      const pattern = new RegExp(source, flags);
      this.patterns.push({ key, pattern });
      return (context) => pattern.test(String(context[key] ?? ''));
    }
    if (this.#take('==')) {
      const value = this.#word();
      return (context) => String(context[key]) === value;
    }
    if (this.#take('!=')) {
      const value = this.#word();
      return (context) => String(context[key]) !== value;
    }
    if (this.#take('in')) {
      const list = this.#word();
      this.keys.add(list);
      return (context) => context[list] === true;
    }
    return (context) => context[key] !== undefined && context[key] !== false && context[key] !== '';
  }

  #word(): string {
    const word = this.#tokens[this.#next++];
    if (word === undefined) throw new Error('The clause ends too early');
    return word.replace(/^'(.*)'$/, '$1');
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#next] !== token) return false;
    this.#next++;
    return true;
  }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const found = TOKEN.exec(text)?.[1];
    if (found === undefined) throw new Error(`${text} cannot be read`);
    tokens.push(found);
  }
  return tokens;
}
