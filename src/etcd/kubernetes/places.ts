import { EVENT_ID, getScalarValue, parseEvents, type Event } from 'js-yaml';
import { keysOf, type InvalidObject } from './problems.ts';

/** A zero-based position in a text. */
export interface TextPlace {
  readonly line: number;
  readonly character: number;
}

type Keys = readonly (string | number)[];

/** Follows a path through the parser's events of one document. */
class Walk {
  readonly #text: string;
  readonly #events: readonly Event[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#events = parseEvents(text, {});
  }

  /** Returns where the innermost part of the path that exists in the text begins. */
  find(keys: Keys): number {
    while (this.#peek()?.type === EVENT_ID.DOCUMENT) this.#at++;
    let place = 0;
    for (const key of keys) {
      const found = typeof key === 'number' ? this.#item(key) : this.#member(key);
      if (found === undefined) break;
      place = found;
    }
    return place;
  }

  #peek(): Event | undefined {
    return this.#events[this.#at];
  }

  /** Skips a node with everything in it. */
  #skip(): void {
    let depth = 0;
    do {
      const type = this.#peek()?.type;
      if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth++;
      else if (type === EVENT_ID.POP) depth--;
      this.#at++;
    } while (depth > 0 && this.#at < this.#events.length);
  }

  #hasMore(): boolean {
    const event = this.#peek();
    return event !== undefined && event.type !== EVENT_ID.POP;
  }

  #member(key: string): number | undefined {
    if (this.#peek()?.type !== EVENT_ID.MAPPING) return undefined;
    this.#at++;
    for (; this.#hasMore(); this.#skip()) {
      const event = this.#peek();
      this.#skip();
      if (event?.type === EVENT_ID.SCALAR && getScalarValue(this.#text, event) === key) return event.valueStart;
    }
    return undefined;
  }

  #item(index: number): number | undefined {
    if (this.#peek()?.type !== EVENT_ID.SEQUENCE) return undefined;
    this.#at++;
    for (let at = 0; at < index && this.#hasMore(); at++) this.#skip();
    const event = this.#peek();
    if (event?.type === EVENT_ID.SCALAR) return event.valueStart;
    return event?.type === EVENT_ID.MAPPING || event?.type === EVENT_ID.SEQUENCE ? event.start : undefined;
  }
}

/** Finds the place of a problem in a YAML text, as exactly as possible. */
export function placeOf(text: string, problem: InvalidObject): TextPlace {
  const offset = problem.offset ?? (problem.path ? new Walk(text).find(keysOf(problem.path)) : 0);
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}
