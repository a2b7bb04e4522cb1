import * as l10n from '@vscode/l10n';
import type { Json } from './json.ts';
import { wrongType, type Path } from './problems.ts';

/** Seconds from 1970 to Go's zero time, 1 January of the year 1. */
export const ZERO_TIME = -62_135_596_800;
/** The last second of the year 9999, beyond which Go writes no JSON. */
const LAST_TIME = 253_402_300_799;

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Formats seconds as RFC 3339 without fraction and zone. @throws RangeError if Go would write no JSON for it */
export function timeText(seconds: Json): string {
  if (typeof seconds !== 'number' || seconds < ZERO_TIME || seconds > LAST_TIME)
    throw new RangeError('time out of range');
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

export interface Instant {
  readonly seconds: number;
  /** Digits after the decimal point of the seconds. */
  readonly fraction: string;
}

/** @throws InvalidObject if it is not a time in RFC 3339 */
export function instantOf(json: Json, path: Path | undefined, example: string): Instant {
  const [, local, fraction = '', sign, hours, minutes] = TIME.exec(typeof json === 'string' ? json : '') ?? [];
  const milliseconds = Date.parse(`${local}Z`);
  // JavaScript reads 30 February as a day in March.
  if (local === undefined || Number.isNaN(milliseconds) || timeText(milliseconds / 1000) !== local) {
    throw wrongType(path, l10n.t('a time such as {0}', example));
  }
  const ahead = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * 60 * (sign === '-' ? -1 : 1);
  return { seconds: milliseconds / 1000 - ahead, fraction };
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

function decimal(value: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const rest = (value % unit).toString().padStart(digits, '0').replace(/0+$/, '');
  return `${value / unit}${rest === '' ? '' : `.${rest}`}`;
}

/** Formats nanoseconds as Go writes a Duration: `1h0m0s`, `1.5ms`, `0s`. */
export function goDurationText(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const minutes = size / 60_000_000_000n;
  const hours = minutes / 60n;
  const seconds = `${decimal(size - minutes * 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return `${sign}${seconds}`;
  return `${sign}${hours > 0n ? `${hours}h` : ''}${minutes % 60n}m${seconds}`;
}

const DURATION = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/;
/** Limit of characters, above that of any 64-bit duration. */
const MAX_DURATION_LENGTH = 100;

/** Reads nanoseconds. @throws InvalidObject if it is not a Duration as Go writes it */
export function durationOf(json: Json, path: Path | undefined): bigint {
  const text = typeof json === 'string' && json.length <= MAX_DURATION_LENGTH ? json : '';
  const [, sign, size] = DURATION.exec(text) ?? [];
  if (size === undefined) throw wrongType(path, l10n.t('a duration such as {0}', '1h30m0s'));
  let sum = 0n;
  for (const [, whole = '', fraction = '', name = ''] of size.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const unit = UNITS[name] ?? 0n;
    sum += BigInt(whole) * unit + (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length);
  }
  return sign === '-' ? -sum : sum;
}
