import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { Child, ChildListing, ChildPage, KeyRange, ListOptions, PageBeginning } from '../keyStore.ts';
import { fromBinaryKey } from './binaryKey.ts';
import { SLASHES, type Hierarchy } from './hierarchy.ts';
import { FolderKnowledge } from './listing/folderKnowledge.ts';
import { FolderHints } from './listing/folderHints.ts';
import { clippedSpans, FolderSpace, toKeyRange, toSpan, type FoundChild } from './listing/folderSpace.ts';
import { Frontier, type Stretch } from './listing/frontier.ts';
import { readGap, type Gap, type Part } from './listing/gap.ts';
import { RoundTripPace, type Pace } from './listing/pace.ts';
import { expectedChildren, planFolder, planGap, planNamesakes } from './listing/plan.ts';
import { MOST_RANGES, type RangeAnswer, type RangeReader } from './listing/rangeReader.ts';

export type { LimitedRange, RangeAnswer, RangeKeys, RangeReader } from './listing/rangeReader.ts';
export { FolderHints } from './listing/folderHints.ts';
export { RoundTripPace, type Pace, type PaceSettings } from './listing/pace.ts';

export interface ChildListingOptions extends ListOptions {
  /** `/` separates the segments of a key by default. */
  readonly hierarchy?: Hierarchy;
  /** The only ranges to ask for, where not every key may be read. Where none lies in the folder, nothing is asked. */
  readonly ranges?: readonly KeyRange[];
  /** Shared by the listings of one connection, as `hints` are. */
  readonly pace?: Pace;
  readonly hints?: FolderHints;
}

/** A request is full when it may return so many keys. */
const KEYS_PER_REQUEST = 16_000;
/** Where a request has less room it is sent. */
const FEWEST_RANGES = 8;

/**
 * Lists the children of a folder, all keys that begin with `prefix`, without reading what is below them. Failures of `read`
 * pass through `next`; a listing that had nothing to ask for, as no range in the folder is readable, is empty at revision 0.
 */
export function listChildren(read: RangeReader, prefix: Uint8Array, options: ChildListingOptions = {}): ChildListing {
  const { hierarchy = SLASHES, namePrefix, from } = options;
  return new FanListing(read, new FolderSpace(prefix, hierarchy, namePrefix, from), options);
}

/** Some parts of gaps, in one request. */
interface Request {
  readonly asked: readonly { readonly stretch: Stretch; readonly parts: readonly Part[] }[];
}

type Landing = { readonly request: Request } & ({ readonly answer: RangeAnswer } | { readonly error: unknown });

/**
 * Keeps the folder as children found and gaps between them, and asks for the fronts of many parts of the gaps in one
 * transaction. Where an answer goes on beyond its limit, its last child's end begins a smaller gap.
 */
class FanListing implements ChildListing {
  readonly #read: RangeReader;
  readonly #space: FolderSpace;
  readonly #pace: Pace;
  readonly #hints: FolderHints;
  readonly #knowledge = new FolderKnowledge();
  readonly #frontier: Frontier;
  readonly #isWhole: boolean;
  /** What its children's paths add to the folder's, as long as all of them are folders. */
  #names: string[] | undefined = [];
  /** Few of the children were there that were guessed. */
  #isGuessWrong = false;
  /** That was asked for, else of the first answer; all later requests read at it. */
  #revision: bigint | undefined;
  #lastCall: Promise<unknown> = Promise.resolve();

