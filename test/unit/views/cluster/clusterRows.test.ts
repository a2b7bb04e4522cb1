import assert from 'node:assert/strict';
import { defragmentationEffect } from '../../../../src/commands/cluster/memberTexts.ts';
import { EtcdError } from '../../../../src/etcd/errors.ts';
import { prefixRange, singleKeyRange } from '../../../../src/etcd/keys/ranges.ts';
import { roleRows, unreadRow, userRows } from '../../../../src/views/cluster/accountRows.ts';
import { clusterRows, type ClusterRow } from '../../../../src/views/cluster/clusterRows.ts';
import { answered, clusterOf, DOWN, MEGABYTE, NOT_ASKED, status } from '../../cluster/states.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function find(rows: readonly ClusterRow[], ...ids: readonly string[]): ClusterRow {
  const [id, ...below] = ids;
  const row =
    rows.find((each) => each.id === id) ?? assert.fail(`${id} is not among ${rows.map((each) => each.id).join(', ')}`);
  return below.length === 0 ? row : find(row.rows, ...below);
}

function looks({ description, severity }: ClusterRow): readonly string[] {
  return [severity, description];
}

describe('rows of a cluster', () => {
  const slow = answered({ health: { kind: 'unhealthy', error: new EtcdError('timedOut', 'It took too long.') } });
  const members = (...of: Parameters<typeof clusterOf>) => looks(find(clusterRows(clusterOf(...of)), 'members'));

  it('say in a word that members are unhealthy, and that there is no quorum', () => {
    assert.deepEqual(members([answered(), answered(), answered()]), ['plain', '3 of 3 healthy, 2 required']);
    assert.deepEqual(members([answered(), answered(), DOWN]), ['warning', 'UNHEALTHY: 2 of 3 healthy, 2 required']);
    assert.deepEqual(members([answered(), slow, DOWN]), ['failed', 'NO QUORUM: 1 of 3 healthy, 2 required']);
  });

  it('do not take for unhealthy what was not asked, or does not vote', () => {
    assert.deepEqual(members([answered(), NOT_ASKED, NOT_ASKED]), ['plain', '1 of 3 healthy, 2 required']);
    assert.deepEqual(members([answered(), answered({ health: { kind: 'learner' } })]), [
      'plain',
      '1 of 1 healthy, 1 required',
    ]);
    const [severity, text] = members([answered()], { isListed: false });
    assert.equal(severity, 'plain');
    assert.match(text ?? '', /^1 that answered; etcd does not list members/);
  });

  it('call a member healthy whose figures are not shown, and say that they are not', () => {
    const rows = clusterRows(clusterOf([answered({ status: undefined })], { alarms: { kind: 'hidden' } }));
    assert.equal(find(rows, 'members', 'member 1').severity, 'good');
    assert.equal(find(rows, 'members', 'member 1', 'figures').severity, 'hidden');
    assert.deepEqual(looks(find(rows, 'alarms')), ['hidden', 'not shown to this user by etcd']);
    assert.deepEqual(looks(find(rows, 'space', 'space 1')), ['hidden', 'not shown']);
  });

  it('say why a member is not healthy', () => {
    const rows = clusterRows(clusterOf([slow, DOWN, NOT_ASKED]));
    assert.deepEqual(looks(find(rows, 'members', 'member 1', 'failure')), ['failed', 'It took too long.']);
    assert.deepEqual(looks(find(rows, 'members', 'member 2')), ['failed', 'no answer']);
    assert.equal(find(rows, 'members', 'member 3').severity, 'hidden');
  });

  it('say in words how a member is beyond a limit', () => {
    const behind = status({ raftIndex: 9000n, raftAppliedIndex: 1000n, errors: ['etcdserver: no leader'] });
    const rows = clusterRows(clusterOf([answered({ status: behind })]));
    const [severity, text] = looks(find(rows, 'members', 'member 1', 'applied'));
    assert.equal(severity, 'warning');
    assert.equal(text, '1000 (8000 behind, more than 5000)');
    assert.deepEqual(looks(find(rows, 'members', 'member 1', 'error 0')), ['failed', 'etcdserver: no leader']);
  });

  it('say what a full, a nearly full and a mostly unused database is', () => {
    const quota = 100 * MEGABYTE;
    const rows = clusterRows(
      clusterOf(
        [
          answered({ status: status({ quota }) }),
          answered({ status: status({ size: 95 * MEGABYTE, quota }) }),
          answered({ status: status({ size: 400 * MEGABYTE, sizeInUse: MEGABYTE }) }),
        ],
        {
          alarms: {
            kind: 'reported',
            alarms: [
              { kind: 'NOSPACE', memberId: 1n },
              { kind: 'CORRUPT', memberId: 9n },
            ],
          },
        },
      ),
    );
    assert.deepEqual(looks(find(rows, 'space', 'space 1')), ['failed', 'FULL · 50 MB of 100 MB (50 %), 40 MB in use']);
    assert.match(find(rows, 'space', 'space 2').description, /^NEARLY FULL · 95 MB of 100 MB \(95 %\)/);
    const [severity, text] = looks(find(rows, 'space', 'space 3'));
    assert.equal(severity, 'warning');
    assert.match(text ?? '', /^DEFRAGMENT · 400 MB/);
    assert.deepEqual(looks(find(rows, 'alarms')), ['failed', '2']);
    assert.deepEqual(looks(find(rows, 'alarms', 'NOSPACE 1')), ['failed', 'full: no writes at m1']);
    assert.deepEqual(looks(find(rows, 'alarms', 'CORRUPT 9')), ['failed', 'corrupt data at 9']);
  });

  it('of alarms that could not be read say so', () => {
    const error = new EtcdError('noLeader', 'There is no leader.');
    const rows = clusterRows(clusterOf([answered()], { alarms: { kind: 'failed', error } }));
    assert.deepEqual(looks(find(rows, 'alarms')), ['warning', 'not known']);
    assert.deepEqual(looks(find(rows, 'alarms', 'failure')), ['warning', 'There is no leader.']);
  });
});

