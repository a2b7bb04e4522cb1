import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { OneEndpoint, type EndpointSettings } from '../v3/oneEndpoint.ts';
import {
  AlarmRequest_AlarmAction as AlarmAction,
  AlarmType,
  Cluster,
  KV,
  Maintenance,
  type ResponseHeader,
} from '../v3/transport/rpc_pb.js';
import { settleByLooking } from '../writes/lostAnswers.ts';
import type {
  AnsweringMember,
  ClusterAdmin,
  ClusterState,
  Defragmented,
  Member,
  QuorumChoice,
} from './clusterAdmin.ts';
import type { HashAnswer, HashComparison, MemberStatus, SnapshotProgress } from './clusterAdmin.ts';
import { memberName } from './clusterAdmin.ts';
import { Members } from './members.ts';
import type { Metrics } from './metricsText.ts';
import { checkQuorum, type MembershipChange } from './quorum.ts';
import { writeSnapshot } from './snapshot.ts';

const READ = { repeatable: true, requireLeader: true };
const WRITE = { repeatable: false, requireLeader: true };
/** Time limit of calls that go through a whole database of any size; the user can cancel. */
const LONG = 60 * 60 * 1000;
/** Longest silence of a member during its snapshot. */
const SILENCE = 60_000;
const NO_KEY = Uint8Array.of(0);

/** Operates a cluster through etcd's v3 API. */
export class V3Cluster implements ClusterAdmin {
  readonly canWrite = true;
  readonly #settings: EndpointSettings;
  readonly #members: Members;

  constructor(settings: EndpointSettings) {
    this.#settings = settings;
    this.#members = new Members(settings);
  }

  async state(signal?: AbortSignal): Promise<ClusterState> {
    return await this.#members.state(signal);
  }

  async answering(signal?: AbortSignal): Promise<AnsweringMember> {
    return await this.#members.answering(signal);
  }

  async metrics(member: Member, signal?: AbortSignal): Promise<Metrics> {
    return await this.#members.metrics(member, signal);
  }

  async hashes(members: readonly Member[], signal?: AbortSignal): Promise<HashComparison> {
    const { header, error } = await this.#newest(signal);
    const revision = header?.revision ?? 0n;
    const answers = await Promise.all(
      members.map(async (member): Promise<readonly [bigint, HashAnswer]> => [
        member.id,
        error ? { kind: 'failed', error } : await this.#hash(member, revision, signal),
      ]),
    );
    return { revision, answers: new Map(answers) };
  }

