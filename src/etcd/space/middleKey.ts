import { isOpen } from '../keys/ranges.ts';
import type { KeyRange } from '../keyStore.ts';

/** Bytes after the common beginning that are compared: keys that differ only later count as neighbors. */
const DEPTH = 12;

/**
 * Returns a key in the middle of a range, by its bytes as digits of a fraction; undefined if there is none between
 * them.
 */
export function middleKey(range: KeyRange): Uint8Array | undefined {
  const { start, end } = range;
  const upper = isOpen(range) ? new Uint8Array(DEPTH).fill(0xff) : end;
  let common = 0;
  while (common < start.length && start[common] === upper[common]) common++;
  const [low, high] = [fraction(start, common), fraction(upper, common)];
  if (high - low < 2n) return undefined;
  const digits = ((low + high) / 2n).toString(16).padStart(2 * DEPTH, '0');
  const middle = Buffer.concat([start.subarray(0, common), Buffer.from(digits, 'hex')]);
  // Zeros at the end would only make the key longer.
  const last = middle.findLastIndex((byte) => byte !== 0);
  return middle.subarray(0, Math.max(last + 1, common + 1));
}

function fraction(key: Uint8Array, from: number): bigint {
  const digits = Buffer.alloc(DEPTH);
  digits.set(key.subarray(from, from + DEPTH));
  return BigInt(`0x${digits.toString('hex')}`);
}
