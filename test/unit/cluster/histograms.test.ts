import assert from 'node:assert/strict';
import { histogramsOf, observedSince, quantile, type Histogram } from '../../../src/etcd/cluster/histograms.ts';
import { parseMetrics } from '../../../src/etcd/cluster/metricsText.ts';

const HUNDRED: Histogram = [
  { bound: 0.001, count: 50 },
  { bound: 0.004, count: 98 },
  { bound: 1, count: 100 },
  { bound: Infinity, count: 100 },
];

describe('a histogram', () => {
  it('is read in the order of its bounds, one for each of its other labels', () => {
    const text = [
      'd_bucket{To="a",le="+Inf"} 3',
      'd_bucket{To="a",le="0.1"} 1',
      'd_bucket{To="b",le="0.1"} 7',
      'd_bucket{To="a",le="0.02"} 0',
    ].join('\n');
    const metrics = parseMetrics(text, () => true);
    assert.deepEqual(histogramsOf(metrics, 'd'), [
      [
        { bound: 0.02, count: 0 },
        { bound: 0.1, count: 1 },
        { bound: Infinity, count: 3 },
      ],
      [{ bound: 0.1, count: 7 }],
    ]);
    assert.deepEqual(histogramsOf(metrics, 'other'), []);
  });

  it('has quantiles that are linear within a bucket, as Prometheus has them', () => {
    assert.equal(quantile(HUNDRED, 0.5), 0.001);
    assert.equal(quantile(HUNDRED, 0.25), 0.0005);
    const near = quantile(HUNDRED, 0.99) ?? 0;
    assert.ok(Math.abs(near - (0.004 + 0.996 / 2)) < 1e-9, String(near));
  });

  it('has no quantiles if nothing was observed, and none beyond its last bound', () => {
    assert.equal(quantile([], 0.99), undefined);
    assert.equal(quantile([{ bound: Infinity, count: 0 }], 0.99), undefined);
    const slow = [
      { bound: 2, count: 0 },
      { bound: Infinity, count: 9 },
    ];
    assert.equal(quantile(slow, 0.99), 2);
  });

  it('has what was observed since an earlier one, unless the counts began again', () => {
    const later = HUNDRED.map(({ bound, count }) => ({ bound, count: count + (bound === Infinity ? 10 : 0) }));
    assert.deepEqual(
      observedSince(HUNDRED, later)?.map(({ count }) => count),
      [0, 0, 0, 10],
    );
    assert.equal(observedSince(later, HUNDRED), undefined);
  });
});
