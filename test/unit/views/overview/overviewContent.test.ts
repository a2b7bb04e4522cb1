import assert from 'node:assert/strict';
import { ClusterHistory } from '../../../../src/etcd/cluster/overview/clusterHistory.ts';
import type { ClusterSample, MemberSample } from '../../../../src/etcd/cluster/overview/clusterSample.ts';
import { EtcdError, type EtcdErrorKind } from '../../../../src/etcd/errors.ts';
import { overviewContent } from '../../../../src/views/overview/overviewContent.ts';
import { spaceMessage } from '../../../../src/views/overview/spaceMessages.ts';

const MEGABYTE = 1024 * 1024;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Observations of one duration each, of which `slow` took about a second. */
function durations(slow: number) {
  return [
    { bound: 0.001, count: 100 },
    { bound: 1, count: 100 + slow },
    { bound: Infinity, count: 100 + slow },
  ];
}

function member(more: Partial<MemberSample> = {}): MemberSample {
  return {
    ...{ id: 1n, name: 'm1', size: 50 * MEGABYTE, sizeInUse: 40 * MEGABYTE, quota: 100 * MEGABYTE },
    ...{ appliedIndex: 1000n, sync: durations(0), commit: durations(0), calls: new Map(), failedProposals: 0 },
    ...{ failure: undefined, ...more },
  };
}

function sample(time: number, of: Partial<MemberSample>, more: Partial<ClusterSample> = {}): ClusterSample {
  return { time, members: [member(of)], newestIndex: 1000n, leader: 1n, ...more };
}

function page(samples: readonly ClusterSample[], failure?: EtcdError) {
  const history = new ClusterHistory();
  for (const each of samples) history.add(each);
  const { sentence, severity, charts } = overviewContent(history, 5, failure);
  const chart = (id: string) => charts.find((each) => each.id === id) ?? assert.fail(id);
  return { sentence, severity, chart };
}

describe('the overview of a cluster', () => {
  const calls = (all: number, failed: number) => new Map([['Range', { all, failed }]]);

  it('says of each chart that is beyond its limit so, in a sentence', () => {
    const { chart } = page([
      sample(0, { calls: calls(0, 0) }),
      sample(
        SECOND,
        {
          ...{ size: 96 * MEGABYTE, appliedIndex: 1000n, calls: calls(200, 20) },
          ...{ sync: durations(50), commit: durations(50) },
        },
        { newestIndex: 9000n },
      ),
    ]);
    const looks = (id: string) => [chart(id).severity, chart(id).sentence] as const;
    assert.equal(looks('size')[0], 'failed');
    assert.match(looks('size')[1], /uses 96 MB of its quota of 100 MB \(96 %\)/);
    assert.deepEqual(looks('lag'), ['warning', 'More than 5,000 entries behind: m1.']);
    assert.deepEqual(looks('sync'), ['warning', 'Slower than 10 ms: m1.']);
    assert.deepEqual(looks('commit'), ['failed', 'Slower than 25 ms: m1.']);
    assert.deepEqual(looks('calls'), ['failed', 'Too many requests fail: 10 % of 200 per second (limit 1 %).']);
  });

  it('draws a limit in each chart, of requests that of the failures', () => {
    const { chart } = page([sample(0, { calls: calls(0, 0) }), sample(2 * SECOND, { calls: calls(6, 0) })]);
    for (const id of ['size', 'lag', 'sync', 'commit', 'calls']) assert.equal(chart(id).limits.length, 1, id);
    assert.equal(chart('calls').limits[0]?.value, 0.03);
    assert.deepEqual(
      chart('calls').lines.map(({ label, cells }) => [label, cells[3]]),
      [
        ['Range', ''],
        ['failures', '0.03/s'],
      ],
    );
  });

  it('warns of a quota that would be reached within four hours', () => {
    const growing = (bytesAMinute: number) =>
      page([0, 1, 2, 3, 4, 5].map((time) => sample(time * MINUTE, { sizeInUse: 40 * MEGABYTE + time * bytesAMinute })));
    assert.equal(growing(MEGABYTE).chart('size').severity, 'warning');
    assert.match(growing(MEGABYTE).chart('size').sentence, /would reach the quota in about 55 min/);
    assert.equal(growing(MEGABYTE / 10).chart('size').severity, 'good');
  });

  it('warns of a leader that changes often, and of proposals that fail', () => {
    const changing = [1n, 2n, 1n, 2n].map((leader, time) => sample(time * MINUTE, {}, { leader }));
    assert.equal(page(changing).severity, 'good');
    const oneMore = page([...changing, sample(4 * MINUTE, {})]);
    assert.equal(oneMore.severity, 'warning');
    assert.match(oneMore.sentence, /The leader changed 4 times within 15 minutes \(limit 4\)/);
    const failing = page([sample(0, {}), sample(MINUTE, { failedProposals: 9000 })]);
    assert.equal(failing.severity, 'warning');
    assert.match(failing.sentence, /10 proposals per second failed within 15 minutes \(limit 5\)/);
    assert.equal(page([sample(0, {}), sample(MINUTE, { failedProposals: 4500 })]).severity, 'good');
  });

  it('does not call sick what etcd does not show, or does not serve', () => {
    const failing = (kind: EtcdErrorKind) => page([sample(0, { failure: new EtcdError(kind, 'Why.') })]);
    assert.equal(failing('unsupported').severity, 'hidden');
    assert.equal(failing('permissionDenied').severity, 'hidden');
    assert.equal(failing('timedOut').severity, 'warning');
    assert.match(failing('timedOut').sentence, /: Why\.$/);
    const untold = page([sample(0, { size: undefined, sizeInUse: undefined }, { leader: undefined })]);
    assert.equal(untold.severity, 'hidden');
    assert.equal(page([sample(0, {}, { leader: undefined })]).severity, 'warning');
  });

  it('says why the cluster did not answer', () => {
    const { sentence, severity } = page([], new EtcdError('refused', 'Nothing listens there.'));
    assert.deepEqual([severity, sentence], ['failed', 'Nothing listens there.']);
    assert.equal(page([]).severity, 'plain');
  });
});

describe('what the page reports about space', () => {
  it('is a count of changes only for a time that can be chosen', () => {
    assert.deepEqual(spaceMessage({ kind: 'churn', minutes: 15 }), { kind: 'churn', minutes: 15 });
    for (const minutes of [0, 2, 1e9, '5', undefined])
      assert.equal(spaceMessage({ kind: 'churn', minutes }), undefined);
    assert.equal(spaceMessage({ kind: 'churn' }), undefined);
  });
});
