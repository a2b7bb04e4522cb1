import type { FolderKnowledge } from './folderKnowledge.ts';

/**
 * Where to cut a span whose children are unknown. Positions are relative to the folder, and every cut is a front part
 * of `lo` with one higher byte after it: the deeper the part, the nearer to `lo`. Any cut is right; a good one has one
 * child between it and the next.
 */
export interface Cuttable {
  readonly lo: string;
  /** Undefined where the span goes on to the end of the folder. */
  readonly hi: string | undefined;
  /** Most cuts to make. */
  readonly most: number;
}

const FEWEST_PER_LEVEL = 4;

/** So few children are not worth another cut. */
const NEGLIGIBLE = 0.2;
const SURPLUS = 1.5;

/** Cuts for when no size is known: the nearest of each level, and so near ones and far ones. Ascending. */
export function gallopingCuts(span: Cuttable, { plausibleBytes }: FolderKnowledge): string[] {
  const top = firstDifference(span);
  const levels = Array.from({ length: span.lo.length - top }, (_, at) => top + at);
  const mostLevels = Math.max(2, Math.floor(span.most / FEWEST_PER_LEVEL));
  if (levels.length > mostLevels) levels.splice(Math.ceil(mostLevels / 2), levels.length - mostLevels);
  const perLevel = Math.floor(span.most / Math.max(1, levels.length));
  return levels
    .flatMap((level) => cutsAt(span, level, bytesAt(span, level, top, plausibleBytes).slice(0, perLevel)))
    .toSorted(byOrder);
}

/** Cuts for about `children` children, with equal shares of them between, as far as the names seen tell. Ascending. */
export function likelyCuts(span: Cuttable, knowledge: FolderKnowledge, children: number): string[] {
  const top = firstDifference(span);
  const cuts: string[] = [];
  let expected = children;
  for (let level = top; level < span.lo.length && expected > NEGLIGIBLE && cuts.length < span.most; level++) {
    const previous = level === 0 ? undefined : span.lo.charCodeAt(level - 1);
    const likelihood = (byte: number): number => knowledge.likelihood(byte, previous);
    const bytes = bytesAt(span, level, top, knowledge.plausibleBytes);
    const leaving = bytes.reduce((sum, byte) => sum + likelihood(byte), 0);
    const leavingHere = (expected * leaving) / (leaving + likelihood(span.lo.charCodeAt(level)));
    const most = Math.min(span.most - cuts.length, Math.ceil(SURPLUS * leavingHere));
    cuts.push(...cutsAt(span, level, equalShares(bytes, likelihood, leaving / most)));
    expected -= leavingHere;
  }
  return cuts.toSorted(byOrder);
}

/** Where there is no `hi`, any byte may come first. */
function firstDifference({ lo, hi = '' }: Cuttable): number {
  let at = 0;
  while (at < lo.length && lo[at] === hi[at]) at++;
  return at;
}

/** Which of the bytes may follow the first `level` bytes of `lo` in a cut. */
function bytesAt({ lo, hi }: Cuttable, level: number, top: number, bytes: readonly number[]): number[] {
  const above = lo.charCodeAt(level);
  const below = level === top && hi !== undefined ? hi.charCodeAt(top) : Infinity;
  return bytes.filter((byte) => byte > above && byte < below);
}

function cutsAt({ lo }: Cuttable, level: number, bytes: readonly number[]): string[] {
  return bytes.map((byte) => lo.slice(0, level) + String.fromCharCode(byte));
}

/** The first byte and each at which another `share` of the weight is full. */
function equalShares(bytes: readonly number[], weight: (byte: number) => number, share: number): number[] {
  const chosen: number[] = [];
  let passed = 0;
  for (const byte of bytes) {
    if (passed >= chosen.length * share) chosen.push(byte);
    passed += weight(byte);
  }
  return chosen;
}

function byOrder(a: string, b: string): number {
  return a < b ? -1 : 1;
}