  /** Asks for the newest revision, which a cluster without a leader does not tell. */
  async #newest(signal: AbortSignal | undefined): Promise<{ header?: ResponseHeader; error?: EtcdError }> {
    try {
      const { header } = await this.#settings.session.call(KV.method.txn, {}, { ...READ, signal });
      return header ? { header } : {};
    } catch (error) {
      if (!EtcdError.is(error) || error.kind === 'cancelled') throw error;
      return { error };
    }
  }

  async #hash(member: Member, revision: bigint, signal: AbortSignal | undefined): Promise<HashAnswer> {
    try {
      return await this.#members.with(member, LONG, signal, async (endpoint) => {
        // The member answers once it has everything that the leader had, and therefore this revision.
        await endpoint.call(KV.method.range, { key: NO_KEY, countOnly: true }, { ...READ, signal }).catch(unlessDenied);
        const { hash, compactRevision } = await hashAt(endpoint, revision, signal);
        return { kind: 'hashed', hash: { hash, compactRevision } };
      });
    } catch (error) {
      if (!EtcdError.is(error) || error.kind === 'cancelled') throw error;
      return { kind: 'failed', error: this.#lacksHashes(error) ? noHashes(error) : error };
    }
  }

  /** Whether this etcd has no hashes: etcd 3.4's gateway has no path for them. */
  #lacksHashes(error: EtcdError): boolean {
    return this.#settings.transport === 'gateway' && error.kind === 'notEtcd';
  }

  async saveSnapshot(
    member: Member,
    path: string,
    progress: (done: SnapshotProgress) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#members.with(member, SILENCE, signal, async (endpoint) => {
      const over = new AbortController();
      const both = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
      try {
        const messages = endpoint.stream(
          Maintenance.method.snapshot,
          {},
          { ...READ, requireLeader: false, signal: both },
        );
        await writeSnapshot(messages, path, { progress, silence: SILENCE, name: memberName(member) });
      } finally {
        over.abort();
      }
    });
  }

  async compact(revision: bigint, physical: boolean, signal?: AbortSignal): Promise<void> {
    const { endpoints, session } = this.#settings;
    const { connect } = endpoints.limits;
    const endpoint = new OneEndpoint(endpoints.current, this.#settings, { connect, response: LONG });
    try {
      await endpoint.call(KV.method.compact, { revision, physical }, { ...WRITE, signal }).catch((error: unknown) =>
        settleByLooking(error, async () => {
          const before = { key: NO_KEY, countOnly: true, revision: revision - 1n };
          const isKept = await session.call(KV.method.range, before, READ).then(
            () => true,
            (failure: unknown) => !EtcdError.is(failure, 'compacted'),
          );
          return !isKept;
        }),
      );
    } finally {
      endpoint.close();
    }
  }

  async defragment(member: Member, signal?: AbortSignal): Promise<Defragmented> {
    return await this.#members.with(member, LONG, signal, async (endpoint, before) => {
      await endpoint.call(Maintenance.method.defragment, {}, { ...WRITE, signal });
      const after = await this.#statusAt(endpoint, signal);
      return { before, after };
    });
  }

  async #statusAt(endpoint: OneEndpoint, signal: AbortSignal | undefined): Promise<MemberStatus | undefined> {
    const { members } = await this.#members.state(signal);
    const found = members.find(({ answer }) => answer.kind === 'answered' && answer.origin === endpoint.origin);
    return found?.answer.kind === 'answered' ? found.answer.status : undefined;
  }

  async disarmNoSpace(signal?: AbortSignal): Promise<number> {
    const full = ((await this.#members.alarms(signal)) ?? []).filter(({ kind }) => kind === 'NOSPACE');
    for (const { memberId } of full) {
      const request = { action: AlarmAction.DEACTIVATE, memberID: memberId, alarm: AlarmType.NOSPACE };
      await this.#settings.session
        .call(Maintenance.method.alarm, request, { ...WRITE, signal })
        .catch((error: unknown) =>
          settleByLooking(error, async () => {
            const left = await this.#members.alarms();
            return left?.every((alarm) => alarm.memberId !== memberId || alarm.kind !== 'NOSPACE') ?? false;
          }),
        );
    }
    return full.length;
  }

  async addMember(
    peerUrls: readonly string[],
    { isLearner, mayLoseQuorum }: QuorumChoice & { readonly isLearner: boolean },
  ): Promise<bigint> {
    const before = await this.#checkQuorum({ kind: isLearner ? 'addLearner' : 'add' }, mayLoseQuorum);
    const isNew = ({ id }: Member) => before.every((member) => member.id !== id);
    const { session } = this.#settings;
    const request = { peerURLs: [...peerUrls], isLearner };
    let added = 0n;
    await session.call(Cluster.method.memberAdd, request, WRITE).then(
      ({ member }) => (added = member?.ID ?? 0n),
      (error: unknown) =>
        settleByLooking(error, async () => {
          const found = (await this.#members.list())?.find(
            (member) => isNew(member) && isSame(member.peerUrls, peerUrls),
          );
          added = found?.id ?? 0n;
          return found !== undefined;
        }),
    );
    return added;
  }

  async promote({ id }: Member, { mayLoseQuorum }: QuorumChoice = {}): Promise<void> {
    await this.#checkQuorum({ kind: 'promote', id }, mayLoseQuorum);
    const promote = this.#settings.session.call(Cluster.method.memberPromote, { ID: id }, WRITE);
    await this.#settled(promote, (members) => members.some((member) => member.id === id && !member.isLearner));
  }

  async updateMember({ id }: Member, peerUrls: readonly string[], { mayLoseQuorum }: QuorumChoice = {}): Promise<void> {
    await this.#checkQuorum({ kind: 'update', id }, mayLoseQuorum);
    const request = { ID: id, peerURLs: [...peerUrls] };
    const update = this.#settings.session.call(Cluster.method.memberUpdate, request, WRITE);
    await this.#settled(update, (members) =>
      members.some((member) => member.id === id && isSame(member.peerUrls, peerUrls)),
    );
  }

  async removeMember({ id }: Member, { mayLoseQuorum }: QuorumChoice = {}): Promise<void> {
    await this.#checkQuorum({ kind: 'remove', id }, mayLoseQuorum);
    const remove = this.#settings.session.call(Cluster.method.memberRemove, { ID: id }, WRITE);
    await this.#settled(remove, (members) => members.every((member) => member.id !== id));
  }

  async moveLeader(to: Member): Promise<void> {
    const { members } = await this.#members.state();
    const leader = members.find(({ id }) => id === leaderOf(members));
    if (!leader)
      throw new EtcdError(
        'noLeader',
        l10n.t('No member that answers knows a leader, or etcd does not tell it to this user. Nothing was changed.'),
        { notCarriedOut: true },
      );
    if (leader.id === to.id) return;
    const { response } = this.#settings.endpoints.limits;
    // Only the leader itself can transfer the leadership.
    await this.#members.with(leader, response, undefined, (endpoint) =>
      endpoint
        .call(Maintenance.method.moveLeader, { targetID: to.id }, WRITE)
        .then(() => undefined)
        .catch((error: unknown) =>
          settleByLooking(error, async () => leaderOf((await this.#members.state()).members) === to.id),
        ),
    );
  }

  /** @returns the members before the change */
  async #checkQuorum(change: MembershipChange, mayLoseQuorum: boolean | undefined): Promise<readonly Member[]> {
    const { members } = await this.#members.state();
    checkQuorum(members, change, mayLoseQuorum);
    return members;
  }

  async #settled(change: Promise<unknown>, isDone: (members: readonly Member[]) => boolean): Promise<void> {
    await change.catch((error: unknown) =>
      settleByLooking(error, async () => {
        const members = await this.#members.list();
        return members !== undefined && isDone(members);
      }),
    );
  }
}

