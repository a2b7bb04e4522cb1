import { callsOf, type CallCounts } from '../calls.ts';
import { memberName, type ClusterReader, type MemberState } from '../clusterAdmin.ts';
import { EtcdError } from '../../errors.ts';
import { FAILED_PROPOSALS_METRIC, valueOf } from '../figures.ts';
import { histogramsOf, type Histogram } from '../histograms.ts';
import { metricsOf } from '../memberMetrics.ts';
import { leaderOf } from '../v3Cluster.ts';

/** A member's figures at one time; sizes in bytes. Undefined if the member does not report them to this user. */
export interface MemberSample {
  readonly id: bigint;
  readonly name: string;
  readonly size: number | undefined;
  readonly sizeInUse: number | undefined;
  readonly quota: number | undefined;
  readonly appliedIndex: bigint | undefined;
  /** Durations since the member's start, in seconds. */
  readonly sync: Histogram | undefined;
  readonly commit: Histogram | undefined;
  /** Empty without metrics. */
  readonly calls: ReadonlyMap<string, CallCounts>;
  /** Since the member's start. */
  readonly failedProposals: number | undefined;
  /** Why the member, or its metrics, could not be read. */
  readonly failure: EtcdError | undefined;
}

/** The figures of all members at one time. */
export interface ClusterSample {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly members: readonly MemberSample[];
  /** Newest entry of the log that any member knows. */
  readonly newestIndex: bigint | undefined;
  /** The leader; undefined if no member names one. */
  readonly leader: bigint | undefined;
}

/** Asks all members for their states and metrics. @throws EtcdError if the cluster does not answer */
export async function sampleCluster(
  cluster: Pick<ClusterReader, 'state' | 'metrics'>,
  signal: AbortSignal,
): Promise<ClusterSample> {
  const { members } = await cluster.state(signal);
  const samples = await Promise.all(members.map((member) => sampleMember(cluster, member, signal)));
  const indexes = members.flatMap(({ answer }) => (answer.kind === 'answered' && answer.status ? [answer.status] : []));
  const newestIndex = indexes.reduce<bigint | undefined>(
    (newest, { raftIndex }) => (newest === undefined || raftIndex > newest ? raftIndex : newest),
    undefined,
  );
  const leader = leaderOf(members);
  return { time: Date.now(), members: samples, newestIndex, leader: leader === 0n ? undefined : leader };
}

async function sampleMember(
  cluster: Pick<ClusterReader, 'metrics'>,
  member: MemberState,
  signal: AbortSignal,
): Promise<MemberSample> {
  const { answer, id } = member;
  const status = answer.kind === 'answered' ? answer.status : undefined;
  const facts = {
    ...{ id, name: memberName(member), size: status?.size, sizeInUse: status?.sizeInUse, quota: status?.quota },
    appliedIndex: status?.raftAppliedIndex,
  };
  const none = {
    ...{ ...facts, sync: undefined, commit: undefined, failedProposals: undefined },
    calls: new Map<string, CallCounts>(),
  };
  if (answer.kind !== 'answered') return { ...none, failure: answer.kind === 'failed' ? answer.error : undefined };
  try {
    const metrics = await metricsOf(cluster, member, signal);
    const [sync] = histogramsOf(metrics, 'etcd_disk_wal_fsync_duration_seconds');
    const [commit] = histogramsOf(metrics, 'etcd_disk_backend_commit_duration_seconds');
    const failedProposals = valueOf(metrics, FAILED_PROPOSALS_METRIC);
    return { ...facts, sync, commit, failedProposals, calls: callsOf(metrics), failure: undefined };
  } catch (error) {
    if (!EtcdError.is(error) || error.kind === 'cancelled') throw error;
    return { ...none, failure: error };
  }
}
