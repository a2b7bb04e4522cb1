import type { Severity } from '../../ui/severity.ts';

/** The section of the page about the space that folders take. */
export interface SpacePage {
  readonly kind: 'space';
  /** The progress, the finding, or the reason of a failure. */
  readonly sentence: string;
  readonly severity: Severity;
  readonly isRunning: boolean;
  /** Whether the level is not the top. */
  readonly canGoUp: boolean;
  /** Headings of the columns after the name. */
  readonly headings: readonly string[];
  readonly rows: readonly SpacePageRow[];
}

export interface SpacePageRow {
  readonly name: string;
  readonly cells: readonly string[];
  /** Share of all rows, from 0 to 1: the row's area in the map. */
  readonly share: number;
  /** True if the row is a folder, whose own level can be shown. */
  readonly isFolder: boolean;
}

/** Messages from the section about space; a row is its index among those sent last. */
export type SpaceMessage =
  | { readonly kind: 'estimate' | 'measure' | 'stop' | 'up' }
  /** Starts to count changes. */
  | { readonly kind: 'churn'; readonly minutes: number }
  | { readonly kind: 'reveal' | 'inside'; readonly row: number };

/** Times for which changes can be counted. */
export const CHURN_MINUTES = [1, 5, 15] as const;

const DEEDS = ['estimate', 'measure', 'stop', 'up'] as const;
const OF_ROWS = ['reveal', 'inside'] as const;

/** Checks a message from the section; undefined if it is not one that the section sends. */
export function spaceMessage(message: unknown): SpaceMessage | undefined {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return undefined;
  const deed = DEEDS.find((each) => each === message.kind);
  if (deed) return { kind: deed };
  const minutes = CHURN_MINUTES.find((each) => 'minutes' in message && each === message.minutes);
  if (message.kind === 'churn') return minutes && { kind: 'churn', minutes };
  const kind = OF_ROWS.find((each) => each === message.kind);
  const isRow = 'row' in message && typeof message.row === 'number' && Number.isInteger(message.row);
  return kind && isRow ? { kind, row: Number(message.row) } : undefined;
}
