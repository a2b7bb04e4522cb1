import * as l10n from '@vscode/l10n';
import { memberName, type Member } from '../../etcd/cluster/clusterAdmin.ts';
import type { ClusterHistory } from '../../etcd/cluster/overview/clusterHistory.ts';
import type { ClusterSample } from '../../etcd/cluster/overview/clusterSample.ts';
import type { EtcdError } from '../../etcd/errors.ts';
import { callChart } from './callChart.ts';
import { diskCharts } from './diskCharts.ts';
import { lagChart } from './lagChart.ts';
import type { ChartMark, OverviewPage } from './overviewPage.ts';
import { sizeChart } from './sizeChart.ts';

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

function stateOf({ last }: ClusterHistory, failure: EtcdError | undefined) {
  if (failure) return { sentence: failure.message, severity: 'failed' } as const;
  if (!last) return { sentence: l10n.t('Asking all members …'), severity: 'plain' } as const;
  const time = new Date(last.time).toLocaleTimeString();
  const [failed] = last.members.flatMap(({ failure: each }) => each ?? []);
  if (failed) return { sentence: l10n.t('{0}: {1}', time, failed.message), severity: 'warning' } as const;
  const count = last.members.length;
  const leader = last.leader === undefined ? l10n.t('not known') : nameOf(last, last.leader);
  return {
    sentence:
      count === 1
        ? l10n.t('{0}: one member. Leader: {1}.', time, leader)
        : l10n.t('{0}: {1} members. Leader: {2}.', time, count, leader),
    severity: last.leader === undefined ? 'warning' : 'good',
  } as const;
}

function nameOf(last: ClusterSample | undefined, id: bigint): string {
  const member = last?.members.find((each) => each.id === id);
  return memberName({ id, name: member?.name ?? '' } satisfies Pick<Member, 'id' | 'name'>);
}
