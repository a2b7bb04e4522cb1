import type { KeyRange } from '../keyStore.ts';
import { compareKeys, singleKeyRange } from './ranges.ts';

/** What a page of a scan brought. */
export interface ScannedPage {
  /** Keys of the page. */
  readonly keys: number;
  /** Keys in the range that was asked for, whatever its limit. */
  readonly count: number;
  readonly first?: Uint8Array | undefined;
  readonly last?: Uint8Array | undefined;
}

export interface PageRequest {
  readonly range: KeyRange;
  /** Most keys to ask for. */
  readonly limit: number;
}

/** Keys from one to another that have not come yet. */
interface Span {
  start: Uint8Array;
  readonly end: Uint8Array;
  /** More keys than these are not in it. */
  bound: number;
  /** Once it is asked for. */
  request?: PageRequest;
  /** What it was cut from, and where its keys are therefore not. */
  rest?: Span | undefined;
}

/** What a page is meant to have of what may come: it can still be had at once where there is more than was guessed. */
const AIM = 0.8;
const AT_ONCE = 1.5;
/** A page with a smaller part of what was wanted shows that guesses are no good here. */
const SHORT = 0.1;
/** Pages may be so many times as long as those that their ends are guessed from. */
const FORESIGHT = 4;

/**
 * The way of a scan through a range, page by page, with several of them under way. etcd counts all keys up to a request's end,
 * whatever its limit, which for large ranges costs more than the page itself: so each request ends about where its page does.
 * Where that is is guessed from the pages before; every end is right, a bad one costs a short page or a longer count.
 */
export class ScanPath {
  /** In the order of their keys. */
  #spans: Span[];
  /** The last two pages, which tell how dense keys are. */
  #seen: readonly { readonly first: Uint8Array; readonly last: Uint8Array; readonly keys: number }[] = [];
  #isLost = false;

  constructor({ start, end }: KeyRange) {
    this.#spans = [{ start, end, bound: Infinity }];
  }

  /** Of the requests that were not taken the one whose keys come first; undefined at the end. */
  get first(): PageRequest | undefined {
    return this.#spans[0]?.request;
  }

  /** What to ask next; undefined where that is not known before `take`, or at the end. @param limit keys of a page */
  next(limit: number): PageRequest | undefined {
    const index = this.#spans.findIndex(({ request }) => !request);
    const span = this.#spans[index];
    if (!span) return undefined;
    const { start, end, bound } = span;
    const isLast = bound <= limit * AT_ONCE;
    const cut = isLast || this.#isLost ? undefined : this.#ahead(start, limit);
    if (!cut || !endsBefore(cut, end)) return (span.request = { range: { start, end }, limit: isLast ? bound : limit });
    span.start = cut;
    const request = { range: { start, end: cut }, limit: Math.ceil(limit * AT_ONCE) };
    this.#spans.splice(index, 0, { start, end: cut, bound, request, rest: span });
    return request;
  }

  /** Takes what came for the `first` request. */
  take({ keys, count, first, last }: ScannedPage): void {
    const span = this.#spans.shift();
    if (!span?.request) throw new Error('nothing was asked');
    if (span.rest) span.rest.bound -= count;
    if (last && count > keys)
      this.#spans.unshift({ start: singleKeyRange(last).end, end: span.end, bound: count - keys });
    this.#spans = this.#spans.filter(({ bound, request }) => request || bound > 0);
    this.#isLost = keys < span.request.limit * SHORT;
    if (first && last) this.#seen = [...this.#seen.slice(-1), { first, last, keys }];
  }

  /** A key that is about as far ahead of another as a page is long. */
  #ahead(start: Uint8Array, limit: number): Uint8Array | undefined {
    const { first } = this.#seen[0] ?? {};
    const { last } = this.#seen.at(-1) ?? {};
    const keys = this.#seen.reduce((sum, page) => sum + page.keys, 0);
    if (!first || !last || limit > keys * FORESIGHT) return undefined;
    let at = first.findIndex((byte, index) => byte !== last[index]);
    if (at < 0) at = first.length;
    let distance = stepsBetween(first[at], last[at]);
    const finer = familyOf(first[at + 1]);
    // A second byte tells the distance more exactly.
    if (finer && isWithin(last[at + 1], finer)) {
      distance = distance * sizeOf(finer) + (last[at + 1] ?? 0) - (first[at + 1] ?? 0);
      at++;
    }
    let steps = (distance * limit * AIM) / keys;
    // Where a guess was the last end, bytes are missing.
    for (; at >= start.length; at--) {
      const family = familyOf(last[at]);
      steps = family ? steps / sizeOf(family) : 1;
    }
    return stepsAhead(start, at, Math.max(1, Math.round(steps)));
  }
}

type Family = readonly [first: number, last: number];
const FAMILIES: readonly Family[] = ['09', 'az', 'AZ'].map((ends) => [ends.charCodeAt(0), ends.charCodeAt(1)]);

function isWithin(byte: number | undefined, [first, last]: Family): boolean {
  return byte !== undefined && first <= byte && byte <= last;
}

function familyOf(byte: number | undefined): Family | undefined {
  return FAMILIES.find((family) => isWithin(byte, family));
}

function sizeOf([first, last]: Family): number {
  return last - first + 1;
}

function stepsBetween(before: number | undefined, after: number | undefined): number {
  const family = familyOf(before);
  return family && isWithin(after, family) ? (after ?? 0) - (before ?? 0) : 1;
}

/**
 * The key that is so many steps after another at a byte, counted as in numbers and in words. Where a count runs over what is no
 * digit and no letter, it is the end of all that begins as the key does up to there.
 */
function stepsAhead(key: Uint8Array, at: number, steps: number): Uint8Array | undefined {
  const ahead = Uint8Array.from(key.subarray(0, at + 1));
  let carry = steps;
  for (let index = at; index >= 0; index--) {
    const byte = ahead[index] ?? 0;
    const family = familyOf(byte);
    if (!family) {
      if (byte === 0xff) continue;
      ahead[index] = byte + 1;
      return ahead.subarray(0, index + 1);
    }
    const sum = byte - family[0] + carry;
    ahead[index] = family[0] + (sum % sizeOf(family));
    carry = Math.floor(sum / sizeOf(family));
    if (carry === 0) return ahead;
  }
  return undefined;
}

function endsBefore(end: Uint8Array, other: Uint8Array): boolean {
  return (other.length === 1 && other[0] === 0) || compareKeys(end, other) < 0;
}
