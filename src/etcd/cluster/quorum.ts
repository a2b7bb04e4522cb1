import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { MemberState } from './clusterAdmin.ts';

export type MembershipChange =
  | { readonly kind: 'add' }
  | { readonly kind: 'addLearner' }
  | { readonly kind: 'promote'; readonly id: bigint }
  /** Other peer addresses. */
  | { readonly kind: 'update'; readonly id: bigint }
  | { readonly kind: 'remove'; readonly id: bigint };

/** Numbers of voting members, before and after a change. */
export interface QuorumEffect {
  readonly voters: number;
  readonly healthy: number;
  readonly votersAfter: number;
  readonly healthyAfter: number;
  /** Number of members that must be healthy after the change. */
  readonly requiredAfter: number;
  readonly losesQuorum: boolean;
}

/**
 * Returns what a change of the members does to the quorum. An added member counts before it has started, and one with
 * other peer addresses counts as unhealthy until the others reach it there, unless there are no others.
 */
export function quorumEffect(members: readonly MemberState[], change: MembershipChange): QuorumEffect {
  const voters = members.filter(({ isLearner }) => !isLearner);
  const healthy = voters.filter(isHealthy);
  const changed = 'id' in change ? members.find(({ id }) => id === change.id) : undefined;
  const isVoter = changed !== undefined && !changed.isLearner;
  const added = change.kind === 'add' || (change.kind === 'promote' && !isVoter) ? 1 : 0;
  const removed = change.kind === 'remove' && isVoter ? 1 : 0;
  const healthyAdded = change.kind === 'promote' && added === 1 && changed?.answer.kind === 'answered' ? 1 : 0;
  const isParted = removed === 1 || (change.kind === 'update' && isVoter && voters.length > 1);
  const healthyRemoved = isParted && changed && isHealthy(changed) ? 1 : 0;
  const votersAfter = voters.length + added - removed;
  const healthyAfter = healthy.length + healthyAdded - healthyRemoved;
  const requiredAfter = Math.floor(votersAfter / 2) + 1;
  return {
    voters: voters.length,
    healthy: healthy.length,
    votersAfter,
    healthyAfter,
    requiredAfter,
    losesQuorum: healthyAfter < requiredAfter,
  };
}

/** Describes the effect in a sentence. */
export function quorumText({ voters, healthy, votersAfter, healthyAfter, requiredAfter, losesQuorum }: QuorumEffect) {
  const before = l10n.t('{0} of {1} voting members are healthy.', healthy, voters);
  const after = l10n.t(
    'Afterwards {0} of {1} are required, and {2} are healthy.',
    requiredAfter,
    votersAfter,
    healthyAfter,
  );
  const loss = losesQuorum
    ? [l10n.t('The cluster loses its quorum: it takes no writes until more members are up.')]
    : [];
  return [before, after, ...loss].join(' ');
}

/** @throws EtcdError `losesQuorum` */
export function checkQuorum(members: readonly MemberState[], change: MembershipChange, mayLoseQuorum = false): void {
  const effect = quorumEffect(members, change);
  if (!effect.losesQuorum || mayLoseQuorum) return;
  const message = l10n.t('Nothing was changed. {0}', quorumText(effect));
  throw new EtcdError('losesQuorum', message, { notCarriedOut: true });
}

function isHealthy({ answer }: MemberState): boolean {
  return answer.kind === 'answered' && answer.health.kind === 'healthy';
}
