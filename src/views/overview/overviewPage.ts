import type { Severity } from '../../ui/severity.ts';

/** What the values of a chart are: the page formats those of its axes and below the pointer. */
export type ChartUnit = 'bytes' | 'milliseconds' | 'entries' | 'perSecond';

export interface ChartLine {
  readonly label: string;
  /** One for each of the chart's times; null where there is none. */
  readonly values: readonly (number | null)[];
  /** The row of the table: its latest, lowest and highest value, and its limit; each empty if there is none. */
  readonly cells: readonly [now: string, lowest: string, highest: string, limit: string];
  /** How it is at present compared with its limit. */
  readonly severity: Severity;
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What the chart says, in one sentence. */
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
  /** How the cluster is, or why it is not known. */
  readonly sentence: string;
  readonly severity: Severity;
  readonly charts: readonly Chart[];
  readonly marks: readonly ChartMark[];
  /** Text to show if there are no marks. */
  readonly noMarks: string;
}

/** Times between two requests, in seconds; 0 asks nothing. */
export const INTERVALS = [2, 5, 10, 30, 60, 0] as const;

/** What the page reports. */
export type PageMessage =
  { readonly kind: 'ready' } | { readonly kind: 'refresh' } | { readonly kind: 'interval'; readonly seconds: number };

/** Returns what a page has reported, or undefined if it is nothing that a page reports. */
export function pageMessage(message: unknown): PageMessage | undefined {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return undefined;
  if (message.kind === 'ready' || message.kind === 'refresh') return { kind: message.kind };
  if (message.kind !== 'interval' || !('seconds' in message)) return undefined;
  const seconds = INTERVALS.find((each) => each === message.seconds);
  return seconds === undefined ? undefined : { kind: 'interval', seconds };
}
