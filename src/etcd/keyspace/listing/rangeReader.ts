import type { KeyRange } from '../../keyStore.ts';

export interface LimitedRange extends KeyRange {
  /** Most keys to answer with; at least 1. */
  readonly limit: number;
}

export interface RangeKeys {
  /** The first keys of the range in key order, as binary strings (`toBinaryKey`). */
  readonly keys: readonly string[];
  /** How many keys the range has, beyond the limit too. */
  readonly count: number;
}

export interface RangeAnswer {
  readonly revision: bigint;
  /** One for each range asked for, in the same order. */
  readonly results: readonly RangeKeys[];
}

/** The most ranges that one transaction may have. */
export const MOST_RANGES = 128;

/**
 * Reads the keys, not the values, of 1 to `MOST_RANGES` ranges in one request: all at `revision`, or all at the newest
 * one where it is absent. A member that has not reached the revision yet must not be taken at its word.
 */
export type RangeReader = (
  ranges: readonly LimitedRange[],
  options: { readonly revision?: bigint; readonly signal: AbortSignal },
) => Promise<RangeAnswer>;
