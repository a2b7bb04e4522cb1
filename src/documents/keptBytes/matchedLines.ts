import { diffArrays } from 'diff';
import type { Line, LineEnd } from './lines.ts';

/** Limit of changed lines, beyond which a text counts as another one. */
const MAX_CHANGES = 5000;
/** Milliseconds for comparing the lines. */
const TIME_LIMIT = 1000;

/**
 * Gives the lines of a text the line ends that they have in the value it was made from. New lines end as the lines that
 * they replace, or as the line before.
 * @param usual the line end in a value that has none
 */
export function withEndsOf(base: readonly Line[], lines: readonly Line[], usual: LineEnd): Line[] {
  const texts = (side: readonly Line[]) => side.map(({ text }) => text);
  const options = { maxEditLength: MAX_CHANGES, timeout: TIME_LIMIT };
  const found: readonly Block[] | undefined = diffArrays(texts(base), texts(lines), options);
  const ends: (Line['end'] | undefined)[] = [];
  let [at, replaced]: [number, readonly Line[]] = [0, []];
  for (const { added, removed, count } of found ?? [
    { removed: true, count: base.length },
    { added: true, count: lines.length },
  ]) {
    if (removed) [replaced, at] = [base.slice(at, at + count), at + count];
    else if (added) {
      // The last new line takes the end of the last replaced line, which precedes the text that follows.
      for (let index = 0; index < count; index++)
        ends.push((index === count - 1 ? replaced.at(-1) : replaced[index])?.end);
      replaced = [];
    } else {
      for (const { end } of base.slice(at, at + count)) ends.push(end);
      [at, replaced] = [at + count, []];
    }
  }
  let before: LineEnd = base.find(({ end }) => end !== '')?.end || usual;
  return lines.map(({ text }, index) => {
    if (index === lines.length - 1) return { text, end: '' };
    before = ends[index] || before;
    return { text, end: before };
  });
}

interface Block {
  readonly added?: boolean;
  readonly removed?: boolean;
  readonly count: number;
}
