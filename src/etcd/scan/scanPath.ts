import type { KeyRange } from '../keyStore.ts';
import { compareKeys, singleKeyRange } from '../keys/ranges.ts';

/** A page that a scan received. */
export interface ScannedPage {
  /** Keys of the page. */
  readonly keys: number;
  /** Number of keys in the requested range, including those beyond the limit. */
  readonly count: number;
  readonly first?: Uint8Array | undefined;
  readonly last?: Uint8Array | undefined;
}

export interface PageRequest {
  readonly range: KeyRange;
  /** Keys to request at most. */
  readonly limit: number;
}

/** A range of keys that have not arrived yet. */
interface ScanSpan {
  start: Uint8Array;
  readonly end: Uint8Array;
  /** Upper bound of the number of keys in it. */
  bound: number;
  /** Set once the range is requested. */
  request?: PageRequest;
  /** The range that this one was cut from, which does not contain this one's keys any more. */
  rest?: ScanSpan | undefined;
}

/**
 * Share of a page that a predicted end aims at. If there is more than predicted, one answer can still have `AT_ONCE`
 * pages.
 */
const AIM = 0.8;
const AT_ONCE = 1.5;
/** Below this share of the wanted keys, predictions are useless here. */
const SHORT = 0.1;
/** A page may be this many times as long as the pages that predict its end. */
const FORESIGHT = 4;

/**
 * The path of a scan through a range, with several pages under way. etcd counts all keys up to a request's end,
 * whatever its limit; for large ranges that costs more than the page itself. So each request ends about where its page
 * should end, as predicted from earlier pages. Every prediction is correct; a bad one costs a short page or a longer
 * count.
 */
export class ScanPath {
  /** In key order. */
  #spans: ScanSpan[];
  /** The last two pages, which show how dense the keys are. */
  #seen: readonly { readonly first: Uint8Array; readonly last: Uint8Array; readonly keys: number }[] = [];
  #isLost = false;

  constructor({ start, end }: KeyRange) {
    this.#spans = [{ start, end, bound: Infinity }];
  }

  /** The first request, in key order, whose page was not taken yet; undefined at the end. */
  get first(): PageRequest | undefined {
    return this.#spans[0]?.request;
  }

  /**
   * Returns the next request; undefined at the end, or if it depends on a page not taken yet. @param limit keys of a
   * page
   */
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

  /** Takes the page of the `first` request. */
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

  /** Predicts the key that is one page after `start`. */
  #ahead(start: Uint8Array, limit: number): Uint8Array | undefined {
    const { first } = this.#seen[0] ?? {};
    const { last } = this.#seen.at(-1) ?? {};
    const keys = this.#seen.reduce((sum, page) => sum + page.keys, 0);
    if (!first || !last || limit > keys * FORESIGHT) return undefined;
    let at = first.findIndex((byte, index) => byte !== last[index]);
    if (at < 0) at = first.length;
    let distance = stepsBetween(first[at], last[at]);
    const finer = familyOf(first[at + 1]);
    // A second byte makes the distance more exact.
    if (finer && isWithin(last[at + 1], finer)) {
      distance = distance * sizeOf(finer) + (last[at + 1] ?? 0) - (first[at + 1] ?? 0);
      at++;
    }
    let steps = (distance * limit * AIM) / keys;
    // A predicted key may be shorter than real keys.
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
 * Returns the key that is `steps` after another at a byte, counting in digits and letters. If the count carries beyond
 * digits and letters, returns the end of all keys with the prefix up to there.
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
