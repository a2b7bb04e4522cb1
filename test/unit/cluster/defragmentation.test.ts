import assert from 'node:assert/strict';
import type { ClusterState, MemberState } from '../../../src/etcd/cluster/clusterAdmin.ts';
import { defragmentOrder, isWorthDefragmenting } from '../../../src/etcd/cluster/defragmentation.ts';

const MEGABYTE = 1024 * 1024;

function member(id: bigint, leader: bigint, sizes = { size: MEGABYTE, sizeInUse: MEGABYTE }): MemberState {
  return {
    ...{ id, name: `m${id}`, peerUrls: [], clientUrls: [], isLearner: id === 9n },
    answer: {
      kind: 'answered',
      origin: `http://127.0.0.1:${id}`,
      status: {
        ...{ version: '3.5.16', quota: undefined, leader, revision: 1n, raftTerm: 1n, raftIndex: 1n },
        ...{ raftAppliedIndex: 1n, errors: [], ...sizes },
      },
      health: { kind: 'healthy', milliseconds: 1 },
      handshake: undefined,
      metrics: undefined,
    },
  };
}

describe('defragmentation', () => {
  it('takes the leader last, and no learner', () => {
    const state: ClusterState = {
      members: [member(2n, 2n), member(9n, 2n), member(1n, 2n), member(3n, 2n)],
      isListed: true,
      alarms: { kind: 'reported', alarms: [] },
    };
    assert.deepEqual(
      defragmentOrder(state).map(({ id }) => id),
      [1n, 3n, 2n],
    );
  });

  it('is worth it if less than half of a large file is in use', () => {
    const isWorth = (size: number, sizeInUse: number) =>
      isWorthDefragmenting(member(1n, 1n, { size: size * MEGABYTE, sizeInUse: sizeInUse * MEGABYTE }));
    assert.equal(isWorth(200, 99), true);
    assert.equal(isWorth(200, 100), false);
    assert.equal(isWorth(100, 1), false);
    assert.equal(isWorthDefragmenting({ ...member(1n, 1n), answer: { kind: 'notAsked' } }), false);
  });
});
