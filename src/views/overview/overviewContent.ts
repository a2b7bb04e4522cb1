import * as l10n from '@vscode/l10n';
import { FAILED_PROPOSALS, LEADER_CHANGES, severityOf } from '../../etcd/cluster/figures.ts';
import { memberName, type Member } from '../../etcd/cluster/clusterAdmin.ts';
import type { ClusterHistory } from '../../etcd/cluster/overview/clusterHistory.ts';
import type { ClusterSample } from '../../etcd/cluster/overview/clusterSample.ts';
import { numberText } from '../../etcd/quantities.ts';
import type { EtcdError, EtcdErrorKind } from '../../etcd/errors.ts';
import { callChart } from './callChart.ts';
import { diskCharts } from './diskCharts.ts';
import { lagChart } from './lagChart.ts';
import type { ChartMark, OverviewPage } from './overviewMessages.ts';
import { sizeChart } from './sizeChart.ts';

/** Failures that say nothing about a member: etcd does not show something to this user, or does not serve it. */
const HIDDEN: ReadonlySet<EtcdErrorKind> = new Set<EtcdErrorKind>(['permissionDenied', 'unsupported']);

/**
 * Returns what the page shows of a history.
 * @param seconds between two requests
 * @param failure of the latest request, if it failed
 */
export function overviewContent(
  history: ClusterHistory,
  seconds: number,
  failure: EtcdError | undefined,
): OverviewPage {
  const { points } = history;
  return {
    kind: 'figures',
    seconds,
    ...stateOf(history, failure),
    charts: [sizeChart(points), lagChart(points), ...diskCharts(points), callChart(points)],
    marks: history.leaderChanges.map(({ time, from, to }): ChartMark => ({
      time: time / 1000,
      text: l10n.t('The leader changed from {0} to {1}.', nameOf(history.last, from), nameOf(history.last, to)),
    })),
    noMarks: l10n.t('The leader has not changed since this page was opened.'),
  };
}

function stateOf(history: ClusterHistory, failure: EtcdError | undefined): Pick<OverviewPage, 'sentence' | 'severity'> {
  const { last } = history;
  if (failure) return { sentence: failure.message, severity: 'failed' };
  if (!last) return { sentence: l10n.t('Asking all members …'), severity: 'plain' };
  const time = new Date(last.time).toLocaleTimeString();
  const failures = last.members.flatMap(({ failure: each }) => each ?? []);
  const failed = failures.find(({ kind }) => !HIDDEN.has(kind));
  if (failed) return { sentence: l10n.t('{0}: {1}', time, failed.message), severity: 'warning' };
  const rate = alertOf(history);
  if (rate) return { sentence: l10n.t('{0}: {1}', time, rate), severity: 'warning' };
  const [hidden] = failures;
  if (hidden) return { sentence: l10n.t('{0}: {1}', time, hidden.message), severity: 'hidden' };
  const count = last.members.length;
  const leader = last.leader === undefined ? l10n.t('not known') : nameOf(last, last.leader);
  const isAnswered = last.members.some(({ size }) => size !== undefined);
  return {
    sentence:
      count === 1
        ? l10n.t('{0}: one member. Leader: {1}.', time, leader)
        : l10n.t('{0}: {1} members. Leader: {2}.', time, count, leader),
    severity: last.leader !== undefined ? 'good' : isAnswered ? 'warning' : 'hidden',
  };
}

/** Says what happens more often than etcd's own alerts allow. */
function alertOf({ recentLeaderChanges, failedProposals }: ClusterHistory): string | undefined {
  if (recentLeaderChanges >= LEADER_CHANGES)
    return l10n.t(
      'The leader changed {0} times within 15 minutes (limit {1}): look at the network and the disks of the members.',
      recentLeaderChanges,
      LEADER_CHANGES,
    );
  return severityOf(failedProposals, FAILED_PROPOSALS) === 'good'
    ? undefined
    : l10n.t(
        '{0} proposals per second failed within 15 minutes (limit {1}): the cluster loses its leader, or its quorum.',
        numberText(failedProposals),
        FAILED_PROPOSALS.warning,
      );
}

function nameOf(last: ClusterSample | undefined, id: bigint): string {
  const member = last?.members.find((each) => each.id === id);
  return memberName({ id, name: member?.name ?? '' } satisfies Pick<Member, 'id' | 'name'>);
}
