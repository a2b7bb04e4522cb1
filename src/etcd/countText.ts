import * as l10n from '@vscode/l10n';

/** Formats a number of keys, such as "1 key" or "12,000 keys". */
export function keysText(count: number): string {
  return count === 1 ? l10n.t('1 key') : l10n.t('{0} keys', count.toLocaleString());
}

/** Formats a number of bytes, such as "1 byte" or "1,024 bytes". */
export function bytesText(count: number): string {
  return count === 1 ? l10n.t('1 byte') : l10n.t('{0} bytes', count.toLocaleString());
}
