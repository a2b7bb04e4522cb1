import type { KeyTable } from './keyTable.ts';

/** Bytes that fit into one exact number, with 257 values each, including "ended". */
const BYTES_AT_ONCE = 6;
const BASE = 257;
/** Up to this many keys are sorted by insertion. */
const FEW = 12;

interface Task {
  readonly from: number;
  readonly to: number;
  /** Number of leading bytes that the keys of this part share. */
  readonly depth: number;
  /** True if `parts` are still those of another depth. */
  readonly isDeeper: boolean;
}

/**
 * Sorts the keys' numbers in key order, with a three-way radix quicksort (Bentley and Sedgewick) that compares six
 * bytes at a time, so long common prefixes cost little. It has a stack of its own, so no key is too long.
 */
export function keyOrder(keys: KeyTable): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length: keys.count }, (_, index) => index);
  const parts = new Float64Array(keys.count);
  const tasks: Task[] = [{ from: 0, to: keys.count, depth: 0, isDeeper: true }];
  for (let task = tasks.pop(); task; task = tasks.pop()) {
    const { from, to, depth, isDeeper } = task;
    if (to - from <= FEW) {
      sortFew(keys, order, from, to, depth);
      continue;
    }
    if (isDeeper) for (let index = from; index < to; index++) parts[index] = partOf(keys, order[index] ?? 0, depth);
    const pivot = middle(parts[from] ?? 0, parts[(from + to) >> 1] ?? 0, parts[to - 1] ?? 0);
    let low = from;
    let high = to;
    for (let index = from; index < high;) {
      const part = parts[index] ?? 0;
      if (part < pivot) swap(order, parts, index++, low++);
      else if (part > pivot) swap(order, parts, index, --high);
      else index++;
    }
    tasks.push({ from, to: low, depth, isDeeper: false }, { from: high, to, depth, isDeeper: false });
    // If one of the pivot's keys has ended, all of them are the same key.
    if (pivot % BASE !== 0) tasks.push({ from: low, to: high, depth: depth + BYTES_AT_ONCE, isDeeper: true });
  }
  return order;
}

function partOf(keys: KeyTable, number: number, depth: number): number {
  let part = 0;
  for (let index = depth; index < depth + BYTES_AT_ONCE; index++) part = part * BASE + keys.byteAt(number, index) + 1;
  return part;
}

function middle(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swap(order: Uint32Array, parts: Float64Array, a: number, b: number): void {
  const number = order[a] ?? 0;
  const part = parts[a] ?? 0;
  order[a] = order[b] ?? 0;
  parts[a] = parts[b] ?? 0;
  order[b] = number;
  parts[b] = part;
}

function sortFew(keys: KeyTable, order: Uint32Array, from: number, to: number, depth: number): void {
  for (let index = from + 1; index < to; index++) {
    const number = order[index] ?? 0;
    let place = index;
    for (; place > from && isBefore(keys, number, order[place - 1] ?? 0, depth); place--)
      order[place] = order[place - 1] ?? 0;
    order[place] = number;
  }
}

function isBefore(keys: KeyTable, a: number, b: number, depth: number): boolean {
  for (let index = depth; ; index++) {
    const left = keys.byteAt(a, index);
    const right = keys.byteAt(b, index);
    if (left !== right) return left < right;
    if (left < 0) return false;
  }
}
