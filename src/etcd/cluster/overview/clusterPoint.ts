import { observedSince, quantile, type Histogram } from '../histograms.ts';
import type { ClusterSample, MemberSample } from './clusterSample.ts';

/** A member's figures at one time; undefined if unknown. */
export interface MemberPoint {
  readonly id: bigint;
  readonly name: string;
  /** Bytes. */
  readonly size: number | undefined;
  readonly sizeInUse: number | undefined;
  readonly quota: number | undefined;
  /** Entries of the log that it has not applied yet. */
  readonly lag: number | undefined;
  /** Seconds that 99 % of the writes since the point before did not exceed. */
  readonly sync: number | undefined;
  readonly commit: number | undefined;
  /** Number since the point before. */
  readonly failedProposals: number | undefined;
}

/** A cluster's figures at one time. */
export interface ClusterPoint {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly members: readonly MemberPoint[];
  /** Requests per second since the point before, by method, of all members; undefined for the first point. */
  readonly calls: ReadonlyMap<string, number> | undefined;
  /** Failures per second, of all methods. */
  readonly failures: number | undefined;
  readonly leader: bigint | undefined;
}

const SHARE = 0.99;

/** Turns the counts of a sample into figures about the time since the sample before. */
export function pointOf(sample: ClusterSample, before: ClusterSample | undefined): ClusterPoint {
  const { time, members, newestIndex, leader } = sample;
  const earlier = new Map(before?.members.map((member) => [member.id, member]));
  const points = members.map((member): MemberPoint => {
    const { id, name, size, sizeInUse, quota, appliedIndex, sync, commit, failedProposals } = member;
    const old = earlier.get(id);
    const lag =
      appliedIndex === undefined || newestIndex === undefined ? undefined : Number(newestIndex - appliedIndex);
    return {
      ...{ id, name, size, sizeInUse, quota, lag },
      sync: recent(old?.sync, sync),
      commit: recent(old?.commit, commit),
      failedProposals: increase(old?.failedProposals, failedProposals),
    };
  });
  return { time, members: points, leader, ...(before ? rates(sample, before, earlier) : NO_RATES) };
}

const NO_RATES = { calls: undefined, failures: undefined };

function recent(earlier: Histogram | undefined, later: Histogram | undefined): number | undefined {
  const observed = earlier && later && observedSince(earlier, later);
  return observed && quantile(observed, SHARE);
}

/** Counts of a member that was started again begin again, too. */
function increase(earlier: number | undefined, later: number | undefined): number | undefined {
  return earlier === undefined || later === undefined ? undefined : Math.max(0, later - earlier);
}

/** Members whose counts began again since, or that were not read, are left out. */
function rates(
  { members, time }: ClusterSample,
  before: ClusterSample,
  earlier: ReadonlyMap<bigint, MemberSample>,
): Pick<ClusterPoint, 'calls' | 'failures'> {
  const seconds = (time - before.time) / 1000;
  const calls = new Map<string, number>();
  let failures = 0;
  let isKnown = false;
  for (const member of members) {
    const old = earlier.get(member.id)?.calls;
    if (!old || old.size === 0 || member.calls.size === 0) continue;
    isKnown = true;
    for (const [method, { all, failed }] of member.calls) {
      const { all: allBefore, failed: failedBefore } = old.get(method) ?? { all: 0, failed: 0 };
      calls.set(method, (calls.get(method) ?? 0) + Math.max(0, all - allBefore) / seconds);
      failures += Math.max(0, failed - failedBefore) / seconds;
    }
  }
  return isKnown && seconds > 0 ? { calls, failures } : NO_RATES;
}