/** Returns the latest leader according to the members; 0n if none names one. */
export function leaderOf(members: ClusterState['members']): bigint {
  const statuses = members.flatMap(({ answer }) =>
    answer.kind === 'answered' && answer.status ? [answer.status] : [],
  );
  const [newest] = statuses
    .filter(({ leader }) => leader !== 0n)
    .toSorted((one, other) => Number(other.raftTerm - one.raftTerm));
  return newest?.leader ?? 0n;
}

/** Reads a hash. Right after a compaction, etcd 3.4 hashes the rest only if it is asked for the newest revision. */
async function hashAt(endpoint: OneEndpoint, revision: bigint, signal: AbortSignal | undefined) {
  const options = { ...READ, signal };
  return await endpoint.call(Maintenance.method.hashKV, { revision }, options).catch(async (error: unknown) => {
    if (!EtcdError.is(error, 'compacted')) throw error;
    const newest = await endpoint.call(Maintenance.method.hashKV, {}, options);
    if (newest.header?.revision !== revision) throw error;
    return newest;
  });
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.toSorted().join(' ') === others.toSorted().join(' ');
}

function unlessDenied(error: unknown): undefined {
  if (!EtcdError.is(error, 'permissionDenied')) throw error;
}

function noHashes(cause: EtcdError): EtcdError {
  const message = l10n.t(
    "This etcd's JSON gateway cannot compare what the members hold (before 3.5 it cannot). Set the connection's transport to grpc.",
  );
  return new EtcdError('unsupported', message, { cause, notCarriedOut: true });
}
