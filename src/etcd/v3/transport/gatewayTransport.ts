import { setTimeout as delay } from 'node:timers/promises';
import {
  create,
  toBinary,
  toJson,
  type DescMessage,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { EtcdError } from '../../errors.ts';
import type { HttpAnswer, HttpClient } from '../../http/httpClient.ts';
import { notEtcdError } from '../../http/notEtcdError.ts';
import { clusterNamed, decode, failureOf, lineMessage } from './gatewayJson.ts';
import { textLines } from './textLines.ts';
import { rangeAnswer, type RangeAnswer } from './rangeRows.ts';
import { KV, RangeResponseSchema, Watch, WatchCreateRequestSchema, type RangeRequestSchema } from './rpc_pb.js';
import type { CallOptions, Transport, WatchCall } from './transport.ts';
import { heldBack, refusal, watchEnded } from './watchErrors.ts';

/** Paths below the API's version, by method name. Every version of the gateway has the lease calls in this form. */
const PATHS: Readonly<Record<string, string>> = {
  'KV.Range': 'kv/range',
  'KV.Txn': 'kv/txn',
  'KV.Compact': 'kv/compaction',
  'Lease.LeaseGrant': 'lease/grant',
  'Lease.LeaseRevoke': 'kv/lease/revoke',
  'Lease.LeaseLeases': 'kv/lease/leases',
  'Lease.LeaseKeepAlive': 'lease/keepalive',
  'Lease.LeaseTimeToLive': 'kv/lease/timetolive',
  'Auth.Authenticate': 'auth/authenticate',
  'Auth.AuthEnable': 'auth/enable',
  'Auth.AuthDisable': 'auth/disable',
  'Auth.AuthStatus': 'auth/status',
  'Auth.UserAdd': 'auth/user/add',
  'Auth.UserGet': 'auth/user/get',
  'Auth.UserList': 'auth/user/list',
  'Auth.UserDelete': 'auth/user/delete',
  'Auth.UserChangePassword': 'auth/user/changepw',
  'Auth.UserGrantRole': 'auth/user/grant',
  'Auth.UserRevokeRole': 'auth/user/revoke',
  'Auth.RoleAdd': 'auth/role/add',
  'Auth.RoleGet': 'auth/role/get',
  'Auth.RoleList': 'auth/role/list',
  'Auth.RoleDelete': 'auth/role/delete',
  'Auth.RoleGrantPermission': 'auth/role/grant',
  'Auth.RoleRevokePermission': 'auth/role/revoke',
  'Cluster.MemberList': 'cluster/member/list',
  'Cluster.MemberAdd': 'cluster/member/add',
  'Cluster.MemberRemove': 'cluster/member/remove',
  'Cluster.MemberUpdate': 'cluster/member/update',
  'Cluster.MemberPromote': 'cluster/member/promote',
  'Maintenance.Alarm': 'maintenance/alarm',
  'Maintenance.Status': 'maintenance/status',
  'Maintenance.Defragment': 'maintenance/defragment',
  'Maintenance.HashKV': 'maintenance/hashkv',
  'Maintenance.Snapshot': 'maintenance/snapshot',
  'Maintenance.MoveLeader': 'maintenance/transfer-leadership',
  'Watch.Watch': 'watch',
};

const PATIENCE = 3000;
const SILENCE = 60_000;
const ANY_QUESTION = { key: Uint8Array.of(0), countOnly: true, serializable: true };

/** Sends the messages in their canonical JSON form, through etcd's gateway (`POST /v3/…`). */
export class GatewayTransport implements Transport {
  readonly pageBytes = 0.5 * 1024 * 1024;
  readonly #http: HttpClient;
  readonly #version: string;
  readonly #patience: number;
  readonly #silence: number;
  /** True once a watch has shown that its events arrive. */
  #comesThrough = false;
  #holdsBack = false;

  /**
   * @param version first path segment: `v3`, or `v3beta` on etcd 3.3
   * @param patience milliseconds in which a watch must begin before a proxy is suspected to hold its answer back
   * @param silence milliseconds without an event after which a watch is opened again
   */
  constructor(http: HttpClient, version: string, patience = PATIENCE, silence = SILENCE) {
    this.#http = http;
    this.#version = version;
    this.#patience = patience;
    this.#silence = silence;
  }

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions,
  ): Promise<MessageShape<O>> {
    return decode(method.output, await this.#send(method, request, options));
  }

  async range(request: MessageInitShape<typeof RangeRequestSchema>, options: CallOptions): Promise<RangeAnswer> {
    const answer = await this.#send(KV.method.range, request, options);
    // As messages, many keys take ten times the memory of their binary form.
    const message = toBinary(RangeResponseSchema, decode(RangeResponseSchema, answer));
    return { ...rangeAnswer(message), bytes: answer.text.length };
  }

  async #send<I extends DescMessage>(
    method: DescMethod & { readonly input: I },
    request: MessageInitShape<I>,
    { token, repeatable, requireLeader, within, signal }: CallOptions,
  ): Promise<HttpAnswer> {
    const answer = await this.#http.send(
      {
        ...this.#requestOf(method, request, { token, requireLeader }),
        repeatable,
        within,
        signal,
        clusterOf: repeatable ? undefined : (endpoint) => this.#clusterOf(endpoint, token, signal),
      },
      // What a member answers without its leader says nothing about the cluster in use.
      { failureOf: refusalOf, ...(requireLeader && { clusterOf: clusterNamed }) },
    );
    const failure = refusalOf(answer);
    if (failure) throw failure;
    return answer;
  }

  /** Asks for the cluster with an empty transaction, which every user may carry out. */
  async #clusterOf(
    endpoint: string,
    token: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const request = this.#requestOf(KV.method.txn, {}, { token, requireLeader: true });
    const answer = await this.#http.sendTo(endpoint, { ...request, repeatable: true, signal });
    const failure = refusalOf(answer);
    if (failure) throw failure;
    return clusterNamed(answer);
  }

  async *stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions,
  ): AsyncGenerator<MessageShape<O>> {
    const { repeatable, signal } = options;
    const sent = { ...this.#requestOf(method, request, options), repeatable, signal };
    const answer = await this.#http.stream(sent, failureOf);
    for await (const line of textLines(answer.body, answer.endpoint)) yield lineMessage(method.output, line, answer);
  }

  get tellsEnd(): boolean {
    return false;
  }

  get canWatch(): boolean {
    return !this.#holdsBack;
  }

  /**
   * Watches with one request, whose answer continues. A proxy may hold that back until it ends, which it never does.
   */
  async watch(call: WatchCall, token: string | undefined): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([call.signal, over.signal]);
    const begun = Promise.withResolvers<void>();
    try {
      const watching = this.#watchOnce({ ...call, signal }, token, begun.resolve);
      await Promise.race([watching, this.#unlessHeldBack(begun.promise, watching, token, signal)]);
    } finally {
      over.abort();
    }
  }

  /**
   * Watches once. Nothing distinguishes a lost connection from a silent one, so the watch is opened again after some
   * silence.
   */
  async #watchOnce(
    { request, report, signal }: WatchCall,
    token: string | undefined,
    begun: () => void,
  ): Promise<void> {
    const silent = new AbortController();
    let silence: NodeJS.Timeout | undefined;
    try {
      const answer = await this.#http.stream(
        {
          ...this.#requestOf(
            Watch.method.watch,
            { requestUnion: { case: 'createRequest', value: create(WatchCreateRequestSchema, request) } },
            { token, requireLeader: true },
          ),
          repeatable: true,
          signal: AbortSignal.any([signal, silent.signal]),
          clusterOf: (endpoint) => this.#clusterOf(endpoint, token, signal),
        },
        failureOf,
      );
      silence = setTimeout(() => silent.abort(), this.#silence);
      for await (const line of textLines(answer.body, answer.endpoint)) {
        begun();
        this.#comesThrough = true;
        silence.refresh();
        const message = lineMessage(Watch.method.watch.output, line, answer);
        if (message.canceled) throw refusal(message);
        report(message);
      }
      throw watchEnded(answer.endpoint);
    } catch (error) {
      if (!this.#comesThrough || !silent.signal.aborted || signal.aborted) throw error;
    } finally {
      clearTimeout(silence);
    }
  }

  /**
   * Fails if a proxy holds answers back: etcd sends the first line immediately, so it must not be missing when a later
   * request was answered long ago.
   */
  async #unlessHeldBack(
    begun: Promise<void>,
    watching: Promise<void>,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#comesThrough) return await watching;
    const isLate = async () =>
      await Promise.race([delay(this.#patience, true, { signal }).catch(() => false), begun.then(() => false)]);
    if (await isLate()) {
      await this.unary(KV.method.range, ANY_QUESTION, { token, repeatable: true, requireLeader: false, signal });
      if (await isLate()) {
        this.#holdsBack = true;
        throw heldBack(this.#http.endpoint);
      }
    }
    return await watching;
  }

  #requestOf<I extends DescMessage>(
    method: DescMethod & { readonly input: I },
    request: MessageInitShape<I>,
    { token, requireLeader }: Pick<CallOptions, 'token' | 'requireLeader'>,
  ) {
    const name = `${method.parent.name}.${method.name}`;
    const path = PATHS[name];
    if (path === undefined) throw new Error(`No gateway path is known for ${name}`);
    return {
      method: 'POST',
      path: `/${this.#version}/${path}`,
      body: JSON.stringify(toJson(method.input, create(method.input, request), { useProtoFieldName: true })),
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: token }),
        ...(requireLeader && { 'grpc-metadata-hasleader': 'true' }),
      },
    } as const;
  }
}

function refusalOf(answer: HttpAnswer): EtcdError | undefined {
  if (answer.status !== 200) return failureOf(answer);
  // Any other server may have a page at this path.
  return /^\s*\{/.test(answer.text) ? undefined : notEtcdError(answer.status, answer.endpoint);
}
