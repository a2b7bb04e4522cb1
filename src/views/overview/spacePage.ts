import type { Severity } from '../../ui/severity.ts';

/** What the page shows of the space that folders take. */
export interface SpacePage {
  readonly kind: 'space';
  /** How far it is, what was found, or why that failed. */
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
  /** Part of all rows, from 0 to 1: its area in the map. */
  readonly share: number;
  /** A level of its own, which can be looked at. */
  readonly isFolder: boolean;
}

/** What the section about space reports; a row is its number among those sent last. */
export type SpaceMessage =
  | { readonly kind: 'estimate' | 'measure' | 'stop' | 'up' }
  /** Count changes for so long. */
  | { readonly kind: 'churn'; readonly minutes: number }
  | { readonly kind: 'reveal' | 'inside'; readonly row: number };

/** Times for which changes can be counted. */
export const CHURN_MINUTES = [1, 5, 15] as const;

const DEEDS = ['estimate', 'measure', 'stop', 'up'] as const;
const OF_ROWS = ['reveal', 'inside'] as const;

/** Returns what the section has reported, or undefined if it is nothing that it reports. */
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