describe('rows of accounts', () => {
  const accounts = {
    users: [
      { name: 'ann', roles: ['app'] },
      { name: 'bob', roles: [] },
    ],
    roles: [
      {
        name: 'app',
        grants: [
          { access: 'readwrite' as const, range: prefixRange(bytes('/app/')) },
          { access: 'read' as const, range: singleKeyRange(bytes('/config')) },
        ],
      },
    ],
    isEnabled: false,
  };

  it('say what a user may read and write by all roles together', () => {
    const rows = userRows(accounts);
    assert.match(find(rows, 'user ann', 'read').description, /\/app\/.*; .*\/config/);
    assert.match(find(rows, 'user ann', 'write').description, /\/app\//);
    assert.doesNotMatch(find(rows, 'user ann', 'write').description, /\/config/);
    assert.deepEqual(looks(find(rows, 'user bob', 'read')), ['plain', 'nothing']);
    assert.equal(find(rows, 'user bob').description, 'no role');
    assert.deepEqual(looks(find(rows, 'authentication')), ['warning', 'OFF: everybody is let in']);
    assert.equal(find(roleRows(accounts), 'role app').description, 'ann');
  });

  it('do not call a failure what etcd does not show, or does not have', () => {
    const severityOf = (kind: 'permissionDenied' | 'unsupported' | 'timedOut') =>
      unreadRow(new EtcdError(kind, 'Why.')).severity;
    assert.equal(severityOf('permissionDenied'), 'hidden');
    assert.equal(severityOf('unsupported'), 'hidden');
    assert.equal(severityOf('timedOut'), 'failed');
  });
});

describe('the effect of defragmenting', () => {
  it('warns of versions that can leave inconsistent data', () => {
    const effect = (version: string) => {
      const state = clusterOf([answered({ status: status({ version }) })]);
      return defragmentationEffect(state, state.members).join('\n');
    };
    for (const version of ['3.5.0', '3.5.5'])
      assert.match(effect(version), new RegExp(`Warning: a crash of etcd ${version}`));
    for (const version of ['3.4.33', '3.5.6', '3.6.0']) assert.doesNotMatch(effect(version), /Warning/);
  });

  it('says that the leader is among the members, and that it stops at the first failure', () => {
    const state = clusterOf([answered(), answered()]);
    assert.match(defragmentationEffect(state, state.members).join('\n'), /leader is among them.*\n.*first failure/);
    assert.doesNotMatch(
      defragmentationEffect(state, state.members.slice(1)).join('\n'),
      /leader is among|first failure/,
    );
  });
});
