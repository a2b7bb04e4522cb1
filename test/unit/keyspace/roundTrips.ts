import type { RangeReader } from '../../../src/etcd/keyspace/childListing.ts';

export interface RoundTrips {
  readonly read: RangeReader;
  /** Most requests that were made one after another. */
  readonly most: number;
  /** How many were made one after another up to the one that was answered last. */
  readonly last: number;
}

/** A reader that tells how many of its requests had to wait for one another: each is sent after all that were answered by then. */
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
