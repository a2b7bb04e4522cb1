import { ALERT_MILLISECONDS } from '../figures.ts';
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

  /** Number of changes of the leader within the time of etcd's alerts. */
  get recentLeaderChanges(): number {
    const since = (this.#last?.time ?? 0) - ALERT_MILLISECONDS;
    return this.leaderChanges.filter(({ time }) => time > since).length;
  }

  /** Proposals a second that the member with the most of them failed to make, on average over the time of etcd's alerts. */
  get failedProposals(): number {
    const points = this.#points.filter(({ time }) => time > (this.#last?.time ?? 0) - ALERT_MILLISECONDS);
    const counts = new Map<bigint, number>();
    for (const { members } of points)
      for (const { id, failedProposals = 0 } of members) counts.set(id, (counts.get(id) ?? 0) + failedProposals);
    return Math.max(0, ...counts.values()) / (ALERT_MILLISECONDS / 1000);
  }
}