  constructor(
    read: RangeReader,
    space: FolderSpace,
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

  /** The gaps to begin with where the level above, or a folder beside this one, has told something. */
  #guessed(): readonly Gap[] | undefined {
    const hint = this.#isWhole ? this.#hints.get(this.#space.prefix) : undefined;
    if (!hint) return undefined;
    const { prefix, parent } = this.#space;
    const names = this.#hints.namesOf(prefix, parent, this.#space.childOf(hint.firstKey).path.slice(prefix.length));
    if (names.length > 0) return planNamesakes(this.#space, names, hint.keys);
    const gap = planFolder(this.#space, this.#knowledge, hint.firstKey);
    return gap && [gap];
  }

  /** One call runs at a time; others wait for it. */
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
    let told: readonly Child[] = [];
    try {
      while (this.#frontier.finalChildren < size && !this.#frontier.isComplete) {
        throwIfAborted(signal);
        this.#launch(size, either, underWay);
        if (begun) told = this.#tell(size, told, begun);
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
    const found = this.#frontier.take(size);
    this.#remember(found);
    const children = [...told, ...found.slice(told.length).map((child) => this.#toChild(child))];
    const done = this.#frontier.isComplete && this.#frontier.finalChildren === 0;
    const left = this.#frontier.left(this.#knowledge.meanSize ?? 1);
    return { children, done, revision: this.#revision ?? 0n, ...(!done && { left: Math.ceil(left) }) };
  }

  #remember(found: readonly FoundChild[]): void {
    for (const { isFolder, path, keyCount: keys, firstKey } of found)
      if (isFolder && keys !== undefined) this.#hints.note(path, { keys, firstKey });
    if (!this.#isWhole) return;
    const { prefix, parent } = this.#space;
    if (found.every(({ isFolder }) => isFolder))
      this.#names?.push(...found.map(({ path }) => path.slice(prefix.length)));
    else this.#names = undefined;
    if (this.#names && this.#frontier.isComplete && this.#frontier.finalChildren === 0)
      this.#hints.noteNames(prefix, parent, this.#names);
  }

  /** @returns the beginning that was told by now */
  #tell(size: number, told: readonly Child[], begun: (beginning: PageBeginning) => void): readonly Child[] {
    const settled = this.#frontier.settled(size);
    if (settled.length <= told.length) return told;
    const children = [...told, ...settled.slice(told.length).map((child) => this.#toChild(child))];
    begun({ children, revision: this.#revision ?? 0n });
    return children;
  }

  #launch(size: number, signal: AbortSignal, underWay: Map<Request, Promise<Landing>>): void {
    const parallel = this.#revision === undefined ? 1 : this.#pace.settings.parallel;
    while (underWay.size < parallel) {
      const request = this.#nextRequest(size);
      if (request.asked.length === 0) return;
      for (const { stretch } of request.asked) stretch.busy = true;
      underWay.set(request, this.#send(request, signal));
    }
  }

  /** The next request, from the first gaps on that no other request asks for. */
  #nextRequest(size: number): Request {
    const asked: { stretch: Stretch; parts: readonly Part[] }[] = [];
    const { keysToReadAlone } = this.#pace.settings;
    let room = MOST_RANGES;
    let keys = 0;
    let expected = 0;
    for (const [stretch, missing] of this.#frontier.relevant(size)) {
      const wanted = missing - expected;
      if (room < FEWEST_RANGES || keys >= KEYS_PER_REQUEST || wanted <= 0) break;
      if (stretch.busy) {
        expected += stretch.expected;
        continue;
      }
      const parts = this.#partsOf(stretch.gap, wanted);
      // In fewer parts its keys would only be counted once more.
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

  #apply({ asked }: Request, answer: RangeAnswer): void {
    let taken = 0;
    for (const { stretch, parts } of asked) {
      const answers = answer.results.slice(taken, (taken += parts.length));
      if (stretch.gap.plan) this.#isGuessWrong = answers.filter(({ count }) => count > 0).length < parts.length / 4;
      this.#frontier.replace(stretch, readGap(this.#space, this.#knowledge, stretch.gap, parts, answers));
    }
    this.#revision ??= answer.revision;
  }

  #toChild(child: FoundChild): Child {
    const { isFolder, path, keyCount } = child;
    const name = fromBinaryKey(this.#space.nameOf(child));
    if (!isFolder) return { kind: 'key', name, path: fromBinaryKey(path) };
    return { kind: 'folder', name, path: fromBinaryKey(path), ...(keyCount === undefined ? {} : { keyCount }) };
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EtcdError('cancelled', l10n.t('Cancelled.'), { cause: signal.reason });
}
