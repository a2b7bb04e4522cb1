import { text as textOfBody } from 'node:stream/consumers';
import { EtcdError } from '../errors.ts';
import { limitedChunks } from '../http/answerLimits.ts';
import type { HttpAnswer, HttpRequest } from '../http/httpClient.ts';
import { notEtcdError } from '../http/notEtcdError.ts';
import { unknownFields } from '../unknownFields.ts';
import type { Credentials } from '../http/etcdConnection.ts';
import { noV2Error, refusalError, type V2Refusal } from './v2Errors.ts';
import { clusterNamed } from './v2Members.ts';
import type { RedirectedClient } from './redirectedClient.ts';

/** A key or a directory, as v2 returns it. */
export interface V2Node {
  /** The whole key; empty for the root. */
  readonly key: string;
  readonly isDirectory: boolean;
  readonly value: string;
  readonly modifiedIndex: bigint;
  readonly createdIndex: bigint;
  /** Seconds, rounded up. */
  readonly ttl?: number;
  /** Content of a directory that was listed, without hidden nodes, whose names begin with `_`. */
  readonly nodes: readonly V2Node[];
}

export type V2Answer = { readonly index: bigint } & (
  { readonly node: V2Node } | { readonly node?: undefined; readonly refusal: V2Refusal }
);

/** A change of a key or a directory. */
export interface V2Event {
  readonly action: string;
  readonly node: V2Node;
  readonly previous?: V2Node;
}

export interface V2Wait {
  readonly path: string;
  readonly recursive: boolean;
  /** Index of the first event that is wanted. */
  readonly from: bigint;
  /** Called with the server's index once it waits or answers. */
  readonly begun: (index: bigint) => void;
  /** Called with each part of an event. */
  readonly arrived: () => void;
  readonly signal: AbortSignal;
}

export interface V2Request {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** Escaped path below `/v2/keys`. */
  readonly path: string;
  /** Sent as a form with PUT, otherwise in the query. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Codes of refusals that are not failures to the caller. */
  readonly expected: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** Speaks the v2 keys API: sends forms, receives JSON, names the user in each request. */
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
        ...this.#authorized,
      },
      repeatable: method === 'GET',
      signal,
    };
    const failureOf = (sent: HttpAnswer) => this.#refusedUnless(sent, expected);
    const answer = await this.#http.send(request, { failureOf, clusterOf: clusterNamed });
    const index = indexOf(answer);
    const fields = fieldsOf(answer);
    const { node } = fields;
    if (node !== undefined) return { index, node: toNode(node) };
    const refusal = refusalOf(fields);
    if (refusal && expected.includes(refusal.errorCode)) return { index, refusal };
    throw this.#failureOf(answer);
  }

  /** Waits for the next event; undefined if etcd ended the wait. @throws EtcdError */
  async wait({ path, recursive, from, begun, arrived, signal }: V2Wait): Promise<V2Event | undefined> {
    const parameters = { wait: 'true', waitIndex: String(from), ...(recursive && { recursive: 'true' }) };
    const answer = await this.#http.stream(
      {
        method: 'GET',
        path: `/v2/keys${path}?${new URLSearchParams(parameters).toString()}`,
        headers: this.#authorized,
        repeatable: true,
        signal,
      },
      (failed) => this.#failureOf(failed),
    );
    // The headers arrive as soon as etcd waits.
    begun(indexOf(answer));
    const body = await textOfBody(reported(limitedChunks(answer.body, answer.endpoint), arrived));
    if (body.trim() === '') return undefined;
    const { action, node, prevNode } = fieldsOf({ ...answer, text: body });
    if (node === undefined) throw notEtcdError(answer.status, answer.endpoint);
    return {
      action: textOf(action),
      node: toNode(node),
      ...(prevNode !== undefined && { previous: toNode(prevNode) }),
    };
  }

  /** Returns the cluster's id in hexadecimal digits. @throws EtcdError */
  async clusterId(signal?: AbortSignal, within?: number): Promise<string> {
    const request: HttpRequest = { method: 'GET', path: '/v2/members', repeatable: true, within, signal };
    const judge = {
      failureOf: (sent: HttpAnswer) =>
        sent.status === 200 && clusterNamed(sent) !== undefined ? undefined : this.#failureOf(sent),
      clusterOf: clusterNamed,
    };
    const answer = await this.#http.send(request, judge);
    const cluster = clusterNamed(answer);
    if (cluster === undefined) throw this.#failureOf(answer);
    return cluster;
  }

  get #authorized(): Readonly<Record<string, string>> {
    return this.#authorization === undefined ? {} : { authorization: this.#authorization };
  }

  #refusedUnless(answer: HttpAnswer, expected: readonly number[]): EtcdError | undefined {
    try {
      const fields = fieldsOf(answer);
      if (fields['node'] !== undefined) return undefined;
      const refusal = refusalOf(fields);
      return refusal && expected.includes(refusal.errorCode) ? undefined : this.#failureOf(answer);
    } catch (error) {
      if (EtcdError.is(error)) return error;
      throw error;
    }
  }

  #failureOf(answer: HttpAnswer): EtcdError {
    const refusal = refusalOf(fieldsOf(answer));
    if (!refusal) return notEtcdError(answer.status, answer.endpoint);
    return refusalError(refusal, answer.endpoint, this.#authorization !== undefined);
  }
}

function refusalOf({ errorCode, message, cause }: Readonly<Record<string, unknown>>): V2Refusal | undefined {
  if (typeof errorCode !== 'number') return undefined;
  return { errorCode, message: textOf(message), cause: textOf(cause) };
}

function fieldsOf({ status, headers, text, endpoint }: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    return unknownFields(JSON.parse(text));
  } catch (cause) {
    // etcd says it in plain text; a proxy has a page.
    const isPage = String(headers['content-type']).includes('html');
    if (status === 404 && !isPage) throw noV2Error(endpoint, undefined, cause);
    throw notEtcdError(status, endpoint, cause);
  }
}

function indexOf({ headers }: Pick<HttpAnswer, 'headers'>): bigint {
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

async function* reported(chunks: AsyncIterable<Uint8Array>, arrived: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    arrived();
    yield chunk;
  }
}
