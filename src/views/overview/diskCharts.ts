import * as l10n from '@vscode/l10n';
import { COMMIT, SYNC, severityOf, type Limits } from '../../etcd/cluster/figures.ts';
import type { ClusterPoint, MemberPoint } from '../../etcd/cluster/overview/clusterPoint.ts';
import { byMember, line, named, timesOf, valueText, worst } from './chartLines.ts';
import type { Chart } from './overviewMessages.ts';

/** Charts how long the members' disks take to write: their logs, and their databases. */
export function diskCharts(points: readonly ClusterPoint[]): Chart[] {
  return [
    diskChart('sync', l10n.t('Log sync time (99th percentile)'), points, ({ sync }) => sync, SYNC),
    diskChart('commit', l10n.t('Backend commit time (99th percentile)'), points, ({ commit }) => commit, COMMIT),
  ];
}

function diskChart(
  id: string,
  title: string,
  points: readonly ClusterPoint[],
  seconds: (member: MemberPoint) => number | undefined,
  limits: Limits,
): Chart {
  const limit = limits.warning * 1000;
  const lines = byMember(points, seconds).map(({ name, values }) => {
    const severity = severityOf(values.at(-1) ?? 0, limits);
    const milliseconds = values.map((value) => (value === undefined ? undefined : value * 1000));
    return line(name, milliseconds, 'milliseconds', { value: limit, severity });
  });
  const slow = lines.filter(({ severity }) => severity === 'warning' || severity === 'failed');
  const isKnown = lines.some(({ values }) => values.some((value) => value !== null));
  return {
    id,
    title,
    sentence: !isKnown
      ? l10n.t('No figures yet: nothing was written, or the members serve no metrics.')
      : slow.length > 0
        ? l10n.t('Slower than {0}: {1}.', valueText(limit, 'milliseconds'), named(slow))
        : l10n.t('No member is slower than {0}.', valueText(limit, 'milliseconds')),
    severity: worst(lines.map(({ severity }) => severity)),
    unit: 'milliseconds',
    times: timesOf(points),
    lines,
    limits: [{ label: l10n.t('limit'), value: limit }],
  };
}
