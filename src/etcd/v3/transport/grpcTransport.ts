import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../../errors.ts';
import type { Http2Answer } from '../../http/http2Answer.ts';
import type { Http2Client } from '../../http/http2Client.ts';
import { notEtcdError } from '../../http/notEtcdError.ts';
import { clusterOfHeader, FrameReader, fromFrame, grpcStatus, toFrame } from './grpcFrames.ts';
import { GrpcWatches } from './grpcWatches.ts';
import { rangeAnswer, type RangeAnswer } from './rangeRows.ts';
import { KV, type RangeRequestSchema } from './rpc_pb.js';
import { serverError } from './serverErrors.ts';
import type { CallOptions, Transport, WatchCall } from './transport.ts';

/** Bytes that etcd accepts in one request unless `--max-request-bytes` is set. */
const USUAL_LIMIT = 1.5 * 1024 * 1024;

/** Sends the messages in their binary form, as gRPC (`POST /etcdserverpb.KV/Range`), etcd's own protocol. */
export class GrpcTransport implements Transport {
  readonly canWatch = true;
  readonly pageBytes = 1.5 * 1024 * 1024;
  readonly tellsEnd: boolean;
  readonly #http: Http2Client;
  /** Watches by sign-in token, which applies to a whole call: after a renewal, watches with the old one continue. */
  readonly #watches = new Map<string | undefined, GrpcWatches>();
  readonly #heartbeat: number | undefined;

  /** @param heartbeat see GrpcWatches */
  constructor(http: Http2Client, { heartbeat, tellsEnd = false }: { heartbeat?: number; tellsEnd?: boolean } = {}) {
    this.#http = http;
    this.#heartbeat = heartbeat;
    this.tellsEnd = tellsEnd;
  }

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions,
  ): Promise<MessageShape<O>> {
    return decoded(await this.#send(method, request, options), (message) => fromBinary(method.output, message));
  }

  async range(request: MessageInitShape<typeof RangeRequestSchema>, options: CallOptions): Promise<RangeAnswer> {
    return decoded(await this.#send(KV.method.range, request, options), rangeAnswer);
  }

  async #send<I extends DescMessage>(
    method: DescMethodUnary<I>,
    request: MessageInitShape<I>,
    { token, repeatable, requireLeader, within, signal }: CallOptions,
  ): Promise<Http2Answer> {
    const body = toFrame(toBinary(method.input, create(method.input, request)));
    const clusterOf = repeatable ? undefined : (endpoint: string) => this.#clusterOf(endpoint, token, signal);
    const call = { ...callOf(method, body, headersOf(token, requireLeader)), repeatable, within, signal, clusterOf };
    // What a member answers without its leader says nothing about the cluster in use.
    const send = this.#http.send(call, { failureOf, ...(requireLeader && { clusterOf: clusterNamed }) });
    const answer = await send.catch((error: unknown) => {
      throw body.length > USUAL_LIMIT && EtcdError.is(error, 'connectionLost') ? brokenOff(error) : error;
    });
    const failure = failureOf(answer);
    if (failure) throw failure;
    return answer;
  }

  async *stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    { token, requireLeader, signal }: CallOptions,
  ): AsyncGenerator<MessageShape<O>> {
    const over = new AbortController();
    const chunks = new PassThrough();
    const first = toFrame(toBinary(method.input, create(method.input, request)));
    try {
      const call = await this.#http.open(
        {
          ...callOf(method, first, headersOf(token, requireLeader)),
          first,
          sendsOnce: true,
          receive: (chunk) => (chunks.write(chunk) ? undefined : once(chunks, 'drain')),
          signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal,
        },
        (answer) => failureOf(answer) ?? notEtcdError(answer.status, answer.endpoint),
      );
      call.ended.then(
        (answer) => {
          const failure = failureOf(answer);
          if (failure) chunks.destroy(failure);
          else chunks.end();
        },
        (error: Error) => chunks.destroy(error),
      );
      const frames = new FrameReader();
      for await (const chunk of chunks)
        for (const message of frames.push(chunk)) yield fromBinary(method.output, message);
    } finally {
      over.abort();
    }
  }

  /** Asks for the cluster with an empty transaction, which every user may carry out. */
  async #clusterOf(
    endpoint: string,
    token: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const call = callOf(KV.method.txn, toFrame(new Uint8Array()), headersOf(token, true));
    const answer = await this.#http.sendTo(endpoint, { ...call, repeatable: true, signal });
    const failure = failureOf(answer);
    if (failure) throw failure;
    return clusterNamed(answer);
  }

  async watch(call: WatchCall, token: string | undefined): Promise<never> {
    // etcd reports progress of all watches of a call together, so a watch that waits for it has a call of its own.
    if (call.catchUp && this.tellsEnd) return await this.#watchesWith(token, () => undefined).watch(call);
    const watches = this.#watches.get(token) ?? this.#sharedWatches(token);
    return await watches.watch({ ...call, catchUp: false });
  }

  #sharedWatches(token: string | undefined): GrpcWatches {
    const watches = this.#watchesWith(token, () => {
      if (this.#watches.get(token) === watches) this.#watches.delete(token);
    });
    this.#watches.set(token, watches);
    return watches;
  }

  #watchesWith(token: string | undefined, closed: () => void): GrpcWatches {
    // A member that has lost its leader would stay silent.
    return new GrpcWatches(this.#http, headersOf(token, true), closed, this.#heartbeat, (endpoint) =>
      this.#clusterOf(endpoint, token, undefined),
    );
  }
}

function headersOf(token: string | undefined, requireLeader: boolean): Record<string, string> {
  return {
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(token && { token }),
    ...(requireLeader && { hasleader: 'true' }),
  };
}

/**
 * Explains a request that was reset: etcd refuses a large one while it is still being sent, and its reason may be lost
 * with the stream.
 */
function brokenOff(cause: EtcdError): EtcdError {
  return new EtcdError(
    'requestTooLarge',
    l10n.t(
      'etcd broke off while it was sent: the value is probably larger than it accepts in one request (1.5 MB unless its --max-request-bytes is set).',
    ),
    { cause, notCarriedOut: cause.notCarriedOut },
  );
}

function callOf(method: DescMethod, body: Uint8Array, headers: Record<string, string>) {
  return { method: 'POST', path: `/${method.parent.typeName}/${method.name}`, body, headers } as const;
}

function failureOf(answer: Http2Answer): EtcdError | undefined {
  const status = grpcStatus(answer);
  if (answer.status !== 200 || status === undefined) return notEtcdError(answer.status, answer.endpoint);
  return status.code === 0 ? undefined : serverError(status, answer.status, answer.endpoint);
}

/** Returns the cluster in the header that begins all of etcd's messages. */
function clusterNamed({ body }: Http2Answer): string | undefined {
  const message = fromFrame(body);
  return message && clusterOfHeader(message);
}

function decoded<T>({ body, status, endpoint }: Http2Answer, decode: (message: Uint8Array) => T): T {
  const message = fromFrame(body);
  if (message === undefined) throw notEtcdError(status, endpoint);
  try {
    return decode(message);
  } catch (cause) {
    throw notEtcdError(status, endpoint, cause);
  }
}
