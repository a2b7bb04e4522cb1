import type { ClusterState, MemberAnswer, MemberState, MemberStatus } from '../../../src/etcd/cluster/clusterAdmin.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';

export const MEGABYTE = 1024 * 1024;

/** What a healthy member of a cluster says that member 1 leads. */
export function status(more: Partial<MemberStatus> = {}): MemberStatus {
  return {
    ...{ version: '3.5.99', size: 50 * MEGABYTE, sizeInUse: 40 * MEGABYTE, quota: 2048 * MEGABYTE, leader: 1n },
    ...{ revision: 100n, raftTerm: 3n, raftIndex: 1000n, raftAppliedIndex: 1000n, errors: [], ...more },
  };
}

type Answered = Extract<MemberAnswer, { kind: 'answered' }>;

export function answered(more: Partial<Answered> = {}): Answered {
  return {
    ...{ kind: 'answered', origin: 'http://127.0.0.1:1', status: status(), handshake: undefined, metrics: undefined },
    health: { kind: 'healthy', milliseconds: 1 },
    ...more,
  };
}

export const DOWN: MemberAnswer = { kind: 'failed', error: new EtcdError('refused', 'Nothing listens there.') };
export const NOT_ASKED: MemberAnswer = { kind: 'notAsked' };

/** A cluster of members m1, m2 and so on, without alarms. */
export function clusterOf(answers: readonly MemberAnswer[], more: Partial<ClusterState> = {}): ClusterState {
  const members = answers.map((answer, index): MemberState => ({
    ...{ id: BigInt(index + 1), name: `m${index + 1}`, peerUrls: [], clientUrls: [], answer },
    isLearner: answer.kind === 'answered' && answer.health.kind === 'learner',
  }));
  return { members, isListed: true, alarms: { kind: 'reported', alarms: [] }, ...more };
}
