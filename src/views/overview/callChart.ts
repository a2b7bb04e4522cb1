import * as l10n from '@vscode/l10n';
import { FAILED_CALLS, severityOf } from '../../etcd/cluster/figures.ts';
import type { ClusterPoint } from '../../etcd/cluster/overview/clusterPoint.ts';
import { numberText, percentText } from '../../etcd/quantities.ts';
import { sum } from '../../etcd/sum.ts';
import type { Severity } from '../../ui/severity.ts';
import { line, timesOf } from './chartLines.ts';
import type { Chart } from './overviewMessages.ts';

/** Methods that have a line each; the others share one. */
const METHODS_SHOWN = 5;

/** Charts how many requests the members answer by method, and how many of them fail. */
export function callChart(points: readonly ClusterPoint[]): Chart {
  const totals = new Map<string, number>();
  for (const { calls = [] } of points)
    for (const [method, rate] of calls) totals.set(method, (totals.get(method) ?? 0) + rate);
  const methods = [...totals].filter(([, total]) => total > 0).toSorted((one, other) => other[1] - one[1]);
  const shown = methods.slice(0, METHODS_SHOWN).map(([method]) => method);
  const others = methods.slice(METHODS_SHOWN).map(([method]) => method);
  const ratesOf = (names: readonly string[]) =>
    points.map(({ calls }) => calls && sum(names.map((name) => calls.get(name) ?? 0)));
  const { severity, sentence } = stateOf(points);
  const all = points.at(-1)?.calls;
  const limit = all && sum(all.values()) * FAILED_CALLS.warning;
  return {
    id: 'calls',
    title: l10n.t('Requests by method'),
    sentence,
    severity,
    unit: 'perSecond',
    times: timesOf(points),
    lines: [
      ...shown.map((method) => line(method, ratesOf([method]), 'perSecond')),
      ...(others.length > 0 ? [line(l10n.t('other methods'), ratesOf(others), 'perSecond')] : []),
      line(
        l10n.t('failures'),
        points.map(({ failures }) => failures),
        'perSecond',
        limit === undefined ? undefined : { value: limit, severity },
      ),
    ],
    limits: limit === undefined ? [] : [{ label: l10n.t('limit of failures'), value: limit }],
  };
}

function stateOf(points: readonly ClusterPoint[]): { readonly severity: Severity; readonly sentence: string } {
  const latest = points.at(-1);
  if (latest?.calls === undefined || latest.failures === undefined)
    return { severity: 'plain', sentence: l10n.t('No figures yet: rates need two readings of the metrics.') };
  const all = sum(latest.calls.values());
  const share = all === 0 ? 0 : latest.failures / all;
  const severity = severityOf(share, FAILED_CALLS);
  const texts = [numberText(all), percentText(share), percentText(FAILED_CALLS.warning)] as const;
  return severity === 'good'
    ? {
        severity,
        sentence: l10n.t(
          "{0} requests per second, {1} of which fail (limit {2}). This page's own requests are included.",
          ...texts,
        ),
      }
    : { severity, sentence: l10n.t('Too many requests fail: {1} of {0} per second (limit {2}).', ...texts) };
}
