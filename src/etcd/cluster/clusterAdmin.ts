import type { Handshake } from '../http/handshake.ts';
import type { EtcdError } from '../errors.ts';
import type { Metrics } from './metricsText.ts';

export interface Member {
  readonly id: bigint;
  /** Empty before its first start, and if etcd does not list members to this user. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  /** True if it does not vote. */
  readonly isLearner: boolean;
}

/** What a member reports about itself; sizes in bytes. */
export interface MemberStatus {
  readonly version: string;
  /** Size of the database's file, and of the part in use. */
  readonly size: number;
  readonly sizeInUse: number;
  /** Size beyond which it accepts no writes; undefined if neither its status nor its metrics report it. */
  readonly quota: number | undefined;
  readonly leader: bigint;
  readonly revision: bigint;
  readonly raftTerm: bigint;
  readonly raftIndex: bigint;
  readonly raftAppliedIndex: bigint;
  /** etcd's own words. */
  readonly errors: readonly string[];
}

/** Whether a member answers a read that needs the leader. A learner accepts none. */
export type MemberHealth =
  | { readonly kind: 'healthy'; readonly milliseconds: number }
  | { readonly kind: 'unhealthy'; readonly error: EtcdError }
  | { readonly kind: 'learner' };

/** A member's answer. */
export type MemberAnswer =
  | {
      readonly kind: 'answered';
      readonly origin: string;
      /** Undefined if etcd does not report it to this user, which says nothing about the member. */
      readonly status: MemberStatus | undefined;
      readonly health: MemberHealth;
      readonly handshake: Handshake | undefined;
      /** Those that were read for the quota, which before etcd 3.6 only they have. */
      readonly metrics: Metrics | undefined;
    }
  | { readonly kind: 'failed'; readonly error: EtcdError }
  /** None of the allowed addresses is this member's. */
  | { readonly kind: 'notAsked' };

export interface MemberState extends Member {
  readonly answer: MemberAnswer;
}

export type AlarmKind = 'NOSPACE' | 'CORRUPT' | 'unknown';

export interface Alarm {
  readonly memberId: bigint;
  readonly kind: AlarmKind;
}

export type AlarmAnswer =
  | { readonly kind: 'reported'; readonly alarms: readonly Alarm[] }
  /** etcd does not report them to this user. */
  | { readonly kind: 'hidden' }
  | { readonly kind: 'failed'; readonly error: EtcdError };

export interface ClusterState {
  readonly members: readonly MemberState[];
  /** False if etcd does not list the members to this user: these are then the ones that have answered. */
  readonly isListed: boolean;
  readonly alarms: AlarmAnswer;
}

/** The hash of everything that a member has up to a revision, since its compaction. */
export interface MemberHash {
  readonly hash: number;
  readonly compactRevision: bigint;
}

export type HashAnswer =
  { readonly kind: 'hashed'; readonly hash: MemberHash } | { readonly kind: 'failed'; readonly error: EtcdError };

export interface HashComparison {
  /** 0n if no member knows the newest revision, which is then each member's failure. */
  readonly revision: bigint;
  readonly answers: ReadonlyMap<bigint, HashAnswer>;
}

/** The member behind the endpoint that answered last. */
export interface AnsweringMember {
  readonly id: bigint;
  /** Empty if etcd does not list the members to this user. */
  readonly name: string;
  /** Undefined if etcd does not report it to this user. */
  readonly isLeader: boolean | undefined;
}

export interface SnapshotProgress {
  readonly written: number;
  readonly total: number;
}

export interface Defragmented {
  readonly before: MemberStatus | undefined;
  readonly after: MemberStatus | undefined;
}

/** Reads facts about a cluster; allowed on every connection. All failures are EtcdErrors. */
export interface ClusterReader {
  /** Asks each member about itself. */
  state(signal?: AbortSignal): Promise<ClusterState>;
  /** Asks the endpoint that answered last which member it is. */
  answering(signal?: AbortSignal): Promise<AnsweringMember>;
  /**
   * Reads the metrics of which figures are made.
   * @throws EtcdError `unsupported` if the member does not serve metrics at its endpoint, or at those of the settings
   */
  metrics(member: Member, signal?: AbortSignal): Promise<Metrics>;
  /** Makes members hash everything at the newest revision, which reads their whole databases. */
  hashes(members: readonly Member[], signal?: AbortSignal): Promise<HashComparison>;
  /** Writes a member's database to a file, which appears once it is complete and its hash was verified. */
  saveSnapshot(
    member: Member,
    path: string,
    progress: (done: SnapshotProgress) => void,
    signal?: AbortSignal,
  ): Promise<void>;
}

/** Whether an operation may cost the cluster its quorum. */
export interface QuorumChoice {
  readonly mayLoseQuorum?: boolean;
}

/** Operates a cluster. */
export interface ClusterAdmin extends ClusterReader {
  readonly canWrite: boolean;
  /**
   * Compacts all revisions before this one.
   * @param physical wait until the space is free
   */
  compact(revision: bigint, physical: boolean, signal?: AbortSignal): Promise<void>;
  /** Releases the unused space of one member's file; until then the member answers nothing. */
  defragment(member: Member, signal?: AbortSignal): Promise<Defragmented>;
  /** Disarms the present NOSPACE alarms, and no others. @returns their number */
  disarmNoSpace(signal?: AbortSignal): Promise<number>;
  /** @throws EtcdError `losesQuorum` before anything is sent */
  addMember(peerUrls: readonly string[], options: QuorumChoice & { readonly isLearner: boolean }): Promise<bigint>;
  promote(member: Member, options?: QuorumChoice): Promise<void>;
  updateMember(member: Member, peerUrls: readonly string[], options?: QuorumChoice): Promise<void>;
  removeMember(member: Member, options?: QuorumChoice): Promise<void>;
  /** Makes a member the leader. */
  moveLeader(to: Member): Promise<void>;
}

/** Wraps a cluster, so that every change fails before it is sent. */
export function refusingCluster(cluster: ClusterAdmin, error: () => EtcdError): ClusterAdmin {
  const refuse = () => Promise.reject(error());
  return {
    canWrite: false,
    state: (signal) => cluster.state(signal),
    answering: (signal) => cluster.answering(signal),
    metrics: (member, signal) => cluster.metrics(member, signal),
    hashes: (members, signal) => cluster.hashes(members, signal),
    saveSnapshot: (...all) => cluster.saveSnapshot(...all),
    compact: refuse,
    defragment: refuse,
    disarmNoSpace: refuse,
    addMember: refuse,
    promote: refuse,
    updateMember: refuse,
    removeMember: refuse,
    moveLeader: refuse,
  };
}

/** Returns what people read for a member: its name, or else its id as etcd's own tools write it. */
export function memberName({ name, id }: Pick<Member, 'name' | 'id'>): string {
  return name === '' ? id.toString(16) : name;
}
