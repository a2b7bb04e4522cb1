import * as l10n from '@vscode/l10n';
import type { ClusterPoint } from '../../etcd/cluster/overview/clusterPoint.ts';
import { MAX_LAG } from '../../etcd/cluster/limits.ts';
import { byMember, line, named, timesOf, worst } from './chartLines.ts';
import type { Chart } from './overviewMessages.ts';

/** Charts how many entries of the log each member still has to apply. */
export function lagChart(points: readonly ClusterPoint[]): Chart {
  const limit = Number(MAX_LAG);
  const lines = byMember(points, ({ lag }) => lag).map(({ name, values }) =>
    line(name, values, 'entries', {
      value: limit,
      severity: (values.at(-1) ?? 0) > limit ? 'warning' : 'good',
    }),
  );
  const behind = lines.filter(({ severity }) => severity === 'warning');
  return {
    id: 'lag',
    title: l10n.t('Raft lag'),
    sentence:
      behind.length > 0
        ? l10n.t('More than {0} entries behind: {1}.', limit.toLocaleString(), named(behind))
        : l10n.t('No member is more than {0} entries behind.', limit.toLocaleString()),
    severity: worst(lines.map(({ severity }) => severity)),
    unit: 'entries',
    times: timesOf(points),
    lines,
    limits: [{ label: l10n.t('limit'), value: limit }],
  };
}
