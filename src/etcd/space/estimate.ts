import { sum } from '../sum.ts';

/** A number, and how far it may be off with a probability of 95 %; 0 if it is exact. */
export interface Estimate {
  readonly value: number;
  readonly plusMinus: number;
}

/** A sample of one part of the keys. */
export interface StratumSample {
  /** Number of all keys of the part. */
  readonly keys: number;
  /** Figures of the keys that were read. */
  readonly values: readonly number[];
}

/** Standard deviations within which 95 % lie. */
const WIDTH = 1.96;

/** Estimates the total of all keys from samples of parts of them, each of which counts by its number of keys. */
export function totalOf(strata: readonly StratumSample[]): Estimate {
  const all = strata.filter(({ keys, values }) => keys > 0 && values.length > 0);
  const pooled = variance(all.flatMap(({ values }) => values));
  let [value, error] = [0, 0];
  for (const { keys, values } of all) {
    value += keys * mean(values);
    // A single value says nothing about how values differ.
    const spread = values.length > 1 ? variance(values) : pooled;
    error += (keys ** 2 * spread * (1 - Math.min(1, values.length / keys))) / values.length;
  }
  return { value, plusMinus: WIDTH * Math.sqrt(error) };
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function variance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return sum(values.map((value) => (value - middle) ** 2)) / (values.length - 1);
}
