const UNIT_SECONDS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const GO_UNIT_SECONDS: Readonly<Record<string, number>> = { Millisecond: 1e-3, Second: 1, Minute: 60, Hour: 3600 };

/** Reads the seconds of a duration such as `1m30s`, or of a bare number of seconds. */
export function secondsOf(text: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g);
  return [...parts].reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_SECONDS[unit] ?? 0), 0);
}

/** Reads the seconds of a Go expression such as `5 * time.Second` or `time.Minute`. */
export function secondsOfGo(expression: string): number | undefined {
  const [, before, unit = '', after] =
    /^(?:(\d+)\s*\*\s*)?time\.(\w+)(?:\s*\*\s*(\d+))?$/.exec(expression.trim()) ?? [];
  const seconds = GO_UNIT_SECONDS[unit];
  return seconds === undefined ? undefined : seconds * Number(before ?? after ?? 1);
}

/** Writes a number of seconds as a Go expression. */
export function goDuration(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds} * time.Second` : `${Math.round(seconds * 1000)} * time.Millisecond`;
}
