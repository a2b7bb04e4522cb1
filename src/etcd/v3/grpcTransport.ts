import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { Http2Answer, Http2Client } from '../http/http2Client.ts';
import { notEtcdError } from '../http/notEtcdError.ts';
import { fromFrame, grpcStatus, toFrame } from './grpcFrames.ts';
import { serverError } from './serverErrors.ts';
import type { CallOptions, Transport } from './transport.ts';

/** The messages in their binary form, as gRPC (`POST /etcdserverpb.KV/Range`): etcd's own protocol. */
export class GrpcTransport implements Transport {
  readonly #http: Http2Client;

  constructor(http: Http2Client) {
    this.#http = http;
  }

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    { token, repeatable, requireLeader, signal }: CallOptions,
  ): Promise<MessageShape<O>> {
    const answer = await this.#http.post(
      {
        path: `/${method.parent.typeName}/${method.name}`,
        body: toFrame(toBinary(method.input, create(method.input, request))),
        headers: {
          'content-type': 'application/grpc',
          te: 'trailers',
          ...(token && { token }),
          ...(requireLeader && { hasleader: 'true' }),
        },
        repeatable,
        signal,
      },
      failureOf,
    );
    const status = grpcStatus(answer);
    if (answer.status !== 200 || status === undefined) throw notEtcdError(answer.status, answer.endpoint);
    if (status.code !== 0) throw serverError(status, answer.status, answer.endpoint);
    return decode(method.output, answer);
  }
}

function failureOf(answer: Http2Answer): string | undefined {
  const status = grpcStatus(answer);
  if (status === undefined) return 'notGrpc';
  return status.code === 0 ? undefined : `grpc-status ${status.code}`;
}

function decode<O extends DescMessage>(schema: O, { body, status, endpoint }: Http2Answer): MessageShape<O> {
  const message = fromFrame(body);
  if (message === undefined) throw notEtcdError(status, endpoint);
  try {
    return fromBinary(schema, message);
  } catch (cause) {
    throw notEtcdError(status, endpoint, cause);
  }
}
