import type { ChartUnit } from '../../views/overview/overviewMessages.ts';

const KILO = 1024;
/** Steps of an axis of bytes, so that its marks are whole numbers of KB, MB and so on. */
export const BYTE_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** Formats a time. @param seconds since 1970 */
export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString();
}

/** Formats a value beside an axis, in few characters. */
export function axisText(value: number, unit: ChartUnit): string {
  if (unit === 'bytes') return bytesText(value);
  const number = value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 2 : 0 });
  if (unit === 'milliseconds') return `${number} ms`;
  return unit === 'perSecond' ? `${number}/s` : number;
}

function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(KILO)));
  const value = bytes / KILO ** power;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${units[power] ?? ''}`;
}
