import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { OneEndpoint, type EndpointSettings } from '../v3/oneEndpoint.ts';
import {
  AlarmType,
  Cluster,
  KV,
  Maintenance,
  type ResponseHeader,
  type StatusResponse,
} from '../v3/transport/rpc_pb.js';
import {
  memberName,
  type Alarm,
  type AnsweringMember,
  type AlarmAnswer,
  type ClusterState,
  type Member,
  type MemberAnswer,
} from './clusterAdmin.ts';
import { valueOf } from './figures.ts';
import { MemberMetrics, readMetrics } from './memberMetrics.ts';
import type { Metrics } from './metricsText.ts';
import type { MemberHealth, MemberState, MemberStatus } from './clusterAdmin.ts';

/** Options of a request to one member about its own state. */
const ASK = { repeatable: true, requireLeader: false };
const READ = { repeatable: true, requireLeader: true };
/** The key that `etcdctl endpoint health` reads. */
const HEALTH_KEY = new TextEncoder().encode('health');
/** Limit of members and addresses; no cluster has that many. */
const MAX_ASKED = 100;
const QUOTA_METRIC = 'etcd_server_quota_backend_bytes';

/** The member that answers at an endpoint. */
interface Identity {
  readonly memberId: bigint;
  readonly clusterId: bigint;
  /** Undefined if etcd does not report it to this user. */
  readonly status: StatusResponse | undefined;
}

type AskedMember =
  | { readonly kind: 'answered'; readonly identity: Identity; readonly answer: MemberAnswer }
  | { readonly kind: 'failed'; readonly error: EtcdError };

/** The members of a cluster, and the endpoint at which each of them answers. */
export class Members {
  readonly #settings: EndpointSettings;
  /** The endpoint at which each member answered last. */
  readonly #origins = new Map<bigint, string>();

  readonly #metrics: MemberMetrics;

  constructor(settings: EndpointSettings) {
    this.#settings = settings;
    this.#metrics = new MemberMetrics(settings);
  }

