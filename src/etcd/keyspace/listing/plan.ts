import type { FolderKnowledge } from './folderKnowledge.ts';
import type { FolderSpace } from './folderSpace.ts';
import type { Gap, Part } from './gap.ts';
import type { PaceSettings } from './pace.ts';
import { gallopingCuts, likelyCuts } from './splitPoints.ts';

const SMALLEST_PAGE = 32;
const MOST_PARTS = 96;
/** More parts than children expected, since cuts do not fall evenly. */
const SURPLUS = 1.5;

/** The parts that cover a gap whole, `room` at most; `wanted` children of it are enough for now. */
export function planGap(
  space: FolderSpace,
  knowledge: FolderKnowledge,
  gap: Gap,
  { smallGap, firstLimit }: PaceSettings,
  wanted: number,
  room: number,
): readonly Part[] {
  const { lo, hi, most, limit } = gap;
  const { typicalSize } = knowledge;
  if (most <= smallGap) return [{ lo, hi, limit: most }];
  if (limit >= SMALLEST_PAGE) {
    const enough = Math.max(firstLimit, 2 * wanted * (typicalSize ?? Infinity));
    return [{ lo, hi, limit: Math.min(limit, most, enough) }];
  }
  // The folder before the gap has a share of `most`, where they were counted together.
  const children = typicalSize && Math.max(0, most / typicalSize - (gap.after ? 1 : 0));
  const parts = Math.min(room, MOST_PARTS, Math.max(1, Math.ceil(SURPLUS * (children ?? Infinity))));
  const inFolder = (position: string): string => position.slice(space.prefix.length);
  const span = { lo: inFolder(lo), hi: hi.startsWith(space.prefix) ? inFolder(hi) : undefined, most: parts - 1 };
  const cuts = children === undefined ? gallopingCuts(span, knowledge) : likelyCuts(span, knowledge, children);
  const starts = [lo, ...cuts.map((cut) => space.prefix + cut)];
  return starts.map((start, at) => ({ lo: start, hi: starts[at + 1] ?? hi, limit }));
}
