import { l10n } from 'vscode';

const KILO = 1024;

/** A number of bytes in few characters. */
export function bytesText(bytes: number): string {
  if (bytes < KILO) return l10n.t('{0} B', bytes);
  const [value, unit] = bytes < KILO * KILO ? [bytes / KILO, 'KB'] : [bytes / KILO / KILO, 'MB'];
  return `${value.toLocaleString(undefined, { maximumFractionDigits: 1 })} ${unit}`;
}

/** A time as hours, minutes and seconds, `1:02:03`, `2:03` or `3 s`; days where it is long. */
export function durationText(seconds: number): string {
  if (seconds < 60) return l10n.t('{0} s', seconds);
  const days = Math.floor(seconds / 86_400);
  if (days >= 2) return l10n.t('{0} days', days);
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const [first, ...others] = parts[0] === 0 ? parts.slice(1) : parts;
  return [String(first), ...others.map((part) => String(part).padStart(2, '0'))].join(':');
}
