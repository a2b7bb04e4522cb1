import { l10n } from 'vscode';
import { durationText } from '../../etcd/quantities.ts';

/** Describes the remaining time. @param ends milliseconds since 1970 */
export function timeLeftText(ends: number): string {
  const seconds = Math.round((ends - Date.now()) / 1000);
  return seconds > 0 ? l10n.t('{0} left', durationText(seconds)) : l10n.t('EXPIRED');
}

/** Describes when a lease ends. @param ends milliseconds since 1970 */
export function endText(ends: number): string {
  return l10n.t('ends at {0}', new Date(ends).toLocaleTimeString());
}
