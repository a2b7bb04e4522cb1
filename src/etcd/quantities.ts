import * as l10n from '@vscode/l10n';

const KILO = 1024;

/** Formats a number of bytes in few characters. */
export function sizeText(bytes: number): string {
  if (bytes < KILO) return l10n.t('{0} B', bytes);
  const [value, unit] = bytes < KILO * KILO ? [bytes / KILO, 'KB'] : [bytes / KILO / KILO, 'MB'];
  return `${value.toLocaleString(undefined, { maximumFractionDigits: 1 })} ${unit}`;
}

/** Formats seconds in their two largest units, such as `23 h 35 min`, and long times in days. */
export function durationText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return l10n.t('{0} s', seconds);
  if (hours === 0) return l10n.t('{0} min {1} s', minutes, seconds % 60);
  return hours < 48 ? l10n.t('{0} h {1} min', hours, minutes % 60) : l10n.t('{0} days', Math.floor(hours / 24));
}

/** Formats a number with one decimal place if it is small, more if it is tiny, otherwise without any. */
export function numberText(value: number): string {
  if (value > 0 && value < 0.1) return value.toLocaleString(undefined, { maximumSignificantDigits: 1 });
  return value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 });
}

/**
 * Formats a share as a percentage.
 * @param share from 0 to 1
 * @param digits decimal places at most
 */
export function percentText(share: number, digits = 1): string {
  return `${(share * 100).toLocaleString(undefined, { maximumFractionDigits: digits })} %`;
}
