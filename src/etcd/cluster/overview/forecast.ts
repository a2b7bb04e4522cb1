import { sum } from '../../sum.ts';

/** A value at a time, in milliseconds. */
export interface TimedValue {
  readonly time: number;
  readonly value: number;
}

/** Growth of a value, and when it reaches its limit if it keeps growing like this. */
export interface Forecast {
  /** Change per millisecond; negative if it shrinks. */
  readonly slope: number;
  /** Value at a time, on the line that fits best. */
  at(time: number): number;
  /** Time at which the limit is reached; undefined if it never is. */
  readonly reaches: number | undefined;
}

/** Limits below which values say too little for a forecast: their number, and the time between first and last. */
const MIN_VALUES = 5;
const MIN_MILLISECONDS = 10_000;

/** Fits a line to values by least squares. @returns undefined if there are too few values */
export function forecast(values: readonly TimedValue[], limit: number | undefined): Forecast | undefined {
  const [first, last] = [values[0], values.at(-1)];
  if (!first || !last || values.length < MIN_VALUES || last.time - first.time < MIN_MILLISECONDS) return undefined;
  const meanTime = mean(values.map(({ time }) => time));
  const meanValue = mean(values.map(({ value }) => value));
  let [products, squares] = [0, 0];
  for (const { time, value } of values) {
    products += (time - meanTime) * (value - meanValue);
    squares += (time - meanTime) ** 2;
  }
  const slope = products / squares;
  const at = (time: number) => meanValue + slope * (time - meanTime);
  const missing = limit === undefined ? undefined : limit - at(last.time);
  const isReached = missing !== undefined && slope > 0 && missing > 0;
  return { slope, at, reaches: isReached ? last.time + missing / slope : undefined };
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
