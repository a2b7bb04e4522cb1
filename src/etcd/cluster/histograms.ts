import type { Metrics } from './metricsText.ts';

/** Numbers of observations by the bound that they do not exceed, sorted by bound; each includes those below it. */
export type Histogram = readonly { readonly bound: number; readonly count: number }[];

/** Returns a metric's histograms: one for each combination of its other labels. */
export function histogramsOf(metrics: Metrics, name: string): Histogram[] {
  const histograms = new Map<string, { readonly bound: number; readonly count: number }[]>();
  for (const { labels, value } of metrics.get(`${name}_bucket`) ?? []) {
    const { le = '', ...others } = labels;
    const key = JSON.stringify(others);
    const bound = le === '+Inf' ? Infinity : Number(le);
    const buckets = histograms.get(key) ?? [];
    buckets.push({ bound, count: value });
    histograms.set(key, buckets);
  }
  return [...histograms.values()].map((buckets) => buckets.toSorted((one, other) => one.bound - other.bound));
}

/**
 * Returns the value that a share of all observations does not exceed, as Prometheus computes it: linear within a
 * bucket.
 * @param share from 0 to 1
 * @returns undefined if nothing was observed
 */
export function quantile(histogram: Histogram, share: number): number | undefined {
  const all = histogram.at(-1)?.count ?? 0;
  if (all === 0) return undefined;
  const rank = share * all;
  const at = histogram.findIndex(({ count }) => count >= rank);
  const [bucket, before] = [histogram[at], histogram[at - 1] ?? { bound: 0, count: 0 }];
  if (!bucket) return undefined;
  // Nothing more is known about values above the last bound.
  if (bucket.bound === Infinity) return before.bound;
  const within = bucket.count === before.count ? 1 : (rank - before.count) / (bucket.count - before.count);
  return before.bound + (bucket.bound - before.bound) * within;
}

/**
 * Returns what was observed between two states of a histogram.
 * @returns undefined if the counts were reset in between, because the member restarted
 */
export function observedSince(earlier: Histogram, later: Histogram): Histogram | undefined {
  const counts = new Map(earlier.map(({ bound, count }) => [bound, count]));
  const since = later.map(({ bound, count }) => ({ bound, count: count - (counts.get(bound) ?? 0) }));
  return since.every(({ count }) => count >= 0) ? since : undefined;
}
