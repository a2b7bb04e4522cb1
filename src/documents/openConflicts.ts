import { diff3Merge, diffIndices } from 'node-diff3';

/** Longer texts are not looked at, since the extension host waits for it. */
const MOST_CHARACTERS = 256 * 1024;

export interface MergedTexts {
  readonly base: string;
  readonly theirs: string;
  readonly mine: string;
}

/**
 * How many places that both sides changed differently are in a merge's result as they were before both: there the changes of
 * both would be lost.
 */
export function openConflicts({ base, theirs, mine }: MergedTexts, result: string): number {
  if ([base, theirs, mine, result].some(({ length }) => length > MOST_CHARACTERS)) return 0;
  const parts = diff3Merge(lines(theirs), lines(base), lines(mine), { excludeFalseConflicts: true });
  const untouched: string[] = [];
  const conflicts: { readonly start: number; readonly end: number }[] = [];
  for (const part of parts) {
    const content = part.ok ?? part.conflict?.o ?? [];
    if (part.conflict) conflicts.push({ start: untouched.length, end: untouched.length + content.length });
    untouched.push(...content);
  }
  const differences = diffIndices(untouched, lines(result));
  const isTouched = ({ start, end }: { readonly start: number; readonly end: number }) =>
    differences.some(({ buffer1: [first, length] }) => first <= end && first + length >= start);
  return conflicts.filter((conflict) => !isTouched(conflict)).length;
}

function lines(text: string): string[] {
  return text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
}
