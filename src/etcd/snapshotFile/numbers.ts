/** Numbers by their index, in memory or in a file. A typed array is one. */
export interface Numbers {
  readonly length: number;
  /** Returns undefined behind the end. */
  at(index: number): number | undefined;
}

/** Bytes in memory or in a file. A Uint8Array is one. */
export interface Bytes {
  readonly length: number;
  subarray(from: number, to: number): Uint8Array;
}

/** Returns the index of the last number that is not above a value, among ascending ones; `from - 1` if there is none. */
export function lastNotAbove(numbers: Numbers, value: number, from = 0, to = numbers.length): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = low + ((high - low) >>> 1);
    if ((numbers.at(middle) ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Returns an array with one more entry than the numbers: the sum of those before each index, and of all. */
export function sumsOf<Sums extends Uint32Array | Float64Array>(sums: Sums, figure: (index: number) => number): Sums {
  for (let index = 0; index + 1 < sums.length; index++) sums[index + 1] = (sums[index] ?? 0) + figure(index);
  return sums;
}
