import { sum } from '../sum.ts';
import type { FolderKnowledge } from './folderKnowledge.ts';
import { childEnd, type ListedScope } from './listedScope.ts';
import { binaryPrefixEnd, type Span } from '../keys/spans.ts';
import { JUMP_LIMIT, KEYS_WORTH_READING, MAX_UNLIKE, SMALLEST_PAGE, type Gap, type Part } from './gap.ts';
import type { PaceSettings } from './pace.ts';
import { MAX_RANGES } from './rangeReader.ts';
import { gallopingCuts, likelyCuts, type Cuttable } from './splitPoints.ts';

const MAX_PARTS = 96;
/** Factor for more parts than children expected, because cuts do not fall evenly. */
const SURPLUS = 1.5;
/** Factor for more keys than a page should need, because children differ in size. */
const SPARE = 1.1;
/** Keys to read first from a gap if only the children elsewhere are known to be small. */
const UNSEEN_LIMIT = 8192;
/** With fewer keys in each part, reading the gap takes no longer than asking for its parts. */
const FEWEST_KEYS_PER_PART = 8;
/**
 * A gap that is read to its end is split from this size on, into parts of about `KEYS_PER_CUT` keys that are read side
 * by side.
 */
const KEYS_TO_CUT = 30_000;
const KEYS_PER_CUT = 4000;
/** Keys to ask for of each part, if a folder is split before anything is read. */
const LIMIT_OF_FIRST_PARTS = 16;
/** Keys to ask for at its front, enough to tell whether to read children or jump over them. */
const LIMIT_OF_FRONT = 64;
/** Each name takes two ranges: the child itself, and what follows it. */
const NAMES_PER_REQUEST = (MAX_RANGES - 2) / 2;
/** Upper bound of the keys of a first request, if nothing is known. */
const MAX_AT_FIRST = 1000;

/** Returns the parts that cover a gap completely, at most `MAX_PARTS`; `wanted` of its children are enough for now. */
export function planGap(
  space: ListedScope,
  knowledge: FolderKnowledge,
  gap: Gap,
  { smallGap, firstLimit, keysPerPart }: PaceSettings,
  wanted: number,
): readonly Part[] {
  const { lo, hi, most, limit } = gap;
  const { typicalSize, meanSize = Infinity } = knowledge;
  if (most === Infinity && limit >= SMALLEST_PAGE)
    return [
      { lo, hi, limit: wanted === Infinity ? limit : Math.max(limit, Math.min(Math.ceil(wanted), MAX_AT_FIRST)) },
    ];
  if (most <= smallGap) return [{ lo, hi, limit: most }];
  // If the folder before the gap was counted with it, `most` includes a share of that folder.
  const children = typicalSize && Math.max(0, most / typicalSize - (gap.after ? 1 : 0));
  const areSmall =
    typicalSize !== undefined &&
    Math.max(typicalSize, meanSize) <= KEYS_WORTH_READING &&
    meanSize <= MAX_UNLIKE * typicalSize;
  if (limit >= SMALLEST_PAGE || areSmall) {
    const enough = Math.max(firstLimit, SPARE * wanted * (typicalSize ?? Infinity));
    if (gap.isCut || children === undefined || Math.min(most, enough) < KEYS_TO_CUT)
      return [{ lo, hi, limit: Math.ceil(Math.min(areSmall ? Math.max(limit, UNSEEN_LIMIT) : limit, most, enough)) }];
    return partsOf(space, gap, SMALLEST_PAGE, (span) => likelyCuts(span, knowledge, children), most / KEYS_PER_CUT);
  }
  const worth = Math.max(SURPLUS * (children ?? Infinity), most / keysPerPart);
  const parts = Math.min(worth, most / FEWEST_KEYS_PER_PART);
  return partsOf(
    space,
    gap,
    limit,
    (span) => (children === undefined ? gallopingCuts(span, knowledge) : likelyCuts(span, knowledge, children)),
    parts,
  );
}

/** Estimates how many children the parts will bring at the least; 0 if children are too large to be read. */
export function expectedChildren(
  { typicalSize = Infinity, meanSize = Infinity }: FolderKnowledge,
  parts: readonly Part[],
): number {
  const size = Math.max(typicalSize, meanSize);
  if (size > KEYS_WORTH_READING) return 0;
  return sum(parts.map(({ limit }) => (limit < SMALLEST_PAGE ? 0 : limit / (SPARE * size))));
}

/**
 * Plans the first request for a large folder: a gap, cut around the folder's likely first child. Undefined if that
 * child is a key, because the others are then likely to be keys too.
 */
export function planFolder(space: ListedScope, knowledge: FolderKnowledge, firstKey: string): Gap | undefined {
  const { lo, hi } = space.bounds;
  const first = space.childOf(firstKey);
  const lead = childEnd(first);
  if (!first.isFolder || lead <= lo || lead >= hi) return undefined;
  const [, ...others] = partsOf(space, { lo: lead, hi }, LIMIT_OF_FIRST_PARTS, (span) =>
    gallopingCuts(span, knowledge),
  );
  const plan = [{ lo, hi: others[0]?.lo ?? hi, limit: LIMIT_OF_FRONT }, ...others];
  return { lo, hi, most: Infinity, limit: LIMIT_OF_FIRST_PARTS, plan };
}

/** Plans a large folder as gaps, each cut around children whose names a sibling has. @param names in key order */
export function planNamesakes(space: ListedScope, names: readonly string[], keys: number): readonly Gap[] {
  const { bounds, prefix } = space;
  const gaps: Gap[] = [];
  for (let at = 0; at < names.length; at += NAMES_PER_REQUEST) {
    const chunk = names.slice(at, at + NAMES_PER_REQUEST).map((name) => prefix + name);
    const next = names[at + NAMES_PER_REQUEST];
    const [lo, hi] = [gaps.at(-1)?.hi ?? bounds.lo, next === undefined ? bounds.hi : prefix + next];
    // A range cannot end at the key of one zero byte, and nothing is before that key.
    const cuts = chunk.flatMap((path) => [path, binaryPrefixEnd(path)]).filter((cut) => cut > (lo || '\0') && cut < hi);
    const starts = [lo, ...new Set(cuts)];
    const plan = starts.map((start, index) => ({ lo: start, hi: starts[index + 1] ?? hi, limit: JUMP_LIMIT }));
    gaps.push({ lo, hi, most: Math.ceil((keys * chunk.length) / names.length), limit: JUMP_LIMIT, plan });
  }
  return gaps;
}

function partsOf(
  space: ListedScope,
  { lo, hi }: Span,
  limit: number,
  cuts: (span: Cuttable) => readonly string[],
  parts = MAX_PARTS,
): readonly Part[] {
  const inFolder = (position: string): string => position.slice(space.prefix.length);
  const most = Math.max(0, Math.ceil(Math.min(MAX_PARTS, parts)) - 1);
  const span = { lo: inFolder(lo), hi: hi.startsWith(space.prefix) ? inFolder(hi) : undefined, most };
  const starts = [lo, ...cuts(span).map((cut) => space.prefix + cut)];
  return starts.map((start, at) => ({ lo: start, hi: starts[at + 1] ?? hi, limit }));
}
