import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import {
  memberName,
  type ClusterAdmin,
  type ClusterState,
  type Defragmented,
  type MemberState,
} from './clusterAdmin.ts';
import { leaderOf } from './v3Cluster.ts';

/** Size from which a file is worth defragmenting, if less than half of it is in use. */
const WORTHWHILE_BYTES = 100 * 1024 * 1024;
const WORTHWHILE_SHARE = 0.5;

export interface DefragmentStep extends Defragmented {
  readonly member: MemberState;
}

/**
 * Returns the members in the order of their defragmentation: the leader last, so that it changes at most once. Learners
 * are left out, because they accept no such call.
 */
export function defragmentOrder({ members }: ClusterState): MemberState[] {
  const leader = leaderOf(members);
  const voters = members.filter(({ isLearner }) => !isLearner);
  return [...voters.filter(({ id }) => id !== leader), ...voters.filter(({ id }) => id === leader)];
}

/** Whether a member's file is mostly unused. */
export function isWorthDefragmenting({ answer }: MemberState): boolean {
  const status = answer.kind === 'answered' ? answer.status : undefined;
  return status !== undefined && status.size > WORTHWHILE_BYTES && status.sizeInUse < status.size * WORTHWHILE_SHARE;
}

/**
 * Defragments members one after the other, each once all are healthy. A full database counts as healthy, because this
 * is the remedy.
 * @throws EtcdError at the first failure, after which the remaining members are left alone
 */
export async function* defragmentMembers(
  cluster: ClusterAdmin,
  members: readonly MemberState[],
  signal?: AbortSignal,
): AsyncGenerator<DefragmentStep> {
  for (const member of members) {
    checkHealth(await cluster.state(signal), member);
    yield { member, ...(await cluster.defragment(member, signal)) };
  }
}

/** @throws EtcdError if a member is not healthy, or has an alarm other than being full */
function checkHealth({ members, alarms }: ClusterState, next: MemberState): void {
  const corrupt = alarms.kind === 'reported' ? alarms.alarms.find(({ kind }) => kind !== 'NOSPACE') : undefined;
  if (corrupt)
    throw refused(
      l10n.t(
        '{0} was not defragmented: there is another alarm ({1}) than that the database is full. See to that first.',
        memberName(next),
        corrupt.kind,
      ),
    );
  for (const member of members) {
    const { answer } = member;
    const error =
      answer.kind === 'failed'
        ? answer.error
        : answer.kind === 'answered' && answer.health.kind === 'unhealthy'
          ? answer.health.error
          : undefined;
    if (error)
      throw refused(
        l10n.t(
          '{0} was not defragmented, because {1} is not healthy. {2}',
          memberName(next),
          memberName(member),
          error.message,
        ),
        error,
      );
  }
}

function refused(message: string, cause?: EtcdError): EtcdError {
  return new EtcdError('unavailable', message, { cause, notCarriedOut: true });
}
