import * as l10n from '@vscode/l10n';
import type { ClusterPoint, MemberPoint } from '../../etcd/cluster/overview/clusterPoint.ts';
import type { Severity } from '../../ui/severity.ts';
import { numberText, sizeText } from '../../etcd/quantities.ts';
import type { ChartLine, ChartUnit } from './overviewMessages.ts';

/** Formats a value with its unit. */
export function valueText(value: number, unit: ChartUnit): string {
  if (unit === 'bytes') return sizeText(value);
  const number = numberText(value);
  if (unit === 'milliseconds') return l10n.t('{0} ms', number);
  return unit === 'perSecond' ? l10n.t('{0}/s', number) : number;
}

/** Returns the times of points in the form that charts use. */
export function timesOf(points: readonly ClusterPoint[]): number[] {
  return points.map(({ time }) => time / 1000);
}

/** Creates a line and its row in the table. */
export function line(
  label: string,
  values: readonly (number | undefined)[],
  unit: ChartUnit,
  limit?: { readonly value: number; readonly severity: Severity },
): ChartLine {
  const known = values.filter((value) => value !== undefined);
  const now = values.at(-1);
  const texts = known.length === 0 ? [] : [Math.min(...known), Math.max(...known)];
  const [lowest = '', highest = ''] = texts.map((value) => valueText(value, unit));
  return {
    label,
    values: values.map((value) => value ?? null),
    cells: [
      now === undefined ? '' : valueText(now, unit),
      lowest,
      highest,
      limit === undefined ? '' : valueText(limit.value, unit),
    ],
    severity: limit && now !== undefined ? limit.severity : 'plain',
  };
}

/** Returns a figure's values for each present member, in the order of the members. */
export function byMember(
  points: readonly ClusterPoint[],
  figure: (member: MemberPoint) => number | undefined,
): { readonly name: string; readonly values: (number | undefined)[] }[] {
  const members = points.at(-1)?.members ?? [];
  return members.map(({ id, name }) => ({
    name,
    values: points.map((point) => {
      const member = point.members.find((each) => each.id === id);
      return member && figure(member);
    }),
  }));
}

/** Returns the most serious of severities. */
export function worst(severities: readonly Severity[]): Severity {
  const order: readonly Severity[] = ['failed', 'warning', 'hidden', 'good', 'plain'];
  return order.find((severity) => severities.includes(severity)) ?? 'plain';
}

/** Lists names in a sentence. */
export function named(lines: readonly ChartLine[]): string {
  return lines.map(({ label }) => label).join(', ');
}
