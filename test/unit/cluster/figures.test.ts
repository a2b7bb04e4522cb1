import assert from 'node:assert/strict';
import { figuresOf, isFigureMetric } from '../../../src/etcd/cluster/figures.ts';
import { parseMetrics } from '../../../src/etcd/cluster/metricsText.ts';

const all = () => true;
const SYNC = 'etcd_disk_wal_fsync_duration_seconds';

/** A histogram of 100 observations, of which the last two took up to a second. */
function histogram(name: string, labels = ''): string {
  const buckets = { '0.001': 50, '0.002': 90, '0.004': 98, '1': 100, '+Inf': 100 };
  return Object.entries(buckets)
    .map(([le, count]) => `${name}_bucket{${labels}le="${le}"} ${count}`)
    .join('\n');
}

describe('metrics', () => {
  it('are read with their labels, whatever these contain', () => {
    const text = [
      '# HELP a_total What {it="counts"} 7',
      '# TYPE a_total counter',
      'a_total{path="C:\\\\dir\\n",say="\\"}, b=\\"1"} 3 1395066363000',
      'a_total 1.5e+06',
      'b +Inf',
      'c NaN',
      'not a sample',
      'd{',
    ].join('\n');
    const metrics = parseMetrics(text, all);
    assert.deepEqual(metrics.get('a_total'), [
      { labels: { path: 'C:\\dir\n', say: '"}, b="1' }, value: 3 },
      { labels: {}, value: 1_500_000 },
    ]);
    assert.equal(metrics.get('b')?.[0]?.value, Infinity);
    assert.ok(Number.isNaN(metrics.get('c')?.[0]?.value));
    assert.deepEqual([...metrics.keys()], ['a_total', 'b', 'c']);
  });

  it('are only those that are wanted', () => {
    const metrics = parseMetrics('etcd_a 1\ngo_goroutines 5\nprocess_open_fds 7\n', isFigureMetric);
    assert.deepEqual([...metrics.keys()], ['etcd_a', 'process_open_fds']);
  });

  it('of any size and form take time in proportion to their size', () => {
    const hostile = `${'a_total{x="\\'.repeat(50_000)}\n${'a'.repeat(1_000_000)}{\n`;
    assert.equal(parseMetrics(hostile, all).size, 0);
  });
});

describe('figures', () => {
  const severities = (text: string) =>
    Object.fromEntries(figuresOf(parseMetrics(text, isFigureMetric)).map(({ id, severity }) => [id, severity]));

  it('have their severity by the limits of etcd', () => {
    const calls = (failed: number, total = 1000) =>
      `grpc_server_handled_total{grpc_code="OK"} ${total - failed}\ngrpc_server_handled_total{grpc_code="Unavailable"} ${failed}`;
    assert.equal(severities(calls(10))['calls'], 'good');
    assert.equal(severities(calls(11))['calls'], 'warning');
    assert.equal(severities(calls(51))['calls'], 'failed');
    assert.equal(severities(calls(1, 14))['calls'], 'plain');
    assert.equal(severities('etcd_server_has_leader 0')['leader'], 'failed');
    assert.equal(severities('process_open_fds 81\nprocess_max_fds 100')['files'], 'warning');
    assert.equal(severities('etcd_debugging_mvcc_slow_watcher_total 1')['slowWatchers'], 'warning');
    assert.equal(severities(histogram(SYNC))['sync'], 'warning');
  });

  it('say the limit, and in words if it is exceeded', () => {
    const [sync] = figuresOf(parseMetrics(histogram(SYNC), isFigureMetric));
    assert.equal(sync?.text, 'SLOW: 502 ms (healthy below 10 ms)');
  });

  it('that a member does not have are left out', () => assert.deepEqual(severities('etcd_other 1'), {}));
});
