import { entryTooLong, MAX_ENTRY_CHARACTERS } from './fileEntry.ts';

// See docs/contributing/decisions/key-files.md

/** Limit of the text outside of the list; a file with more does not contain keys. */
const LONGEST_OUTSIDE = 1024 * 1024;
const LIST_BEGINS = /(?<!\\)"(keys|kvs)"\s*:\s*$/;

/** Some items of a list. */
export interface JsonPiece {
  readonly list: string;
  readonly items: readonly unknown[];
}

/**
 * Parses an object with one long list, `keys` or `kvs`, some items at a time. It finds where items end, and leaves the
 * rest to `JSON.parse`, which is exact. (@streamparser/json loses byte order marks within texts.)
 * @throws SyntaxError; EtcdError if an item is longer than a file may have for one key
 */
export class JsonPieces {
  readonly #found: JsonPiece[] = [];
  readonly #isWanted: boolean;
  #hasList = false;
  #outside = '';
  #list: string | undefined;
  /** The part of the list that is not parsed yet. */
  #pending = '';
  #hasItems = false;
  #depth = 0;
  #inString = false;
  #skip = 0;

  /** @param wanted whether to parse the items, or only to find what is around them */
  constructor(wanted: 'items' | 'outside') {
    this.#isWanted = wanted === 'items';
  }

  get hasList(): boolean {
    return this.#hasList;
  }

  /** Returns the pieces that this text completes. */
  add(text: string): readonly JsonPiece[] {
    const marks = /["\\[\]{},]/g;
    marks.lastIndex = this.#skip;
    let start = 0;
    let comma = -1;
    // Unlike `exec`, `test` leaves no object behind for each mark.
    while (marks.test(text)) {
      const index = marks.lastIndex - 1;
      const character = text[index];
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

  /** The text before and after the list, once the whole text was added. */
  get outside(): string {
    return this.#outside;
  }

  #begin(before: string): boolean {
    const [, list] = LIST_BEGINS.exec(this.#outside.slice(-100) + before) ?? [];
    if (list === undefined) return false;
    this.#outside += `${before}[`;
    this.#list = list;
    this.#hasItems = false;
    this.#hasList = true;
    return true;
  }

  #end(rest: string): void {
    if (this.#isWanted) this.#pending += rest;
    if (this.#isWanted && (this.#hasItems || this.#pending.trim() !== '')) this.#parsePending();
    this.#list = undefined;
  }

  #keep(text: string, start: number, comma: number): void {
    if (this.#list === undefined) {
      this.#outside += text.slice(start);
      if (this.#outside.length > LONGEST_OUTSIDE) throw new SyntaxError('no "keys"');
    } else if (!this.#isWanted) return;
    else if (comma < start) {
      this.#pending += text.slice(start);
      if (this.#pending.length > MAX_ENTRY_CHARACTERS) throw entryTooLong();
    } else {
      this.#pending += text.slice(start, comma);
      this.#parsePending();
      this.#pending = text.slice(comma + 1);
    }
  }

  #parsePending(): void {
    if (this.#pending.trim() === '') throw new SyntaxError('an item is missing between commas');
    const items: unknown = JSON.parse(`[${this.#pending}]`);
    if (!Array.isArray(items)) return;
    this.#found.push({ list: this.#list ?? '', items });
    this.#pending = '';
    this.#hasItems = true;
  }
}
