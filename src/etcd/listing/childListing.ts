import { throwIfAborted } from '../cancelled.ts';
import type { Child, ChildListing, ChildPage, ListOptions, PageBeginning } from '../keyStore.ts';
import { fromBinaryKey } from '../keys/binaryKey.ts';
import { SLASHES, type Hierarchy } from '../keys/hierarchy.ts';
import { FolderKnowledge } from './folderKnowledge.ts';
import { FolderHints, MAX_NAMES } from './folderHints.ts';
import { ListedScope, type FoundChild } from './listedScope.ts';
import { clippedSpans, toKeyRange, toSpan } from '../keys/spans.ts';
import { Frontier, type Stretch } from './frontier.ts';
import { readGap, type Gap, type Part } from './gap.ts';
import { RoundTripPace, type Pace } from './pace.ts';
import { expectedChildren, planFolder, planGap, planNamesakes } from './plan.ts';
import { MAX_RANGES, type RangeResults, type RangeReader } from './rangeReader.ts';

export type { LimitedRange, RangeResults, RangeKeys, RangeReader } from './rangeReader.ts';
export { FolderHints } from './folderHints.ts';
export { RoundTripPace, type Pace, type PaceSettings } from './pace.ts';

// See docs/contributing/listing.md

export interface ChildListingOptions extends ListOptions {
  /** How keys are divided into segments; by `/` unless given. */
  readonly hierarchy?: Hierarchy;
  /** Shared by all listings of a connection, as `hints` are. */
  readonly pace?: Pace;
  readonly hints?: FolderHints;
}

/** Keys that one request may return; then it is full. */
const KEYS_PER_REQUEST = 16_000;
/**
 * Children of one page, however many are asked for: more than a level of the tree shows. A million in one page took
 * 900 MB.
 */
const MAX_PAGE = 20_000;
/** A request with room for fewer ranges is sent as it is. */
const FEWEST_RANGES = 8;

/**
 * Lists the children of a folder, which is all keys that begin with `prefix`, without reading what is below them.
 * Failures of `read` are thrown by `next`. If no range in the folder is readable, the listing sends no request and is
 * empty at revision 0.
 */
export function listChildren(read: RangeReader, prefix: Uint8Array, options: ChildListingOptions = {}): ChildListing {
  const { hierarchy = SLASHES, namePrefix, from } = options;
  return new FanListing(read, new ListedScope(prefix, hierarchy, namePrefix, from), options);
}

/** Parts of one or several gaps, asked for in one request. */
interface Request {
  readonly asked: readonly { readonly stretch: Stretch; readonly parts: readonly Part[] }[];
}

type Landing = { readonly request: Request } & ({ readonly answer: RangeResults } | { readonly error: unknown });

/**
 * Represents the folder as children found and gaps between them, and asks for the fronts of many parts of the gaps in
 * one transaction. If an answer has more keys than its limit, a smaller gap begins at the end of its last child.
 */
class FanListing implements ChildListing {
  readonly #read: RangeReader;
  readonly #space: ListedScope;
  readonly #pace: Pace;
  readonly #hints: FolderHints;
  readonly #knowledge = new FolderKnowledge();
  readonly #frontier: Frontier;
  readonly #isWhole: boolean;
  /** Children's paths without the folder's prefix; undefined once a child is a key, or there are too many for a hint. */
  #names: string[] | undefined = [];
  /** True after few of the guessed children were found. */
  #isGuessWrong = false;
  /** Revision of the listing: the one requested, or that of the first answer. All later requests read at it. */
  #revision: bigint | undefined;
  #lastCall: Promise<unknown> = Promise.resolve();

  constructor(
    read: RangeReader,
    space: ListedScope,
    { ranges, revision, pace = new RoundTripPace(), hints = new FolderHints() }: ChildListingOptions,
  ) {
    this.#read = read;
    this.#space = space;
    this.#pace = pace;
    this.#hints = hints;
    this.#revision = revision;
    this.#isWhole = space.isWhole && !ranges;
    const { bounds } = space;
    const limit = pace.settings.firstLimit;
    const spans = clippedSpans(ranges?.map(toSpan) ?? [bounds], bounds);
    this.#frontier = new Frontier(this.#guessed() ?? spans.map((span) => ({ ...span, most: Infinity, limit })));
  }

