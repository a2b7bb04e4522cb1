import { setTimeout as delay } from 'node:timers/promises';
import {
  create,
  toBinary,
  toJson,
  type DescMessage,
  type DescMethod,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { HttpAnswer, HttpClient } from '../http/httpClient.ts';
import { decode, failureOf, watchMessage } from './gatewayJson.ts';
import { lines } from './lines.ts';
import { rangeAnswer, type RangeAnswer } from './rangeRows.ts';
import { KV, RangeResponseSchema, Watch, WatchCreateRequestSchema, type RangeRequestSchema } from './rpc_pb.js';
import type { CallOptions, Transport, WatchCall } from './transport.ts';
import { heldBack, refusal, watchEnded } from './watchErrors.ts';

/** Paths below the API's version, by method name. The lease calls have this form on every version of the gateway. */
const PATHS: Readonly<Record<string, string>> = {
  'KV.Range': 'kv/range',
  'KV.Txn': 'kv/txn',
  'Lease.LeaseGrant': 'lease/grant',
  'Lease.LeaseRevoke': 'kv/lease/revoke',
  'Lease.LeaseLeases': 'kv/lease/leases',
  'Lease.LeaseKeepAlive': 'lease/keepalive',
  'Lease.LeaseTimeToLive': 'kv/lease/timetolive',
  'Auth.Authenticate': 'auth/authenticate',
  'Auth.UserGet': 'auth/user/get',
  'Auth.RoleGet': 'auth/role/get',
  'Cluster.MemberList': 'cluster/member/list',
  'Watch.Watch': 'watch',
};

const PATIENCE = 3000;
const SILENCE = 60_000;
const ANY_QUESTION = { key: Uint8Array.of(0), countOnly: true, serializable: true };

/** The messages in their canonical JSON form, over etcd's gateway (`POST /v3/…`). */
export class GatewayTransport implements Transport {
  readonly pageBytes = 0.5 * 1024 * 1024;
  readonly #http: HttpClient;
  readonly #version: string;
  readonly #patience: number;
  readonly #silence: number;
  /** Whether a watch has shown that its events come through, or that they do not. */
  #comesThrough = false;
  #holdsBack = false;

  /**
   * @param version the first path segment: `v3`, or `v3beta` on etcd 3.3
   * @param patience how many milliseconds a watch may take to begin before something is suspected to hold its answer back
   * @param silence after how many milliseconds without an event a watch is opened anew
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
    // Messages of many keys take ten times the memory of their binary form.
    const message = toBinary(RangeResponseSchema, decode(RangeResponseSchema, answer));
    return { ...rangeAnswer(message), bytes: answer.text.length };
  }

  async #send<I extends DescMessage>(
    method: DescMethod & { readonly input: I },
    request: MessageInitShape<I>,
    { token, repeatable, requireLeader, signal }: CallOptions,
  ): Promise<HttpAnswer> {
    const answer = await this.#http.send({
      ...this.#requestOf(method, request, { token, requireLeader }),
      repeatable,
      signal,
    });
    if (answer.status !== 200) throw failureOf(answer);
    return answer;
  }

  get tellsEnd(): boolean {
    return false;
  }

  get canWatch(): boolean {
    return !this.#holdsBack;
  }

  /** One request for each watch, whose answer goes on. What stands in between may hold it back until it ends, which it never does. */
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

  /** Nothing tells a connection that is gone from one that is silent: after some silence, the watch is opened anew. */
  async #watchOnce({ request, tell, signal }: WatchCall, token: string | undefined, begun: () => void): Promise<void> {
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
        },
        failureOf,
      );
      silence = setTimeout(() => silent.abort(), this.#silence);
      for await (const line of lines(answer.body)) {
        begun();
        this.#comesThrough = true;
        silence.refresh();
        const message = watchMessage(line, answer);
        if (message.canceled) throw refusal(message);
        tell(message);
      }
      throw watchEnded(answer.endpoint);
    } catch (error) {
      if (!this.#comesThrough || !silent.signal.aborted || signal.aborted) throw error;
    } finally {
      clearTimeout(silence);
    }
  }

  /** Where the first line is missing, which etcd sends at once, and a later question was answered long since, something holds it back. */
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
