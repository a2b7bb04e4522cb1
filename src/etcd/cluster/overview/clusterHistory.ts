import { pointOf, type ClusterPoint } from './clusterPoint.ts';
import type { ClusterSample } from './clusterSample.ts';

/** Number of points that are kept: 20 minutes at one every two seconds. */
const MAX_POINTS = 600;

export interface LeaderChange {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** The latest figures of a cluster, in the order of their times. */
export class ClusterHistory {
  readonly #points: ClusterPoint[] = [];
  #last: ClusterSample | undefined;

  get points(): readonly ClusterPoint[] {
    return this.#points;
  }

  get last(): ClusterSample | undefined {
    return this.#last;
  }

  add(sample: ClusterSample): void {
    this.#points.push(pointOf(sample, this.#last));
    this.#last = sample;
    if (this.#points.length > MAX_POINTS) this.#points.shift();
  }

  /** Changes from one leader to another; times without a leader are passed over. */
  get leaderChanges(): LeaderChange[] {
    const changes: LeaderChange[] = [];
    let from: bigint | undefined;
    for (const { leader, time } of this.#points) {
      if (leader === undefined) continue;
      if (from !== undefined && leader !== from) changes.push({ time, from, to: leader });
      from = leader;
    }
    return changes;
  }
}
