import { sum } from '../sum.ts';
import type { FolderKnowledge } from './folderKnowledge.ts';

/**
 * A span to cut whose children are unknown. Positions are relative to the folder. A cut is a leading part of `lo`
 * followed by one higher byte: the longer the part, the nearer the cut is to `lo`. Every cut is correct; a good one has
 * one child before the next cut.
 */
export interface Cuttable {
  readonly lo: string;
  /** Undefined if the span reaches the end of the folder. */
  readonly hi: string | undefined;
  /** Upper bound of the number of cuts. */
  readonly most: number;
}

/** Fewer expected children are not worth another cut. */
const NEGLIGIBLE = 0.2;
/** If more children are expected behind one byte, the next byte is used for cuts too. */
const WORTH_A_LEVEL = 1.2;

/**
 * Cuts a span of unknown size: at all bytes of the highest level, where most children may be, then at the nearest bytes
 * of each other level. Ascending.
 */
export function gallopingCuts(span: Cuttable, knowledge: FolderKnowledge): string[] {
  const top = firstDifference(span);
  const highest = cutsAt(span, top, bytesAt(span, top, top, knowledge)).slice(0, span.most);
  const depth = Math.min(span.lo.length, knowledge.depth);
  const deeper = Array.from({ length: Math.max(0, depth - top - 1) }, (_, at) => depth - 1 - at);
  const cuts = [...highest];
  let left = span.most - highest.length;
  for (const [at, level] of deeper.entries()) {
    const share = Math.ceil(left / (deeper.length - at));
    const here = cutsAt(span, level, bytesAt(span, level, top, knowledge).slice(0, share));
    cuts.push(...here);
    left -= here.length;
  }
  return cuts.toSorted(byOrder);
}

/** Cuts a span into equal shares of about `children` children, judging by the names seen. Ascending. */
export function likelyCuts(span: Cuttable, knowledge: FolderKnowledge, children: number): string[] {
  if (span.most < 1) return [];
  const top = firstDifference(span);
  const levels: { readonly level: number; readonly expected: number }[] = [];
  let expected = children;
  for (let level = top; level < Math.min(span.lo.length, knowledge.depth) && expected > NEGLIGIBLE; level++) {
    const previous = byteBefore(span.lo, level);
    const leaving = sum(bytesAt(span, level, top, knowledge).map((byte) => knowledge.likelihood(byte, previous)));
    const here = (expected * leaving) / (leaving + knowledge.likelihood(span.lo.charCodeAt(level), previous));
    levels.push({ level, expected: here });
    expected -= here;
  }
  const cuts = new EvenCuts(knowledge, children / span.most, span.most);
  for (const { level, expected: here } of levels.toReversed())
    cuts.add(span.lo.slice(0, level), bytesAt(span, level, top, knowledge), here);
  return cuts.made;
}

/** Makes a cut whenever another `share` of the expected children is full, going through likely names in order. */
class EvenCuts {
  readonly made: string[] = [];
  readonly #knowledge: FolderKnowledge;
  readonly #share: number;
  readonly #most: number;
  #passed = 0;

  constructor(knowledge: FolderKnowledge, share: number, most: number) {
    this.#knowledge = knowledge;
    this.#share = share;
    this.#most = most;
  }

  /** Goes through the names that begin with `front` and one of the bytes, `expected` of which are expected. */
  add(front: string, bytes: readonly number[], expected: number): void {
    const previous = byteBefore(front, front.length);
    const weights = bytes.map((byte) => this.#knowledge.likelihood(byte, previous));
    const total = sum(weights);
    for (const [at, byte] of bytes.entries()) {
      const here = (expected * (weights[at] ?? 0)) / total;
      const cut = front + String.fromCharCode(byte);
      if (this.#passed >= this.made.length * this.#share && this.made.length < this.#most) this.made.push(cut);
      if (here > Math.max(this.#share, WORTH_A_LEVEL) && cut.length < this.#knowledge.depth)
        this.add(cut, this.#knowledge.cutBytes(byte), here);
      else this.#passed += here;
    }
  }
}

/** Returns the first index at which `lo` and `hi` differ; 0 without `hi`, because any byte may come first. */
function firstDifference({ lo, hi = '' }: Cuttable): number {
  let at = 0;
  while (at < lo.length && lo[at] === hi[at]) at++;
  return at;
}

/** Returns the bytes that may follow the first `level` bytes of `lo` in a cut. */
function bytesAt({ lo, hi }: Cuttable, level: number, top: number, knowledge: FolderKnowledge): number[] {
  const above = level < lo.length ? lo.charCodeAt(level) : -1;
  const below = level === top && hi !== undefined && top < hi.length ? hi.charCodeAt(top) : Infinity;
  const bytes = knowledge.cutBytes(byteBefore(lo, level));
  return bytes.filter((byte) => byte > above && byte < below);
}

function cutsAt({ lo }: Cuttable, level: number, bytes: readonly number[]): string[] {
  return bytes.map((byte) => lo.slice(0, level) + String.fromCharCode(byte));
}

function byteBefore(text: string, at: number): number | undefined {
  return at === 0 ? undefined : text.charCodeAt(at - 1);
}

function byOrder(a: string, b: string): number {
  return a < b ? -1 : 1;
}
