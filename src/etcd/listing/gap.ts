import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { FolderKnowledge } from './folderKnowledge.ts';
import { childEnd, type ListedScope, type FoundChild } from './listedScope.ts';
import type { Span } from '../keys/spans.ts';
import type { RangeKeys } from './rangeReader.ts';

/** A span of the folder whose children are not known yet. */
export interface Gap extends Span {
  /** Upper bound of the number of keys in it. */
  readonly most: number;
  /** Keys to request at its front: few to jump from child to child, many to read it page by page. */
  readonly limit: number;
  /** True for a piece of a larger gap that is read page by page. */
  readonly isCut?: boolean;
  /** The parts to ask for first, if a hint says more than other gaps do. */
  readonly plan?: readonly Part[];
  /** The folder just before the gap, if only the sum of both counts is known. */
  readonly after?: { readonly folder: FoundChild; readonly keys: number };
}

/** A part of a gap, asked for as one range. */
export interface Part extends Span {
  readonly limit: number;
}

export interface Reading {
  readonly children: readonly FoundChild[];
  /** The unknown rest after the last child. */
  readonly gap?: Gap;
}

export const JUMP_LIMIT = 2;
const LIMIT_GROWTH = 16;
const HIGHEST_LIMIT = 16_384;
/** From this limit on, a gap is read page by page. */
export const SMALLEST_PAGE = 32;
/** Reading children with up to this many keys on average costs less than jumping over them. */
export const KEYS_WORTH_READING = 24;
/** If one child is this many times larger, jumping is better. */
export const MAX_UNLIKE = 4;
/** Limit of names to learn from in one place; more of them add little. */
const NAMES_TO_LEARN = 64;

/**
 * Turns answers into children and smaller gaps. The parts cover the gap completely, in key order.
 * @throws EtcdError `unexpected` if an answer does not fit its part
 */
export function readGap(
  space: ListedScope,
  knowledge: FolderKnowledge,
  { after, limit, isCut = false }: Gap,
  parts: readonly Part[],
  answers: readonly RangeKeys[],
): Reading[] {
  const readings: Reading[] = [];
  const areCut = isCut || (limit >= SMALLEST_PAGE && parts.length > 1);
  let counted = 0;
  for (const [at, part] of parts.entries()) {
    const answer = answers[at];
    if (!answer || !fits(answer, part)) {
      throw new EtcdError('unexpected', l10n.t('The server returned keys that were not requested.'));
    }
    const { children, gap } = readPart(space, knowledge, part, answer, limit);
    readings.push(gap ? { children, gap: { ...gap, isCut: areCut } } : { children });
    counted += answer.count;
  }
  if (after) {
    after.folder.keyCount = after.keys - counted;
    knowledge.addSize(after.folder.keyCount);
  }
  return readings;
}

/** Checks an answer against its part; otherwise a broken server could make a listing loop forever. */
function fits({ keys, count }: RangeKeys, { lo, hi, limit }: Part): boolean {
  const isOrdered = keys.every((key, at) => {
    const previous = keys[at - 1];
    return previous === undefined ? key >= lo : key > previous;
  });
  return isOrdered && (keys.at(-1) ?? lo) < hi && keys.length === Math.min(count, limit);
}

function readPart(
  space: ListedScope,
  knowledge: FolderKnowledge,
  span: Span,
  { keys, turns, leased, count }: RangeKeys,
  gapLimit: number,
): Reading {
  const children: FoundChild[] = [];
  let last: FoundChild | undefined;
  let lastStart = 0;
  let largest = 0;
  for (const [at, key] of keys.entries()) {
    if (last?.isFolder && key.startsWith(last.path)) continue;
    // Only the first child can have begun before the span.
    if (last && (lastStart > 0 || last.path >= span.lo)) settleSize(knowledge, last, at - lastStart);
    largest = Math.max(largest, at - lastStart);
    last = space.childOf(key);
    if (leased && !last.isFolder && leased.has(key)) {
      last.hasLease = true;
      last.turn = turns?.get(key);
    }
    lastStart = at;
    if (space.isListed(last)) children.push(last);
    if (children.length <= NAMES_TO_LEARN) knowledge.addName(space.nameOf(last));
  }
  if (!last) return { children };

  const lo = childEnd(last);
  if (lo >= span.hi || count === keys.length) {
    if (last.path >= span.lo && lo <= span.hi) settleSize(knowledge, last, count - lastStart);
    return { children };
  }
  // Leaves out the last child, which may be incomplete.
  const isWorthReading =
    children.length > 1 &&
    lastStart <= KEYS_WORTH_READING * (children.length - 1) &&
    largest <= MAX_UNLIKE * KEYS_WORTH_READING;
  const limit = isWorthReading ? Math.min(gapLimit * LIMIT_GROWTH, HIGHEST_LIMIT) : JUMP_LIMIT;
  const gap = { lo, hi: span.hi, most: count - keys.length, limit };
  const isCountedWhole = last.isFolder && last.path >= span.lo;
  return { children, gap: isCountedWhole ? { ...gap, after: { folder: last, keys: count - lastStart } } : gap };
}

function settleSize(knowledge: FolderKnowledge, child: FoundChild, keys: number): void {
  child.keyCount = keys;
  knowledge.addSize(keys);
}
