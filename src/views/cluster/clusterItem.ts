import { ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { ClusterNode } from './clusterNode.ts';
import { endText, timeLeftText } from './leaseTimeLeft.ts';
import type { Severity } from '../../ui/severity.ts';

const LOOKS: Readonly<Record<Severity, { readonly icon: string; readonly color?: string }>> = {
  plain: { icon: 'dash' },
  good: { icon: 'pass', color: 'testing.iconPassed' },
  warning: { icon: 'warning', color: 'problemsWarningIcon.foreground' },
  failed: { icon: 'error', color: 'testing.iconFailed' },
  hidden: { icon: 'eye-closed' },
};

/** Returns the look of a row. A row with a problem has an icon and a color in addition to its words. */
export function clusterItem({ id, row, parent }: ClusterNode): TreeItem {
  const { label, severity, context, rows, icon, loads, command, ends } = row;
  const open = parent || loads ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.Expanded;
  const item = new TreeItem(label, rows.length === 0 && !loads ? TreeItemCollapsibleState.None : open);
  const looks = LOOKS[severity];
  item.id = id;
  const description = (time: string) => [time, row.description].filter(Boolean).join(' · ');
  item.description = ends === undefined ? row.description : description(timeLeftText(ends));
  // The tooltip and the label do not count down: a screen reader would repeat them every second.
  const lasting = ends === undefined ? row.description : description(endText(ends));
  item.tooltip = lasting === '' ? label : `${label}: ${lasting}`;
  item.accessibilityInformation = { label: item.tooltip };
  item.contextValue = context;
  if (command !== undefined) item.command = { command, title: label };
  const own = severity === 'plain' || severity === 'good' ? icon : undefined;
  item.iconPath = new ThemeIcon(own ?? looks.icon, looks.color === undefined ? undefined : new ThemeColor(looks.color));
  return item;
}
