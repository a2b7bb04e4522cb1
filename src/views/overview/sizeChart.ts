import * as l10n from '@vscode/l10n';
import type { ClusterPoint } from '../../etcd/cluster/overview/clusterPoint.ts';
import { forecast, type Forecast } from '../../etcd/cluster/overview/forecast.ts';
import { NEARLY_FULL } from '../../etcd/cluster/limits.ts';
import type { Severity } from '../../ui/severity.ts';
import { durationText, percentText, sizeText } from '../../etcd/quantities.ts';
import { byMember, line, timesOf } from './chartLines.ts';
import type { Chart } from './overviewMessages.ts';

const HOUR = 3_600_000;
/** A forecast that reaches the quota sooner is a warning, as etcd's own alerts have it. */
const SOON = 4 * HOUR;
/** A longer time says only that there is no hurry. */
const MAX_FORECAST = 365 * 24 * HOUR;
/** Length of the forecast, as a share of the shown time. */
const AHEAD = 0.25;

/** Charts how large the members' databases are, and when the fullest of them reaches its quota. */
export function sizeChart(points: readonly ClusterPoint[]): Chart {
  const latest = points.at(-1)?.members ?? [];
  const quotas = [...new Set(latest.flatMap(({ quota }) => quota ?? []))];
  const fullest = latest.reduce<(typeof latest)[number] | undefined>(
    (most, member) => ((member.sizeInUse ?? -1) > (most?.sizeInUse ?? -1) ? member : most),
    undefined,
  );
  const quota = fullest?.quota;
  const sizes = byMember(points, ({ size }) => size);
  const used = byMember(points, ({ sizeInUse }) => sizeInUse);
  const growth = forecast(
    points.flatMap(({ time, members }) => {
      const value = members.find(({ id }) => id === fullest?.id)?.sizeInUse;
      return value === undefined ? [] : [{ time, value }];
    }),
    quota,
  );
  const left = growth?.reaches === undefined ? Infinity : growth.reaches - (points.at(-1)?.time ?? 0);
  const present = severityOf(latest);
  const severity = present === 'good' && left <= SOON ? 'warning' : present;
  const limit = quota === undefined ? undefined : { value: quota, severity: present };
  const lines = [
    ...sizes.map(({ name, values }) => line(l10n.t('{0}: file', name), values, 'bytes', limit)),
    ...used.map(({ name, values }) => line(l10n.t('{0}: in use', name), values, 'bytes')),
  ];
  const ahead = growth && aheadOf(points, growth);
  return {
    id: 'size',
    title: l10n.t('Database size'),
    sentence: sentenceOf(fullest?.size, quota, growth, points),
    severity,
    unit: 'bytes',
    times: [...timesOf(points), ...(ahead ? [ahead.time / 1000] : [])],
    lines: ahead
      ? [
          ...lines.map((each) => ({ ...each, values: [...each.values, null] })),
          {
            ...line(l10n.t('{0}: in use, forecast', fullest?.name ?? ''), ahead.values, 'bytes'),
            cells: ['', '', sizeText(ahead.value), ''],
          },
        ]
      : lines,
    limits: quotas.map((value) => ({ label: l10n.t('quota'), value })),
  };
}

function severityOf(members: ClusterPoint['members']): Severity {
  const shares = members.flatMap(({ size, quota }) => (size === undefined || !quota ? [] : [size / quota]));
  if (shares.length === 0) return 'plain';
  return Math.max(...shares) >= NEARLY_FULL ? 'failed' : 'good';
}

/** Returns the line of a forecast, from the latest time on. */
function aheadOf(points: readonly ClusterPoint[], growth: Forecast) {
  const [first, last] = [points[0]?.time ?? 0, points.at(-1)?.time ?? 0];
  const time = last + (last - first) * AHEAD;
  const before = points.slice(1).map(() => undefined);
  const value = Math.round(Math.max(0, growth.at(time)));
  return { time, value, values: [...before, growth.at(last), value] };
}

function sentenceOf(
  size: number | undefined,
  quota: number | undefined,
  growth: Forecast | undefined,
  points: readonly ClusterPoint[],
): string {
  if (size === undefined) return l10n.t('etcd does not report sizes to this user.');
  const now =
    quota === undefined
      ? l10n.t('The largest file is {0}; its quota is unknown.', sizeText(size))
      : l10n.t(
          'The largest file uses {0} of its quota of {1} ({2}).',
          sizeText(size),
          sizeText(quota),
          percentText(size / quota, 0),
        );
  if (!growth) return l10n.t('{0} A forecast needs a few more samples.', now);
  const perHour = growth.slope * HOUR;
  if (perHour < 1) return l10n.t('{0} The space in use is not growing.', now);
  const left = growth.reaches === undefined ? undefined : growth.reaches - (points.at(-1)?.time ?? 0);
  if (left === undefined || left > MAX_FORECAST)
    return l10n.t('{0} The space in use grows by {1} per hour.', now, sizeText(Math.round(perHour)));
  return l10n.t(
    '{0} The space in use grows by {1} per hour and would reach the quota in about {2}.',
    now,
    sizeText(Math.round(perHour)),
    durationText(Math.round(left / 1000)),
  );
}