  /** The first gaps, if the level above or a folder beside this one left a hint. */
  #guessed(): readonly Gap[] | undefined {
    const hint = this.#isWhole ? this.#hints.get(this.#space.prefix) : undefined;
    if (!hint) return undefined;
    const { prefix, parent } = this.#space;
    const names = this.#hints.namesOf(prefix, parent, this.#space.childOf(hint.firstKey).path.slice(prefix.length));
    if (names.length > 0) return planNamesakes(this.#space, names, hint.keys);
    const gap = planFolder(this.#space, this.#knowledge, hint.firstKey);
    return gap && [gap];
  }

  /** Calls run one after the other. */
  next(size: number, signal?: AbortSignal, begun?: (beginning: PageBeginning) => void): Promise<ChildPage> {
    const page = this.#lastCall.then(() => this.#next(size, signal, begun));
    this.#lastCall = page.catch(() => undefined);
    return page;
  }

  async #next(
    size: number,
    signal: AbortSignal | undefined,
    begun: ((beginning: PageBeginning) => void) | undefined,
  ): Promise<ChildPage> {
    const stop = new AbortController();
    const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const underWay = new Map<Request, Promise<Landing>>();
    let reported: readonly Child[] = [];
    const most = Math.min(size, MAX_PAGE);
    try {
      while (this.#frontier.finalChildren < most && !this.#frontier.isComplete) {
        throwIfAborted(signal);
        this.#launch(most, size === Infinity, either, underWay);
        if (begun) reported = this.#report(most, reported, begun);
        const landing = await Promise.race(underWay.values());
        throwIfAborted(signal);
        if ('error' in landing) throw landing.error;
        this.#apply(landing.request, landing.answer);
        underWay.delete(landing.request);
      }
    } finally {
      stop.abort();
      for (const { asked } of underWay.keys()) for (const { stretch } of asked) stretch.busy = false;
    }
    const found = this.#frontier.take(most);
    this.#remember(found);
    const children = [...reported, ...found.slice(reported.length).map((child) => this.#toChild(child))];
    const done = this.#frontier.isComplete && this.#frontier.finalChildren === 0;
    const left = this.#frontier.left(this.#knowledge.meanSize ?? 1);
    return { children, done, revision: this.#revision ?? 0n, ...(!done && { left: Math.ceil(left) }) };
  }

  #remember(found: readonly FoundChild[]): void {
    for (const { isFolder, path, keyCount: keys, firstKey } of found)
      if (isFolder && keys !== undefined) this.#hints.note(path, { keys, firstKey });
    if (!this.#isWhole) return;
    const { prefix, parent } = this.#space;
    if (found.every(({ isFolder }) => isFolder) && (this.#names?.length ?? 0) + found.length <= MAX_NAMES)
      this.#names?.push(...found.map(({ path }) => path.slice(prefix.length)));
    else this.#names = undefined;
    if (this.#names && this.#frontier.isComplete && this.#frontier.finalChildren === 0)
      this.#hints.noteNames(prefix, parent, this.#names);
  }

  /** Reports final children before the page is complete. @returns all children reported so far */
  #report(size: number, reported: readonly Child[], begun: (beginning: PageBeginning) => void): readonly Child[] {
    const settled = this.#frontier.settled(size);
    if (settled.length <= reported.length) return reported;
    const children = [...reported, ...settled.slice(reported.length).map((child) => this.#toChild(child))];
    begun({ children, revision: this.#revision ?? 0n });
    return children;
  }

  /** @param all whether the caller wants all children, of which the page has the first ones */
  #launch(size: number, all: boolean, signal: AbortSignal, underWay: Map<Request, Promise<Landing>>): void {
    const parallel = this.#revision === undefined ? 1 : this.#pace.settings.parallel;
    while (underWay.size < parallel) {
      const request = this.#nextRequest(size, all);
      if (request.asked.length === 0) return;
      for (const { stretch } of request.asked) stretch.busy = true;
      underWay.set(request, this.#send(request, signal));
    }
  }

  /** Builds a request from the first gaps that no other request is asking for. */
  #nextRequest(size: number, all: boolean): Request {
    const asked: { stretch: Stretch; parts: readonly Part[] }[] = [];
    const { keysToReadAlone } = this.#pace.settings;
    let room = MAX_RANGES;
    let keys = 0;
    let expected = 0;
    for (const [stretch, missing] of this.#frontier.relevant(size)) {
      const wanted = missing - expected;
      if (room < FEWEST_RANGES || keys >= KEYS_PER_REQUEST || wanted <= 0) break;
      if (stretch.busy) {
        expected += stretch.expected;
        continue;
      }
      const parts = this.#partsOf(stretch.gap, all ? Infinity : wanted);
      // With fewer parts, the gap's keys would only be counted again.
      if (parts.length > room) continue;
      if (asked.length > 0 && parts.some(({ limit }) => limit >= keysToReadAlone)) break;
      asked.push({ stretch, parts });
      room -= parts.length;
      stretch.expected = expectedChildren(this.#knowledge, parts);
      expected += stretch.expected;
      for (const { limit } of parts) keys += limit;
    }
    return { asked };
  }

  #partsOf(gap: Gap, wanted: number): readonly Part[] {
    if (gap.plan && !this.#isGuessWrong) return gap.plan;
    return planGap(this.#space, this.#knowledge, gap, this.#pace.settings, wanted);
  }

  async #send(request: Request, signal: AbortSignal): Promise<Landing> {
    const ranges = request.asked.flatMap(({ parts }) =>
      parts.map((part) => ({ ...toKeyRange(part), limit: part.limit })),
    );
    const revision = this.#revision === undefined ? {} : { revision: this.#revision };
    const answered = this.#pace.start();
    try {
      const answer = await this.#read(ranges, { ...revision, signal });
      answered(answer);
      return { request, answer };
    } catch (error) {
      return { request, error };
    }
  }

  #apply({ asked }: Request, answer: RangeResults): void {
    let taken = 0;
    for (const { stretch, parts } of asked) {
      const answers = answer.results.slice(taken, (taken += parts.length));
      if (stretch.gap.plan) this.#isGuessWrong = answers.filter(({ count }) => count > 0).length < parts.length / 4;
      this.#frontier.replace(stretch, readGap(this.#space, this.#knowledge, stretch.gap, parts, answers));
    }
    this.#revision ??= answer.revision;
  }

  #toChild(child: FoundChild): Child {
    const { isFolder, path, keyCount, turn, hasLease = false } = child;
    const name = fromBinaryKey(this.#space.nameOf(child));
    const found = { name, path: fromBinaryKey(path) };
    if (isFolder) return { kind: 'folder', ...found, ...(keyCount === undefined ? {} : { keyCount }) };
    return { kind: 'key', ...found, ...(hasLease && { hasLease }), ...(turn !== undefined && { turn }) };
  }
}
