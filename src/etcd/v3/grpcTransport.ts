import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { Http2Answer, Http2Client } from '../http/http2Client.ts';
import { notEtcdError } from '../http/notEtcdError.ts';
import { fromFrame, grpcStatus, toFrame } from './grpcFrames.ts';
import { GrpcWatches } from './grpcWatches.ts';
import { rangeAnswer, type RangeAnswer } from './rangeRows.ts';
import { KV, type RangeRequestSchema } from './rpc_pb.js';
import { serverError } from './serverErrors.ts';
import type { CallOptions, Transport, WatchCall } from './transport.ts';

/** What etcd accepts in one request unless `--max-request-bytes` is set, in bytes. */
const USUAL_LIMIT = 1.5 * 1024 * 1024;

/** The messages in their binary form, as gRPC (`POST /etcdserverpb.KV/Range`): etcd's own protocol. */
export class GrpcTransport implements Transport {
  readonly canWatch = true;
  readonly pageBytes = 1.5 * 1024 * 1024;
  readonly tellsEnd: boolean;
  readonly #http: Http2Client;
  /** By sign-in token, which counts for a whole call: where it was renewed, watches under the old one go on. */
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
    { token, repeatable, requireLeader, signal }: CallOptions,
  ): Promise<Http2Answer> {
    const body = toFrame(toBinary(method.input, create(method.input, request)));
    const send = this.#http.send(
      {
        method: 'POST',
        path: `/${method.parent.typeName}/${method.name}`,
        body,
        headers: headersOf(token, requireLeader),
        repeatable,
        signal,
      },
      failureOf,
    );
    const answer = await send.catch((error: unknown) => {
      throw body.length > USUAL_LIMIT && EtcdError.is(error, 'connectionLost') ? brokenOff(error) : error;
    });
    const status = grpcStatus(answer);
    if (answer.status !== 200 || status === undefined) throw notEtcdError(answer.status, answer.endpoint);
    if (status.code !== 0) throw serverError(status, answer.status, answer.endpoint);
    return answer;
  }

  async watch(call: WatchCall, token: string | undefined): Promise<never> {
    const watches = this.#watches.get(token) ?? this.#openWatches(token);
    return await watches.watch(this.tellsEnd ? call : { ...call, catchUp: false });
  }

  #openWatches(token: string | undefined): GrpcWatches {
    const closed = () => {
      if (this.#watches.get(token) === watches) this.#watches.delete(token);
    };
    // A member that has lost its leader would be silent.
    const watches = new GrpcWatches(this.#http, headersOf(token, true), closed, this.#heartbeat);
    this.#watches.set(token, watches);
    return watches;
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

/** etcd refuses what is too large while it is still being sent; its reason may be lost with the stream that it resets. */
function brokenOff(cause: EtcdError): EtcdError {
  return new EtcdError(
    'requestTooLarge',
    l10n.t(
      'etcd broke off while it was sent: the value is probably larger than it accepts in one request (1.5 MB unless its --max-request-bytes is set).',
    ),
    { cause },
  );
}

function failureOf(answer: Http2Answer): string | undefined {
  const status = grpcStatus(answer);
  if (status === undefined) return 'notGrpc';
  return status.code === 0 ? undefined : `grpc-status ${status.code}`;
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
