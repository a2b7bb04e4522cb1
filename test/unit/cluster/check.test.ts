import assert from 'node:assert/strict';
import { adviceOf } from '../../../src/etcd/cluster/advice.ts';
import { checkCluster, type Finding } from '../../../src/etcd/cluster/check.ts';
import type { ClusterReader, ClusterState, HashAnswer, MemberHash } from '../../../src/etcd/cluster/clusterAdmin.ts';
import { figuresOf, isFigureMetric } from '../../../src/etcd/cluster/figures.ts';
import { parseMetrics } from '../../../src/etcd/cluster/metricsText.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { answered, clusterOf, DOWN, MEGABYTE, NOT_ASKED, status } from './states.ts';

/** Metrics of which each figure with a limit is beyond it. */
const BAD = [
  'etcd_server_has_leader 0',
  ...['etcd_disk_wal_fsync', 'etcd_disk_backend_commit', 'etcd_network_peer_round_trip_time'].map((name) => {
    const metric = name.endsWith('time') ? `${name}_seconds` : `${name}_duration_seconds`;
    return `${metric}_bucket{le="1"} 0\n${metric}_bucket{le="4"} 100\n${metric}_bucket{le="+Inf"} 100`;
  }),
  'grpc_server_handled_total{grpc_method="Range",grpc_code="Unavailable"} 1000',
  'etcd_debugging_mvcc_slow_watcher_total 1',
  'process_open_fds 99\nprocess_max_fds 100',
].join('\n');

const denied = new EtcdError('permissionDenied', 'Only root may do this.');

interface Fake {
  readonly hashes?: ReadonlyMap<bigint, MemberHash | EtcdError>;
  readonly metrics?: string | EtcdError;
}

async function check(state: ClusterState, { hashes = new Map(), metrics = 'etcd_server_has_leader 1' }: Fake = {}) {
  const reader: Pick<ClusterReader, 'state' | 'hashes' | 'metrics'> = {
    state: () => Promise.resolve(state),
    hashes: (members) =>
      Promise.resolve({
        revision: 100n,
        answers: new Map(
          members.map(({ id }): [bigint, HashAnswer] => {
            const hash = hashes.get(id) ?? { hash: 7, compactRevision: 1n };
            return [id, hash instanceof EtcdError ? { kind: 'failed', error: hash } : { kind: 'hashed', hash }];
          }),
        ),
      }),
    metrics: () =>
      metrics instanceof EtcdError ? Promise.reject(metrics) : Promise.resolve(parseMetrics(metrics, isFigureMetric)),
  };
  const findings = await checkCluster(reader);
  return (subject: string) =>
    findings
      .filter((finding) => finding.subject === subject)
      .map(({ severity, member, text, remedy }: Finding) => [severity, member?.name, remedy, text] as const);
}

/** Says what is left of one finding. */
function only<T>(found: readonly T[]): T {
  assert.equal(found.length, 1);
  return found[0] ?? assert.fail();
}

