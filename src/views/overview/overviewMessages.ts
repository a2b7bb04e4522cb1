import type { Severity } from '../../ui/severity.ts';

/** Unit of a chart's values: the page formats those of its axes and below the pointer. */
export type ChartUnit = 'bytes' | 'milliseconds' | 'entries' | 'perSecond';

export interface ChartLine {
  readonly label: string;
  /** One value for each of the chart's times; null if there is none. */
  readonly values: readonly (number | null)[];
  /** The line's row in the table: its latest, lowest and highest value, and its limit; each empty if there is none. */
  readonly cells: readonly [now: string, lowest: string, highest: string, limit: string];
  /** State of the line at present, compared with its limit. */
  readonly severity: Severity;
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  /** The finding of the chart, in one sentence. */
  readonly sentence: string;
  readonly severity: Severity;
  readonly unit: ChartUnit;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  /** Values at which lines are drawn across the chart. */
  readonly limits: readonly { readonly label: string; readonly value: number }[];
}

/** A change that every chart marks. */
export interface ChartMark {
  /** Seconds since 1970. */
  readonly time: number;
  readonly text: string;
}

/** Everything that changes in the page. */
export interface OverviewPage {
  readonly kind: 'figures';
  /** One of `INTERVALS`. */
  readonly seconds: number;
  /** State of the cluster, or why it is unknown. */
  readonly sentence: string;
  readonly severity: Severity;
  readonly charts: readonly Chart[];
  readonly marks: readonly ChartMark[];
  /** Text to show if there are no marks. */
  readonly noMarks: string;
}

/** Seconds between two requests; 0 for no requests. */
export const INTERVALS = [2, 5, 10, 30, 60, 0] as const;

/** Messages from the page. */
export type PageMessage =
  { readonly kind: 'ready' } | { readonly kind: 'refresh' } | { readonly kind: 'interval'; readonly seconds: number };

/** Checks a message from the page; undefined if it is not one that the page sends. */
export function pageMessage(message: unknown): PageMessage | undefined {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return undefined;
  if (message.kind === 'ready' || message.kind === 'refresh') return { kind: message.kind };
  if (message.kind !== 'interval' || !('seconds' in message)) return undefined;
  const seconds = INTERVALS.find((each) => each === message.seconds);
  return seconds === undefined ? undefined : { kind: 'interval', seconds };
}
