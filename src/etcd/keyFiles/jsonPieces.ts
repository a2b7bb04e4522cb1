/** What stands outside of the list is small; a file where it is not is none of ours. */
const LONGEST_OUTSIDE = 1024 * 1024;
const LIST_BEGINS = /"(keys|kvs)"\s*:\s*$/;

/** A part of a JSON text: what is around its list, as a text that parses, or some items of the list. */
export type JsonPiece =
  | { readonly kind: 'outside'; readonly text: string }
  | { readonly kind: 'items'; readonly list: string; readonly items: readonly unknown[] };

/**
 * Parses an object with one long list, `keys` or `kvs`, some items at a time: finds where items end, and leaves the rest to
 * `JSON.parse`, which is exact. (@streamparser/json was tried: it loses byte order marks within texts.)
 * @throws SyntaxError
 */
export class JsonPieces {
  readonly #found: JsonPiece[] = [];
  #outside = '';
  #list: string | undefined;
  /** Of the list, what is not parsed yet. */
  #pending = '';
  #hasItems = false;
  #depth = 0;
  #inString = false;
  #skip = 0;

  /** The pieces that this text completes. */
  add(text: string): readonly JsonPiece[] {
    const marks = /["\\[\]{},]/g;
    marks.lastIndex = this.#skip;
    let start = 0;
    let comma = -1;
    for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
      const [character] = mark;
      const { index } = mark;
      if (this.#inString) {
        if (character === '\\') marks.lastIndex = index + 2;
        else if (character === '"') this.#inString = false;
        if (marks.lastIndex > text.length) break;
      } else if (character === '"') this.#inString = true;
      else if (character === ',') comma = this.#list !== undefined && this.#depth === 2 ? index : comma;
      else if (character === '[' || character === '{') {
        if (character === '[' && this.#depth === 1 && this.#begin(text.slice(start, index))) start = index + 1;
        this.#depth++;
      } else {
        this.#depth--;
        if (this.#list === undefined || this.#depth !== 1) continue;
        this.#end(text.slice(start, index));
        start = index;
        comma = -1;
      }
    }
    this.#skip = Math.max(0, marks.lastIndex - text.length);
    this.#keep(text, start, comma);
    return this.#found.splice(0);
  }

  /** What is around the list, of the whole text. */
  end(): string {
    return this.#outside;
  }

  #begin(before: string): boolean {
    const [, list] = LIST_BEGINS.exec(this.#outside.slice(-100) + before) ?? [];
    if (list === undefined) return false;
    this.#outside += `${before}[`;
    this.#list = list;
    this.#hasItems = false;
    this.#found.push({ kind: 'outside', text: `${this.#outside}]}` });
    return true;
  }

  #end(rest: string): void {
    this.#pending += rest;
    if (this.#hasItems || this.#pending.trim() !== '') this.#parsePending();
    this.#list = undefined;
  }

  #keep(text: string, start: number, comma: number): void {
    if (this.#list === undefined) {
      this.#outside += text.slice(start);
      if (this.#outside.length > LONGEST_OUTSIDE) throw new SyntaxError('no "keys"');
    } else if (comma < start) this.#pending += text.slice(start);
    else {
      this.#pending += text.slice(start, comma);
      this.#parsePending();
      this.#pending = text.slice(comma + 1);
    }
  }

  #parsePending(): void {
    if (this.#pending.trim() === '') throw new SyntaxError('an item is missing between commas');
    const items: unknown = JSON.parse(`[${this.#pending}]`);
    if (!Array.isArray(items)) return;
    this.#found.push({ kind: 'items', list: this.#list ?? '', items });
    this.#pending = '';
    this.#hasItems = true;
  }
}