describe('a check of a cluster', () => {
  it('finds nothing in a healthy one', async () => {
    const of = await check(clusterOf([answered(), answered(), answered()]));
    for (const subject of ['leader', 'alarms', 'reachable', 'space', 'same data', 'version', 'metrics'])
      for (const [severity] of of(subject)) assert.equal(severity, 'ok', subject);
    assert.match(only(of('leader'))[3], /m1/);
    assert.match(only(of('same data'))[3], /3 members have the same hash/);
  });

  it('says that no member knows a leader, unless none was told', async () => {
    const lost = await check(clusterOf([answered({ status: status({ leader: 0n }) })]));
    assert.match(only(lost('leader'))[3], /Start its other members/);
    const hidden = await check(clusterOf([answered({ status: undefined })]));
    assert.equal(only(hidden('leader'))[0], 'notShown');
    assert.equal(only(hidden('space'))[0], 'notShown');
  });

  it('leads from each alarm to its remedy, the corrupt member first', async () => {
    const alarms = (...kinds: readonly ('NOSPACE' | 'CORRUPT')[]) =>
      check(
        clusterOf([answered()], {
          alarms: { kind: 'reported', alarms: kinds.map((kind) => ({ kind, memberId: 1n })) },
        }),
      );
    assert.deepEqual(only((await alarms('NOSPACE'))('alarms')).slice(0, 3), ['failed', undefined, 'makeRoom']);
    const [, , remedy, text] = only((await alarms('NOSPACE', 'CORRUPT'))('alarms'));
    assert.equal(remedy, 'removeMember');
    assert.match(text, /NOSPACE at m1, CORRUPT at m1.*Replace the corrupt member.*make room/);
  });

  it('does not call alarms healthy that it was not told, or could not read', async () => {
    const hidden = await check(clusterOf([answered()], { alarms: { kind: 'hidden' } }));
    assert.equal(only(hidden('alarms'))[0], 'notShown');
    const error = new EtcdError('noLeader', 'There is no leader.');
    const failed = await check(clusterOf([answered()], { alarms: { kind: 'failed', error } }));
    assert.deepEqual(only(failed('alarms')), ['failed', undefined, undefined, 'There is no leader.']);
  });

  it('says of each member whether it was reached, and what to do if not', async () => {
    const slow = answered({ health: { kind: 'unhealthy', error: new EtcdError('timedOut', 'It took too long.') } });
    const learner = answered({ health: { kind: 'learner' } });
    const of = await check(clusterOf([answered(), DOWN, NOT_ASKED, slow, learner]));
    assert.deepEqual(
      of('reachable').map(([severity, member, remedy]) => [severity, member, remedy]),
      [
        ['ok', 'm1', undefined],
        ['failed', 'm2', 'removeMember'],
        ['notShown', 'm3', 'editConnection'],
        ['failed', 'm4', 'diagnoseConnection'],
        ['ok', 'm5', undefined],
      ],
    );
    assert.match(of('reachable')[1]?.[3] ?? '', /^Nothing listens there\. Start it; if it is lost for ever, remove it/);
  });

  it('leads from a nearly full member, and from one that is mostly unused, to their remedies', async () => {
    const of = await check(
      clusterOf([
        answered({ status: status({ size: 96 * MEGABYTE, quota: 100 * MEGABYTE }) }),
        answered({ status: status({ size: 400 * MEGABYTE, sizeInUse: 10 * MEGABYTE }) }),
        answered({ status: status({ quota: undefined }) }),
      ]),
    );
    assert.deepEqual(
      of('space').map(([severity, member, remedy]) => [severity, member, remedy]),
      [
        ['failed', 'm1', 'makeRoom'],
        ['warning', 'm2', 'defragment'],
        ['ok', 'm3', undefined],
      ],
    );
  });

  it('compares hashes of members that are compacted alike', async () => {
    const state = clusterOf([answered(), answered()]);
    const hashes = (one: MemberHash | EtcdError, other: MemberHash | EtcdError) =>
      check(state, {
        hashes: new Map([
          [1n, one],
          [2n, other],
        ]),
      });
    const different = await hashes({ hash: 1, compactRevision: 5n }, { hash: 2, compactRevision: 5n });
    assert.deepEqual(only(different('same data')).slice(0, 3), ['failed', undefined, 'saveSnapshot']);
    const behind = await hashes({ hash: 1, compactRevision: 5n }, { hash: 2, compactRevision: 6n });
    assert.equal(only(behind('same data'))[0], 'notShown');
    assert.equal(only((await hashes(denied, denied))('same data'))[0], 'notShown');
    const cut = new EtcdError('connectionLost', 'It is gone.');
    assert.deepEqual(only((await hashes(denied, cut))('same data'))[0], 'failed');
    assert.equal(only((await check(clusterOf([DOWN])))('same data'))[0], 'notShown');
  });

  it('names published faults, and members of different versions', async () => {
    const of = await check(clusterOf([answered(), answered({ status: status({ version: '3.5.3' }) })]));
    assert.match(of('version')[0]?.[3] ?? '', /different versions: 3\.5\.99, 3\.5\.3/);
    assert.ok(of('version').some(([severity, , , text]) => severity === 'warning' && text.startsWith('3.5.3: ')));
  });

  it('says of each figure beyond its limit what to do, and leads to the charts', async () => {
    const beyond = figuresOf(parseMetrics(BAD, isFigureMetric));
    assert.equal(beyond.length, 7);
    for (const { id, severity } of beyond) {
      assert.notEqual(severity, 'good', id);
      assert.notEqual(adviceOf(id), '', id);
    }
    const of = await check(clusterOf([answered()]), { metrics: BAD });
    assert.equal(of('metrics').length, beyond.length);
    for (const [, member, remedy] of of('metrics')) assert.deepEqual([member, remedy], ['m1', 'showOverview']);
  });

  it('does not ask again for metrics that came with the state', async () => {
    const metrics = parseMetrics('etcd_server_has_leader 0', isFigureMetric);
    const of = await check(clusterOf([answered({ metrics })]), { metrics: denied });
    assert.match(only(of('metrics'))[3], /^Knows a leader: NO\. Start its other members/);
  });

  it('does not call a member sick that serves no metrics', async () => {
    const none = new EtcdError('unsupported', 'It serves no metrics.');
    const of = await check(clusterOf([answered()]), { metrics: none });
    assert.deepEqual(only(of('metrics')), ['notShown', 'm1', undefined, 'It serves no metrics.']);
  });
});
