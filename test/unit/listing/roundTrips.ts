import type { RangeReader } from '../../../src/etcd/listing/childListing.ts';

export interface RoundTrips {
  readonly read: RangeReader;
  /** Longest sequence of requests that waited for one another. */
  readonly most: number;
  /** Length of the sequence up to the request that was answered last. */
  readonly last: number;
}

/**
 * Wraps a reader to count how many of its requests had to wait for one another: each is sent after all that were
 * answered by then.
 */
export function countingRoundTrips(read: RangeReader): RoundTrips {
  let [most, last] = [0, 0];
  return {
    get most() {
      return most;
    },
    get last() {
      return last;
    },
    read: async (...request) => {
      const own = most + 1;
      const answer = await read(...request);
      last = own;
      most = Math.max(most, own);
      return answer;
    },
  };
}
