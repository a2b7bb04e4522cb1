import type { KeyNode, KeyspaceNode } from '../nodes.ts';

/** A key's place in the line for a lock or an election; `unknown` if not all of the line is listed. */
export type PlaceInLine = 'holder' | 'waiting' | 'unknown';

/** The first turns of levels as they were loaded. */
const firsts = new WeakMap<readonly KeyspaceNode[], bigint>();

/** Returns the place of a key among those beside it; undefined if it is of no lock or election. */
export function placeInLine(node: KeyNode): PlaceInLine | undefined {
  const { turn, parent } = node;
  if (turn === undefined) return undefined;
  const isWhole = parent.isComplete && !parent.from && parent.filter === undefined;
  if (!isWhole || parent.loadedChild(node.path) !== node) return 'unknown';
  return turn === firstTurn(parent.loaded) ? 'holder' : 'waiting';
}

function firstTurn(level: readonly KeyspaceNode[]): bigint | undefined {
  const known = firsts.get(level);
  if (known !== undefined) return known;
  let first: bigint | undefined;
  for (const node of level)
    if (node.kind === 'key' && node.turn !== undefined && (first === undefined || node.turn < first)) first = node.turn;
  if (first !== undefined) firsts.set(level, first);
  return first;
}
