import {
  create,
  fromJson,
  toJson,
  type DescMessage,
  type DescMethodUnary,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { HttpAnswer, HttpClient } from '../http/httpClient.ts';
import { notEtcdError } from '../http/notEtcdError.ts';
import { unknownFields } from '../unknownFields.ts';
import { serverError, type ServerStatus } from './serverErrors.ts';
import type { CallOptions, Transport } from './transport.ts';

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
};

/** The messages in their canonical JSON form, over etcd's gateway (`POST /v3/…`). */
export class GatewayTransport implements Transport {
  readonly #http: HttpClient;
  readonly #version: string;

  /** @param version the first path segment: `v3`, or `v3beta` on etcd 3.3 */
  constructor(http: HttpClient, version: string) {
    this.#http = http;
    this.#version = version;
  }

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    { token, repeatable, requireLeader, signal }: CallOptions,
  ): Promise<MessageShape<O>> {
    const name = `${method.parent.name}.${method.name}`;
    const path = PATHS[name];
    if (path === undefined) throw new Error(`No gateway path is known for ${name}`);
    const answer = await this.#http.send({
      method: 'POST',
      path: `/${this.#version}/${path}`,
      body: JSON.stringify(toJson(method.input, create(method.input, request), { useProtoFieldName: true })),
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: token }),
        ...(requireLeader && { 'grpc-metadata-hasleader': 'true' }),
      },
      repeatable,
      signal,
    });
    if (answer.status !== 200) throw serverError(statusOf(answer.text), answer.status, answer.endpoint);
    return decode(method.output, answer);
  }
}

function decode<O extends DescMessage>(schema: O, answer: HttpAnswer): MessageShape<O> {
  try {
    const json: JsonValue = JSON.parse(answer.text);
    // So the gateway wraps the answers of calls that are streams in gRPC.
    const isWrapped = typeof json === 'object' && json !== null && !Array.isArray(json) && json['result'] !== undefined;
    const result = isWrapped ? (json['result'] ?? null) : json;
    return fromJson(schema, result, { ignoreUnknownFields: true });
  } catch (cause) {
    throw notEtcdError(answer.status, answer.endpoint, cause);
  }
}

/** Both generations of the gateway say it in JSON; what is not etcd says it in a text of its own. */
function statusOf(body: string): ServerStatus {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { message: body.slice(0, 200) };
  }
  const { code, message } = unknownFields(json);
  return { ...(typeof code === 'number' && { code }), message: typeof message === 'string' ? message : '' };
}
