import * as l10n from '@vscode/l10n';

/** Formats a number of keys, such as "1 key" or "12,000 keys". */
export function keysText(count: number): string {
  return count === 1 ? l10n.t('1 key') : l10n.t('{0} keys', count.toLocaleString());
}

/** Formats a number of changes, such as "1 change" or "12,000 changes". */
export function changesText(count: number): string {
  return count === 1 ? l10n.t('1 change') : l10n.t('{0} changes', count.toLocaleString());
}

/** Formats a number of events, such as "1 event" or "12,000 events". */
export function eventsText(count: number): string {
  return count === 1 ? l10n.t('1 event') : l10n.t('{0} events', count.toLocaleString());
}

/** Formats a number of bytes, such as "1 byte" or "1,024 bytes". */
export function bytesText(count: number): string {
  return count === 1 ? l10n.t('1 byte') : l10n.t('{0} bytes', count.toLocaleString());
}
