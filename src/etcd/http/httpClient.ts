import http, { Agent as HttpAgent } from 'node:http';
import https, { Agent as HttpsAgent } from 'node:https';
import { text } from 'node:stream/consumers';
import got, { type Got, type Request, type Response } from 'got';
import type { EtcdError } from '../errors.ts';
import { bareHost } from './bareHost.ts';
import { Endpoints, type HttpSettings, type RequestTarget } from './endpoints.ts';
import type { Handshake } from './handshake.ts';
import { networkError, type TimeLimits } from './networkErrors.ts';
import { whenRouted } from './proxies.ts';
import { tlsNativeOptions, tlsRequestOptions } from './tlsIdentity.ts';

export type { HttpSettings, RequestLogEntry } from './endpoints.ts';

export interface HttpRequest extends RequestTarget {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly endpoint: string;
}

/** An answer whose body still comes. */
export interface StreamedAnswer extends Omit<HttpAnswer, 'text'> {
  /** Iterating it throws EtcdError of the network's kinds. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** One got instance for one connection: its agents, TLS identity and time limits. */
export class HttpClient {
  readonly #endpoints: Endpoints;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  readonly #got: Got;
  readonly #closed = new AbortController();
  readonly #limits: TimeLimits;
  #proxied = false;

  /** @param endpoints where another client of the same connection shares them */
  constructor(settings: HttpSettings, endpoints = new Endpoints(settings)) {
    const { tls, limits } = settings;
    this.#endpoints = endpoints;
    this.#limits = limits;
    this.#agents = {
      http: new HttpAgent({ keepAlive: true }),
      https: new HttpsAgent({ keepAlive: true }),
    };
    this.#got = got.extend({
      agent: this.#agents,
      request: (url, options, callback) => {
        const protocol = url.protocol === 'https:' ? https : http;
        const request = protocol.request(url, { ...options, ...tlsNativeOptions(tls, bareHost(url)) }, callback);
        request.once('socket', (socket) => endpoints.follow(url, socket));
        whenRouted(request, (proxied) => (this.#proxied = proxied));
        return request;
      },
      // On the request, not on the agent: behind a proxy VS Code replaces the agent and keeps only what the request says.
      https: {
        rejectUnauthorized: true,
        ...tlsRequestOptions(tls),
      },
      timeout: {
        lookup: limits.connect,
        connect: limits.connect,
        secureConnect: limits.connect,
        response: limits.response,
      },
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
      decompress: false,
    });
  }

  /** The endpoint that answered last. */
  get endpoint(): string {
    return this.#endpoints.current;
  }

  /** The certificates of that endpoint. */
  get handshake(): Handshake | undefined {
    return this.#endpoints.handshake;
  }

  /** Whether the latest request went through a proxy of VS Code. */
  get proxied(): boolean {
    return this.#proxied;
  }

  /**
   * Sends a request to the endpoint that answered last, and on to the next ones while that is safe.
   * @throws EtcdError of the network's kinds; an answer of any HTTP status is returned
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const { method, path, body, headers, signal } = request;
    return await this.#endpoints.send(request, async (endpoint) => {
      const response = await this.#got(new URL(path, endpoint), {
        method,
        ...(body !== undefined && { body }),
        headers: { 'user-agent': undefined, ...headers },
        signal: signal ? AbortSignal.any([signal, this.#closed.signal]) : this.#closed.signal,
      });
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.body,
        bytes: response.rawBody.length,
        endpoint,
      };
    });
  }

  /**
   * As `send`, for an answer that goes on: resolves with its headers, and has no time limit from then on.
   * @param failureOf why an answer other than 200 goes on to the next endpoint where that is safe, or is thrown
   */
  async stream(request: HttpRequest, failureOf: (answer: HttpAnswer) => EtcdError): Promise<StreamedAnswer> {
    const { method, path, body, headers, signal } = request;
    return await this.#endpoints.send(request, async (endpoint) => {
      const url = new URL(path, endpoint);
      const stream = this.#got.stream(url, {
        method,
        ...(body !== undefined && { body }),
        headers: { 'user-agent': undefined, ...headers },
        signal: signal ? AbortSignal.any([signal, this.#closed.signal]) : this.#closed.signal,
      });
      const response = await responseOf(stream);
      const answer = { status: response.statusCode, headers: response.headers, endpoint };
      if (answer.status !== 200) throw failureOf({ ...answer, text: await text(stream) });
      return { ...answer, bytes: 0, body: withNetworkErrors(stream, url, this.#limits) };
    });
  }

  /** Aborts what is under way and closes the sockets. */
  close(): void {
    this.#closed.abort();
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }
}

async function* withNetworkErrors(
  body: AsyncIterable<Uint8Array>,
  url: URL,
  limits: TimeLimits,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (thrown) {
    throw networkError(thrown, url, limits);
  }
}

/** What comes after the headers, also a failure, is told to whoever reads the body. */
async function responseOf(stream: Request): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  stream.once('response', resolve);
  stream.on('error', reject);
  return await promise;
}