  /** Asks each member about itself. @throws EtcdError if nothing answers */
  async state(signal?: AbortSignal): Promise<ClusterState> {
    const [listed, alarms] = await Promise.all([this.list(signal), this.#alarmAnswer(signal)]);
    const asked = new Map<string, AskedMember>();
    await this.#askAll(this.#settings.endpoints.all, asked, signal);
    const isFound = ({ id }: Member) => [...asked.values()].some((each) => isOf(each, id));
    const announced = (listed ?? []).filter((member) => !isFound(member)).flatMap(originsOf);
    await this.#askAll(
      announced.filter((origin) => this.#settings.endpoints.mayUse(origin)),
      asked,
      signal,
    );
    signal?.throwIfAborted();
    this.#origins.clear();
    for (const [origin, each] of asked) if (each.kind === 'answered') this.#origins.set(each.identity.memberId, origin);
    const members = (listed ?? unlisted(asked.values())).toSorted(inOrder);
    return {
      members: members.map((member): MemberState => ({ ...member, answer: answerOf(member, asked) })),
      isListed: listed !== undefined,
      alarms,
    };
  }

  /** Asks the endpoint that answered last which member it is. */
  async answering(signal?: AbortSignal): Promise<AnsweringMember> {
    const { endpoints } = this.#settings;
    const { connect } = endpoints.limits;
    const endpoint = new OneEndpoint(endpoints.current, this.#settings, { connect, response: connect });
    try {
      const [{ memberId, status }, members] = await Promise.all([this.#identify(endpoint, signal), this.list(signal)]);
      const name = members?.find(({ id }) => id === memberId)?.name ?? '';
      return { id: memberId, name, isLeader: status && status.leader === memberId };
    } finally {
      endpoint.close();
    }
  }

  /** Reads a member's metrics. @throws EtcdError as `ClusterReader.metrics` */
  async metrics(member: Member, signal?: AbortSignal): Promise<Metrics> {
    if (this.#metrics.areElsewhere) return await this.#metrics.find(member, signal);
    const { connect } = this.#settings.endpoints.limits;
    return await this.with(member, connect, signal, (endpoint) => readMetrics(endpoint, signal));
  }

  /** @returns undefined if etcd does not list them to this user */
  async list(signal?: AbortSignal): Promise<Member[] | undefined> {
    const list = this.#settings.session.call(Cluster.method.memberList, {}, { ...ASK, signal });
    const answer = await list.catch(unlessDenied);
    return answer?.members.map(({ ID, name, peerURLs, clientURLs, isLearner }) => ({
      id: ID,
      name,
      peerUrls: peerURLs,
      clientUrls: clientURLs,
      isLearner,
    }));
  }

  /** Reads the alarms. The members of a cluster without a leader know none, and still answer for themselves. */
  async #alarmAnswer(signal: AbortSignal | undefined): Promise<AlarmAnswer> {
    try {
      const alarms = await this.alarms(signal);
      return alarms ? { kind: 'reported', alarms } : { kind: 'hidden' };
    } catch (error) {
      if (!EtcdError.is(error) || error.kind === 'cancelled') throw error;
      return { kind: 'failed', error };
    }
  }

  /** @returns undefined if etcd does not report them to this user */
  async alarms(signal?: AbortSignal): Promise<Alarm[] | undefined> {
    const get = this.#settings.session.call(Maintenance.method.alarm, {}, { ...READ, signal });
    const answer = await get.catch(unlessDenied);
    return answer?.alarms.map(({ memberID, alarm }) => ({
      memberId: memberID,
      kind: alarm === AlarmType.NOSPACE ? 'NOSPACE' : alarm === AlarmType.CORRUPT ? 'CORRUPT' : 'unknown',
    }));
  }

  /**
   * Runs an action with the endpoint of a member, after asking whether it is that member.
   * @param response milliseconds that its answers may take
   * @throws EtcdError `notFound` if no endpoint is this member's; whatever `run` throws
   */
  async with<T>(
    member: Member,
    response: number,
    signal: AbortSignal | undefined,
    run: (endpoint: OneEndpoint, status: MemberStatus | undefined) => Promise<T>,
  ): Promise<T> {
    const origin = this.#origins.get(member.id) ?? (await this.#find(member, signal));
    const endpoint = new OneEndpoint(origin, this.#settings, {
      connect: this.#settings.endpoints.limits.connect,
      response,
    });
    try {
      const { memberId, status } = await this.#identify(endpoint, signal);
      if (memberId !== member.id) throw otherMember(origin, member);
      return await run(endpoint, status && statusOf(status, undefined));
    } catch (error) {
      this.#origins.delete(member.id);
      throw error;
    } finally {
      endpoint.close();
    }
  }

  async #find(member: Member, signal: AbortSignal | undefined): Promise<string> {
    await this.state(signal);
    const origin = this.#origins.get(member.id);
    if (origin !== undefined) return origin;
    throw new EtcdError(
      'notFound',
      l10n.t(
        'The member {0} cannot be asked: no endpoint of this connection leads to it. Add its address to the endpoints of the connection.',
        memberName(member),
      ),
      { notCarriedOut: true },
    );
  }

  async #askAll(
    origins: readonly string[],
    asked: Map<string, AskedMember>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const fresh = [...new Set(origins)].filter((origin) => !asked.has(origin)).slice(0, MAX_ASKED);
    await Promise.all(fresh.map(async (origin) => asked.set(origin, await this.#ask(origin, signal))));
  }

  async #ask(origin: string, signal: AbortSignal | undefined): Promise<AskedMember> {
    const { connect } = this.#settings.endpoints.limits;
    const endpoint = new OneEndpoint(origin, this.#settings, { connect, response: connect });
    try {
      const identity = await this.#identify(endpoint, signal);
      const { status: answer } = identity;
      const isLearner = answer?.isLearner ?? false;
      const [health, metrics] = await Promise.all([
        isLearner ? ({ kind: 'learner' } as const) : healthOf(endpoint, signal),
        answer && this.#metricsForQuota(endpoint, answer, signal),
      ]);
      const { handshake } = endpoint;
      const status = answer && statusOf(answer, quotaOf(answer, metrics));
      return { kind: 'answered', identity, answer: { kind: 'answered', origin, status, health, handshake, metrics } };
    } catch (error) {
      if (!EtcdError.is(error) || error.kind === 'cancelled') throw error;
      return { kind: 'failed', error };
    } finally {
      endpoint.close();
    }
  }

  /** Reads the metrics if the quota is not in the status, as before etcd 3.6. They may not be served. */
  async #metricsForQuota(
    endpoint: OneEndpoint,
    { dbSizeQuota, header }: StatusResponse,
    signal: AbortSignal | undefined,
  ): Promise<Metrics | undefined> {
    if (dbSizeQuota > 0n) return undefined;
    const member = { id: header?.memberId ?? 0n, name: '' };
    try {
      return this.#metrics.areElsewhere
        ? await this.#metrics.find(member, signal)
        : await readMetrics(endpoint, signal);
    } catch (error) {
      if (!EtcdError.is(error) || error.kind === 'cancelled') throw error;
      return undefined;
    }
  }

  /** Asks for the status or, if that is refused, sends an empty transaction, which every user may carry out. */
  async #identify(endpoint: OneEndpoint, signal: AbortSignal | undefined): Promise<Identity> {
    const options = { ...ASK, signal };
    const status = await endpoint.call(Maintenance.method.status, {}, options).catch(unlessDenied);
    const header = status?.header ?? (await endpoint.call(KV.method.txn, {}, options)).header;
    const { memberId = 0n, clusterId = 0n }: Partial<ResponseHeader> = header ?? {};
    this.#settings.endpoints.checkCluster(endpoint.origin, clusterId.toString(16));
    return { memberId, clusterId, status };
  }
}

/** Sorts by name, so that members stay in their places. */
function inOrder(one: Member, other: Member): number {
  return one.name.localeCompare(other.name) || (one.id < other.id ? -1 : 1);
}

function unlessDenied(error: unknown): undefined {
  if (!EtcdError.is(error, 'permissionDenied')) throw error;
}

async function healthOf(endpoint: OneEndpoint, signal: AbortSignal | undefined): Promise<MemberHealth> {
  const started = performance.now();
  try {
    await endpoint.call(KV.method.range, { key: HEALTH_KEY, keysOnly: true }, { ...READ, signal }).catch(unlessDenied);
    return { kind: 'healthy', milliseconds: performance.now() - started };
  } catch (error) {
    if (!EtcdError.is(error) || error.kind === 'cancelled') throw error;
    return { kind: 'unhealthy', error };
  }
}

function quotaOf({ dbSizeQuota }: StatusResponse, metrics: Metrics | undefined): number | undefined {
  const quota = dbSizeQuota > 0n ? Number(dbSizeQuota) : ((metrics && valueOf(metrics, QUOTA_METRIC)) ?? 0);
  return quota > 0 ? quota : undefined;
}

function statusOf(answer: StatusResponse, quota: number | undefined): MemberStatus {
  const { version, dbSize, dbSizeInUse, leader, raftTerm, raftIndex, raftAppliedIndex, errors, header } = answer;
  const size = Number(dbSize);
  const revision = header?.revision ?? 0n;
  return {
    ...{ version, size, sizeInUse: Number(dbSizeInUse), quota, leader, revision },
    ...{ raftTerm, raftIndex, raftAppliedIndex, errors },
  };
}

function originsOf({ clientUrls }: Member): string[] {
  return clientUrls.filter((url) => URL.canParse(url)).map((url) => new URL(url).origin);
}

function isOf(asked: AskedMember, id: bigint): boolean {
  return asked.kind === 'answered' && asked.identity.memberId === id;
}

function answerOf(member: Member, asked: ReadonlyMap<string, AskedMember>): MemberAnswer {
  for (const each of asked.values()) if (each.kind === 'answered' && isOf(each, member.id)) return each.answer;
  const failures = originsOf(member).flatMap((origin) => {
    const each = asked.get(origin);
    return each?.kind === 'failed' ? [each.error] : [];
  });
  const [error] = failures;
  return error ? { kind: 'failed', error } : { kind: 'notAsked' };
}

/** Returns the members that have answered, of which nothing else is known. */
function unlisted(asked: Iterable<AskedMember>): Member[] {
  const found = [...asked].flatMap((each) => (each.kind === 'answered' ? [each.identity] : []));
  const ids = new Map(found.map(({ memberId, status }) => [memberId, status?.isLearner ?? false]));
  return [...ids].map(([id, isLearner]) => ({ id, name: '', peerUrls: [], clientUrls: [], isLearner }));
}

function otherMember(origin: string, member: Member): EtcdError {
  return new EtcdError(
    'unavailable',
    l10n.t(
      '{0} now answers for another member than {1}, so nothing was done. Give this connection an endpoint of each member.',
      new URL(origin).host,
      memberName(member),
    ),
    { notCarriedOut: true },
  );
}
