import type { FolderKnowledge } from './folderKnowledge.ts';
import { childEnd, type FolderSpace, type Span } from './folderSpace.ts';
import { SMALLEST_PAGE, type Gap, type Part } from './gap.ts';
import type { PaceSettings } from './pace.ts';
import { gallopingCuts, likelyCuts, type Cuttable } from './splitPoints.ts';

const MOST_PARTS = 96;
/** More parts than children expected, since cuts do not fall evenly. */
const SURPLUS = 1.5;
/** A gap is not cut into more parts than it would take as long to read it. */
const FEWEST_KEYS_PER_PART = 8;
/** A gap to be read to its end is cut where it has so many keys, into parts of about so many, which are read side by side. */
const KEYS_TO_CUT = 30_000;
const KEYS_PER_CUT = 4000;
/** Keys to ask for of each part of a folder that is cut before anything is read. */
const LIMIT_OF_FIRST_PARTS = 16;

/** The parts that cover a gap whole, `MOST_PARTS` at most; `wanted` children of it are enough for now. */
export function planGap(
  space: FolderSpace,
  knowledge: FolderKnowledge,
  gap: Gap,
  { smallGap, firstLimit, keysPerPart }: PaceSettings,
  wanted: number,
): readonly Part[] {
  const { lo, hi, most, limit } = gap;
  const { typicalSize } = knowledge;
  if (most <= smallGap) return [{ lo, hi, limit: most }];
  // The folder before the gap has a share of `most`, where they were counted together.
  const children = typicalSize && Math.max(0, most / typicalSize - (gap.after ? 1 : 0));
  if (limit >= SMALLEST_PAGE) {
    const enough = Math.max(firstLimit, 2 * wanted * (typicalSize ?? Infinity));
    if (gap.isCut || children === undefined || Math.min(most, enough) < KEYS_TO_CUT)
      return [{ lo, hi, limit: Math.min(limit, most, enough) }];
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

/**
 * The parts of a large folder that is listed for the first time, cut around what may be its first child; none where that is a
 * key, as others are then likely to be.
 */
export function planFolder(space: FolderSpace, knowledge: FolderKnowledge, firstKey: string): readonly Part[] {
  const { lo, hi } = space.bounds;
  const first = space.childOf(firstKey);
  const lead = childEnd(first);
  if (!first.isFolder || lead <= lo || lead >= hi) return [];
  const [, ...others] = partsOf(space, { lo: lead, hi }, LIMIT_OF_FIRST_PARTS, (span) =>
    gallopingCuts(span, knowledge),
  );
  return [{ lo, hi: others[0]?.lo ?? hi, limit: LIMIT_OF_FIRST_PARTS }, ...others];
}

function partsOf(
  space: FolderSpace,
  { lo, hi }: Span,
  limit: number,
  cuts: (span: Cuttable) => readonly string[],
  parts = MOST_PARTS,
): readonly Part[] {
  const inFolder = (position: string): string => position.slice(space.prefix.length);
  const most = Math.max(0, Math.ceil(Math.min(MOST_PARTS, parts)) - 1);
  const span = { lo: inFolder(lo), hi: hi.startsWith(space.prefix) ? inFolder(hi) : undefined, most };
  const starts = [lo, ...cuts(span).map((cut) => space.prefix + cut)];
  return starts.map((start, at) => ({ lo: start, hi: starts[at + 1] ?? hi, limit }));
}
