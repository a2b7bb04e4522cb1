import assert from 'node:assert/strict';
import type { MemberAnswer, MemberState } from '../../../src/etcd/cluster/clusterAdmin.ts';
import { checkQuorum, quorumEffect, quorumText } from '../../../src/etcd/cluster/quorum.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';

const healthy: MemberAnswer = {
  kind: 'answered',
  origin: 'http://127.0.0.1:1',
  status: undefined,
  health: { kind: 'healthy', milliseconds: 1 },
  handshake: undefined,
  metrics: undefined,
};
const failed: MemberAnswer = { kind: 'failed', error: new EtcdError('refused', 'gone') };
const learner: MemberAnswer = { ...healthy, health: { kind: 'learner' } };

function members(...answers: readonly MemberAnswer[]): MemberState[] {
  return answers.map((answer, index) => ({
    ...{ id: BigInt(index), name: `m${index}`, peerUrls: [], clientUrls: [], answer },
    isLearner: answer === learner,
  }));
}

describe('the quorum after a change of the members', () => {
  const cases = [
    ['one of three healthy ones removed', members(healthy, healthy, healthy), { kind: 'remove', id: 0n }, 2, 2, 2],
    ['the failed one of three removed', members(healthy, healthy, failed), { kind: 'remove', id: 2n }, 2, 2, 2],
    [
      'a healthy one of three removed, another down',
      members(healthy, healthy, failed),
      { kind: 'remove', id: 0n },
      2,
      1,
      2,
    ],
    ['one added to three', members(healthy, healthy, healthy), { kind: 'add' }, 4, 3, 3],
    ['one added to one', members(healthy), { kind: 'add' }, 2, 1, 2],
    ['one added to three, of which one is down', members(healthy, healthy, failed), { kind: 'add' }, 4, 2, 3],
    ['a learner added', members(healthy, failed), { kind: 'addLearner' }, 2, 1, 2],
    ['a learner promoted', members(healthy, learner), { kind: 'promote', id: 1n }, 2, 2, 2],
    ['a learner removed', members(healthy, learner), { kind: 'remove', id: 1n }, 1, 1, 1],
    ['one of three healthy ones moved', members(healthy, healthy, healthy), { kind: 'update', id: 0n }, 3, 2, 2],
    [
      'a healthy one of three moved, another down',
      members(healthy, healthy, failed),
      { kind: 'update', id: 0n },
      3,
      1,
      2,
    ],
    ['the failed one of three moved', members(healthy, healthy, failed), { kind: 'update', id: 2n }, 3, 2, 2],
    ['a learner moved', members(healthy, learner), { kind: 'update', id: 1n }, 1, 1, 1],
    ['the only one moved', members(healthy), { kind: 'update', id: 0n }, 1, 1, 1],
    ['the only one removed', members(healthy), { kind: 'remove', id: 0n }, 0, 0, 1],
  ] as const;
  for (const [title, of, change, votersAfter, healthyAfter, requiredAfter] of cases)
    it(title, () => {
      const effect = quorumEffect(of, change);
      assert.deepEqual(
        [effect.votersAfter, effect.healthyAfter, effect.requiredAfter],
        [votersAfter, healthyAfter, requiredAfter],
      );
      const loses = healthyAfter < requiredAfter;
      assert.equal(effect.losesQuorum, loses);
      assert.equal(quorumText(effect).includes('loses its quorum'), loses);
      if (!loses) return checkQuorum(of, change);
      assert.throws(
        () => checkQuorum(of, change),
        (error) => EtcdError.is(error, 'losesQuorum') && error.notCarriedOut,
      );
      checkQuorum(of, change, true);
    });
});
