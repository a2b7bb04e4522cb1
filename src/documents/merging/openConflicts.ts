import { diffArrays } from 'diff';

/** Milliseconds for all comparisons together, because the extension host waits for them. */
const TIME_LIMIT = 1000;

export interface MergedTexts {
  readonly base: string;
  readonly theirs: string;
  readonly mine: string;
}

/** Lines of a text, from `start` to `end`, that differ in another one. */
interface Hunk {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

interface Conflict {
  readonly start: number;
  readonly end: number;
}

/**
 * Counts the conflicts, places that both sides changed differently, in which a merge's result still has the original
 * text, so that both changes would be lost. Takes time in proportion to the texts and the number of lines that differ.
 * @returns undefined if the texts differ so much that counting would take too long
 */
export function openConflicts({ base, theirs, mine }: MergedTexts, result: string): number | undefined {
  const deadline = performance.now() + TIME_LIMIT;
  const baseLines = linesOf(base);
  const [theirHunks, myHunks] = [theirs, mine].map((text) => hunks(baseLines, linesOf(text), deadline));
  if (!theirHunks || !myHunks) return undefined;
  const { conflicts, untouched } = mergeUntouched(baseLines, theirHunks, myHunks);
  if (conflicts.length === 0) return 0;
  const differences = hunks(untouched, linesOf(result), deadline);
  const isTouched = (conflict: Conflict) =>
    differences?.some(({ start, end }) => start <= conflict.end && end >= conflict.start);
  return differences && conflicts.filter((conflict) => !isTouched(conflict)).length;
}

/** Merges both sides, but keeps the original text in each conflict; also returns the places of conflicts. */
function mergeUntouched(base: readonly string[], theirs: readonly Hunk[], mine: readonly Hunk[]) {
  const untouched: string[] = [];
  const conflicts: Conflict[] = [];
  let taken = 0;
  for (const { start, end, theirHunks, myHunks } of regions(theirs, mine)) {
    untouched.push(...base.slice(taken, start));
    taken = end;
    const before = base.slice(start, end);
    const [their, my] = [theirHunks, myHunks].map((changes) => changed(before, start, changes));
    const isConflict = theirHunks.length > 0 && myHunks.length > 0 && their?.join('\n') !== my?.join('\n');
    const now = isConflict ? before : theirHunks.length > 0 ? their : my;
    if (isConflict) conflicts.push({ start: untouched.length, end: untouched.length + before.length });
    untouched.push(...(now ?? []));
  }
  untouched.push(...base.slice(taken));
  return { conflicts, untouched };
}

interface Region extends Conflict {
  readonly theirHunks: readonly Hunk[];
  readonly myHunks: readonly Hunk[];
}

/** Groups changes that overlap or touch. */
function regions(theirs: readonly Hunk[], mine: readonly Hunk[]): Region[] {
  const all = [
    ...theirs.map((hunk) => ({ ...hunk, isMine: false })),
    ...mine.map((hunk) => ({ ...hunk, isMine: true })),
  ].toSorted((a, b) => a.start - b.start || a.end - b.end);
  const groups: { start: number; end: number; hunks: typeof all }[] = [];
  for (const hunk of all) {
    const group = groups.at(-1);
    if (group && hunk.start <= group.end) {
      group.hunks.push(hunk);
      group.end = Math.max(group.end, hunk.end);
    } else groups.push({ start: hunk.start, end: hunk.end, hunks: [hunk] });
  }
  return groups.map(({ start, end, hunks: grouped }) => ({
    start,
    end,
    theirHunks: grouped.filter(({ isMine }) => !isMine),
    myHunks: grouped.filter(({ isMine }) => isMine),
  }));
}

/** Applies one side's changes to a region's lines. */
function changed(before: readonly string[], offset: number, changes: readonly Hunk[]): string[] {
  const lines: string[] = [];
  let taken = offset;
  for (const { start, end, lines: replacement } of changes) {
    lines.push(...before.slice(taken - offset, start - offset), ...replacement);
    taken = end;
  }
  return [...lines, ...before.slice(taken - offset)];
}

function hunks(before: readonly string[], after: readonly string[], deadline: number): Hunk[] | undefined {
  const timeout = Math.max(1, deadline - performance.now());
  const parts = diffArrays([...before], [...after], { timeout });
  if (!parts) return undefined;
  const found: { start: number; end: number; lines: string[] }[] = [];
  let at = 0;
  let isOpen = false;
  for (const { added, removed, value } of parts) {
    if ((added || removed) && !isOpen) found.push({ start: at, end: at, lines: [] });
    isOpen = added || removed;
    const hunk = found.at(-1);
    if (added) hunk?.lines.push(...value);
    else at += value.length;
    if (hunk && removed) hunk.end = at;
  }
  return found;
}

function linesOf(text: string): string[] {
  return text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
}
