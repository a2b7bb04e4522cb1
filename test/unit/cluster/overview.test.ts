import assert from 'node:assert/strict';
import { ClusterHistory } from '../../../src/etcd/cluster/overview/clusterHistory.ts';
import { pointOf } from '../../../src/etcd/cluster/overview/clusterPoint.ts';
import type { ClusterSample, MemberSample } from '../../../src/etcd/cluster/overview/clusterSample.ts';
import { forecast } from '../../../src/etcd/cluster/overview/forecast.ts';

const HOUR = 3_600_000;

function member(more: Partial<MemberSample> = {}): MemberSample {
  const none = {
    size: undefined,
    sizeInUse: undefined,
    quota: undefined,
    appliedIndex: undefined,
    failedProposals: undefined,
  };
  return {
    ...none,
    ...{ id: 1n, name: 'm1', sync: undefined, commit: undefined, calls: new Map(), failure: undefined },
    ...more,
  };
}

function sample(time: number, members: readonly MemberSample[], more: Partial<ClusterSample> = {}): ClusterSample {
  return { time, members, newestIndex: undefined, leader: undefined, ...more };
}

function durations(fast: number, slow: number) {
  return [
    { bound: 0.001, count: fast },
    { bound: 1, count: fast + slow },
    { bound: Infinity, count: fast + slow },
  ];
}

describe('a point of a cluster’s figures', () => {
  it('has durations since the sample before, not since the start of the member', () => {
    const before = sample(0, [member({ sync: durations(1_000_000, 0) })]);
    const after = sample(1000, [member({ sync: durations(1_000_000, 100) })]);
    assert.ok((pointOf(after, before).members[0]?.sync ?? 0) > 0.9);
    assert.equal(pointOf(after, undefined).members[0]?.sync, undefined);
  });

  it('has no durations across a restart, nor where nothing was written', () => {
    const before = sample(0, [member({ commit: durations(10, 5) })]);
    for (const commit of [durations(3, 0), durations(10, 5)])
      assert.equal(pointOf(sample(1000, [member({ commit })]), before).members[0]?.commit, undefined);
  });

  it('has the requests per second of all members, without one that was started again', () => {
    const calls = (all: number, failed: number) => new Map([['Range', { all, failed }]]);
    const before = sample(0, [
      member({ calls: calls(100, 0) }),
      member({ id: 2n, calls: calls(50, 1) }),
      member({ id: 3n, calls: calls(900, 0) }),
    ]);
    const after = sample(2000, [
      member({ calls: calls(120, 4) }),
      member({ id: 2n, calls: calls(60, 1) }),
      member({ id: 3n, calls: calls(5, 0) }),
    ]);
    const { calls: rates, failures } = pointOf(after, before);
    assert.deepEqual([...(rates ?? [])], [['Range', 15]]);
    assert.equal(failures, 2);
    assert.equal(pointOf(after, undefined).calls, undefined);
  });

  it('has no rates where metrics were not read', () => {
    const calls = new Map([['Range', { all: 100, failed: 0 }]]);
    assert.equal(pointOf(sample(1000, [member({ calls })]), sample(0, [member()])).calls, undefined);
    assert.equal(pointOf(sample(1000, [member()]), sample(0, [member({ calls })])).calls, undefined);
  });

  it('counts a member’s lag from the newest entry that any member knows', () => {
    const { members } = pointOf(
      sample(0, [member({ appliedIndex: 90n }), member({ id: 2n })], { newestIndex: 100n }),
      undefined,
    );
    assert.deepEqual(
      members.map(({ lag }) => lag),
      [10, undefined],
    );
  });
});

describe('the history of a cluster’s figures', () => {
  it('has changes of the leader, also over a time without one', () => {
    const history = new ClusterHistory();
    for (const [time, leader] of [1n, 1n, undefined, 2n, 2n, 1n].entries()) history.add(sample(time, [], { leader }));
    assert.deepEqual(history.leaderChanges, [
      { time: 3, from: 1n, to: 2n },
      { time: 5, from: 2n, to: 1n },
    ]);
  });

  it('counts what etcd’s alerts count, within 15 minutes and of the worst member', () => {
    const history = new ClusterHistory();
    const failed = (time: number, one: number, other: number, leader: bigint) =>
      history.add(
        sample(time * 60_000, [member({ failedProposals: one }), member({ id: 2n, failedProposals: other })], {
          leader,
        }),
      );
    failed(0, 0, 0, 1n);
    failed(1, 9000, 0, 2n);
    failed(10, 9900, 1800, 1n);
    failed(14, 10_800, 100, 2n);
    assert.equal(history.recentLeaderChanges, 3);
    assert.equal(history.failedProposals, 12);
    failed(17, 10_800, 1900, 1n);
    assert.equal(history.recentLeaderChanges, 3);
    assert.equal(history.failedProposals, 4);
  });

  it('keeps a limited number of points, the latest ones', () => {
    const history = new ClusterHistory();
    for (let time = 0; time < 700; time++) history.add(sample(time, []));
    assert.equal(history.points.length, 600);
    assert.equal(history.points.at(-1)?.time, 699);
  });
});

describe('a forecast', () => {
  const growing = Array.from({ length: 10 }, (_, index) => ({ time: index * HOUR, value: 100 + index * 10 }));

  it('says when a limit is reached if the growth stays the same', () => {
    const { reaches, slope } = forecast(growing, 290) ?? assert.fail('no forecast');
    assert.ok(Math.abs(slope * HOUR - 10) < 1e-9);
    assert.ok(Math.abs((reaches ?? 0) - 19 * HOUR) < 1);
  });

  it('says nothing of a limit that is passed, or that is never reached', () => {
    assert.equal(forecast(growing, 150)?.reaches, undefined);
    assert.equal(forecast(growing, undefined)?.reaches, undefined);
    const shrinking = growing.map(({ time, value }) => ({ time, value: -value }));
    assert.equal(forecast(shrinking, 290)?.reaches, undefined);
  });

  it('needs enough values over enough time', () => {
    assert.equal(forecast(growing.slice(0, 4), 290), undefined);
    assert.equal(
      forecast(
        growing.map(({ value }, index) => ({ time: index, value })),
        290,
      ),
      undefined,
    );
  });
});
