/**
 * Where to cut a span whose children are unknown. All positions are relative to the folder, and every cut is a front
 * part of `lo` with one higher byte after it: the deeper the part, the nearer to `lo`. Any cut is right; a good one
 * has one child between it and the next.
 */
export interface Cuttable {
  readonly lo: string;
  /** Undefined where the span goes on to the end of the folder. */
  readonly hi: string | undefined;
  /** Ascending. */
  readonly bytes: readonly number[];
  /** Most cuts to make. */
  readonly most: number;
}

const FEWEST_PER_LEVEL = 4;
const WORTH_ANOTHER_LEVEL = 0.7;
const SURPLUS = 1.5;

/** Cuts for when nothing is known about sizes: near ones and far ones at once, densest near `lo`. Ascending. */
export function gallopingCuts(span: Cuttable): string[] {
  const top = firstDifference(span);
  const levels = Array.from({ length: Math.max(0, span.lo.length - top) }, (_, at) => top + at);
  const mostLevels = Math.max(2, Math.floor(span.most / FEWEST_PER_LEVEL));
  if (levels.length > mostLevels) {
    levels.splice(Math.ceil(mostLevels / 2), levels.length - mostLevels);
  }
  const perLevel = Math.floor(span.most / Math.max(1, levels.length));
  return levels
    .flatMap((level) => cutsAt(span, level, densestFirst(bytesAt(span, level, top), perLevel)))
    .toSorted(byOrder);
}

/** Cuts for about `children` children, spread evenly from the top level down. Ascending. */
export function evenCuts(span: Cuttable, children: number): string[] {
  const top = firstDifference(span);
  const cuts: string[] = [];
  let expected = children;
  for (let level = top; level < span.lo.length && expected >= WORTH_ANOTHER_LEVEL; level++) {
    const bytes = bytesAt(span, level, top);
    const wanted = Math.min(span.most - cuts.length, Math.ceil(SURPLUS * expected));
    cuts.push(...cutsAt(span, level, evenly(bytes, wanted)));
    expected /= bytes.length + 1;
  }
  return cuts.toSorted(byOrder);
}

/** 0 where there is no `hi`: then any byte may come first. */
function firstDifference({ lo, hi = '' }: Cuttable): number {
  let at = 0;
  while (at < lo.length && lo[at] === hi[at]) at++;
  return at;
}

/** The bytes that may follow the first `level` bytes of `lo` in a cut. */
function bytesAt({ lo, hi, bytes }: Cuttable, level: number, top: number): number[] {
  const above = lo.charCodeAt(level);
  const below = level === top && hi !== undefined ? hi.charCodeAt(top) : Infinity;
  return bytes.filter((byte) => byte > above && byte < below);
}

function cutsAt({ lo }: Cuttable, level: number, bytes: readonly number[]): string[] {
  return bytes.map((byte) => lo.slice(0, level) + String.fromCharCode(byte));
}

/** The first, second, fourth, eighth … of the bytes, and then the nearest of the others. */
function densestFirst(bytes: readonly number[], most: number): number[] {
  const doubling = bytes.filter((_, at) => Number.isInteger(Math.log2(at + 1)));
  const others = bytes.filter((byte) => !doubling.includes(byte));
  return [...doubling, ...others].slice(0, most);
}

function evenly(bytes: readonly number[], most: number): number[] {
  const shares = Math.min(most, bytes.length);
  const chosen = new Set(Array.from({ length: shares }, (_, share) => Math.floor((share * bytes.length) / shares)));
  return bytes.filter((_, at) => chosen.has(at));
}

function byOrder(a: string, b: string): number {
  return a < b ? -1 : 1;
}
