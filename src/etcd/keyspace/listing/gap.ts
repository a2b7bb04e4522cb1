import * as l10n from '@vscode/l10n';
import { EtcdError } from '../../errors.ts';
import type { FolderKnowledge } from './folderKnowledge.ts';
import { childEnd, type FolderSpace, type FoundChild, type Span } from './folderSpace.ts';
import type { RangeKeys } from './rangeReader.ts';

/** A span of the folder whose children are not known yet. */
export interface Gap extends Span {
  /** It has no more keys than this. */
  readonly most: number;
  /** Keys to ask for at its front: few to jump from child to child, many to read it page by page. */
  readonly limit: number;
  /** The folder right before the gap, where the two are counted together but not yet apart. */
  readonly after?: { readonly folder: FoundChild; readonly keys: number };
}

/** A part of a gap, asked for as one range. */
export interface Part extends Span {
  readonly limit: number;
}

export interface Reading {
  readonly children: readonly FoundChild[];
  /** What is still unknown behind the last child. */
  readonly gap?: Gap;
}

const JUMP_LIMIT = 2;
const LIMIT_GROWTH = 4;
const HIGHEST_LIMIT = 16_384;
/** Reading children of so many keys on average costs less than jumping over them. */
const KEYS_WORTH_READING = 8;
/** More names from one place teach little. */
const NAMES_TO_LEARN = 64;

/**
 * Takes the answers to the parts that cover a gap whole, in key order.
 * @throws EtcdError `unexpected` when an answer does not fit its part
 */
export function readGap(
  space: FolderSpace,
  knowledge: FolderKnowledge,
  { after, limit }: Gap,
  parts: readonly Part[],
  answers: readonly RangeKeys[],
): Reading[] {
  const readings: Reading[] = [];
  let counted = 0;
  for (const [at, part] of parts.entries()) {
    const answer = answers[at];
    if (!answer || !fits(answer, part)) {
      throw new EtcdError('unexpected', l10n.t('The server answered with other keys than it was asked for.'));
    }
    readings.push(readPart(space, knowledge, part, answer, limit));
    counted += answer.count;
  }
  if (after) {
    after.folder.keyCount = after.keys - counted;
    knowledge.addSize(after.folder.keyCount);
  }
  return readings;
}

/** Without this check, a broken server could make a listing go round in circles. */
function fits({ keys, count }: RangeKeys, { lo, hi, limit }: Part): boolean {
  const isOrdered = keys.every((key, at) => {
    const previous = keys[at - 1];
    return previous === undefined ? key >= lo : key > previous;
  });
  return isOrdered && (keys.at(-1) ?? lo) < hi && keys.length === Math.min(count, limit);
}

function readPart(
  space: FolderSpace,
  knowledge: FolderKnowledge,
  span: Span,
  { keys, count }: RangeKeys,
  gapLimit: number,
): Reading {
  const children: FoundChild[] = [];
  let last: FoundChild | undefined;
  let lastStart = 0;
  for (const [at, key] of keys.entries()) {
    if (last?.isFolder && key.startsWith(last.path)) continue;
    if (last) settleSize(knowledge, span, last, at - lastStart);
    last = space.childOf(key);
    lastStart = at;
    if (space.isListed(last)) children.push(last);
    if (children.length <= NAMES_TO_LEARN) knowledge.addName(space.nameOf(last));
  }
  if (!last) return { children };

  const lo = childEnd(last);
  if (lo >= span.hi || count === keys.length) {
    settleSize(knowledge, span, last, count - lastStart);
    return { children };
  }
  // The last child is left out: it may be cut off.
  const isWorthReading = children.length > 1 && lastStart <= KEYS_WORTH_READING * (children.length - 1);
  const limit = isWorthReading ? Math.min(gapLimit * LIMIT_GROWTH, HIGHEST_LIMIT) : JUMP_LIMIT;
  const gap = { lo, hi: span.hi, most: count - keys.length, limit };
  const isCountedWhole = last.isFolder && last.path >= span.lo;
  return { children, gap: isCountedWhole ? { ...gap, after: { folder: last, keys: count - lastStart } } : gap };
}

/** Gives a child its size, unless the span, which is all that was counted, has only a part of it. */
function settleSize(knowledge: FolderKnowledge, span: Span, child: FoundChild, keys: number): void {
  if (child.path < span.lo || childEnd(child) > span.hi) return;
  child.keyCount = keys;
  knowledge.addSize(keys);
}
