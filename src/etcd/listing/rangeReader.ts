import type { KeyRange } from '../keyStore.ts';

export interface LimitedRange extends KeyRange {
  /** Keys to return at most; at least 1. */
  readonly limit: number;
}

export interface RangeKeys {
  /** The first keys of the range in key order, as binary strings (`toBinaryKey`). */
  readonly keys: readonly string[];
  /** The turns (`Child.turn`) of those keys that have one; undefined if none has. */
  readonly turns?: ReadonlyMap<string, bigint> | undefined;
  /** Those keys that are known to have a lease; undefined if none is. */
  readonly leased?: ReadonlySet<string> | undefined;
  /** Number of keys in the range, including those beyond the limit. */
  readonly count: number;
}

export interface RangeResults {
  readonly revision: bigint;
  /** One result for each range, in the same order. */
  readonly results: readonly RangeKeys[];
}

/** Ranges that one transaction may have. */
export const MAX_RANGES = 128;

/**
 * Reads the keys (not the values) of 1 to `MAX_RANGES` ranges in one request: all at `revision`, or else all at the
 * newest one. An answer of a member that has not reached the revision must be rejected.
 */
export type RangeReader = (
  ranges: readonly LimitedRange[],
  options: { readonly revision?: bigint; readonly signal: AbortSignal },
) => Promise<RangeResults>;
