import type { HttpAnswer, HttpRequest } from '../http/httpClient.ts';
import { notEtcdError } from '../http/notEtcdError.ts';
import { unknownFields } from '../unknownFields.ts';
import type { Credentials } from '../etcdConnection.ts';
import { noV2Error, refusalError, type V2Refusal } from './v2Errors.ts';
import type { RedirectedClient } from './v2Redirects.ts';

/** A key or a directory, as v2 answers it. */
export interface V2Node {
  /** The whole key; empty for the root. */
  readonly key: string;
  readonly isDirectory: boolean;
  readonly value: string;
  readonly modifiedIndex: bigint;
  readonly createdIndex: bigint;
  /** Seconds, rounded up. */
  readonly ttl?: number;
  /** Of a directory that was listed; hidden nodes, whose names begin with `_`, are never among them. */
  readonly nodes: readonly V2Node[];
}

export type V2Answer = { readonly index: bigint } & (
  { readonly node: V2Node } | { readonly node?: undefined; readonly refusal: V2Refusal }
);

export interface V2Request {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** Escaped, below `/v2/keys`. */
  readonly path: string;
  /** Sent as a form by PUT, else in the query. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Numbers of refusals that are no failures to the caller. */
  readonly expected: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** Speaks the v2 keys API: forms there, JSON back, the user in each request. */
export class V2Client {
  readonly #http: RedirectedClient;
  readonly #authorization: string | undefined;

  constructor(http: RedirectedClient, credentials: Credentials | undefined) {
    this.#http = http;
    this.#authorization =
      credentials &&
      `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8').toString('base64')}`;
  }

  /** @throws EtcdError, also for refusals that are not `expected` */
  async call({ method, path, parameters, expected, signal }: V2Request): Promise<V2Answer> {
    const form = new URLSearchParams(parameters).toString();
    const inBody = method === 'PUT';
    const request: HttpRequest = {
      method,
      path: `/v2/keys${path}${inBody || form === '' ? '' : `?${form}`}`,
      ...(inBody && { body: form }),
      headers: {
        ...(inBody && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(this.#authorization !== undefined && { authorization: this.#authorization }),
      },
      repeatable: method === 'GET',
      signal,
    };
    const answer = await this.#http.send(request);
    const index = indexOf(answer);
    const fields = fieldsOf(answer);
    const { node } = fields;
    if (node !== undefined) return { index, node: toNode(node) };
    const { errorCode, message, cause } = fields;
    if (typeof errorCode !== 'number') throw notEtcdError(answer.status, answer.endpoint);
    const refusal = { errorCode, message: textOf(message), cause: textOf(cause) };
    if (expected.includes(errorCode)) return { index, refusal };
    throw refusalError(refusal, answer.endpoint, this.#authorization !== undefined);
  }
}

function fieldsOf({ status, text, endpoint }: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    return unknownFields(JSON.parse(text));
  } catch (cause) {
    if (status === 404) throw noV2Error(endpoint, cause);
    throw notEtcdError(status, endpoint, cause);
  }
}

function indexOf({ headers }: HttpAnswer): bigint {
  const index = headers['x-etcd-index'];
  return typeof index === 'string' && /^\d+$/.test(index) ? BigInt(index) : 0n;
}

function toNode(json: unknown): V2Node {
  const { key, dir, value, modifiedIndex, createdIndex, ttl, nodes } = unknownFields(json);
  return {
    key: textOf(key),
    isDirectory: dir === true,
    value: textOf(value),
    modifiedIndex: toIndex(modifiedIndex),
    createdIndex: toIndex(createdIndex),
    ...(typeof ttl === 'number' && { ttl }),
    nodes: Array.isArray(nodes) ? nodes.map(toNode) : [],
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function toIndex(value: unknown): bigint {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : 0n;
}
