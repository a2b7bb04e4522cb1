import http, { Agent as HttpAgent } from 'node:http';
import https, { Agent as HttpsAgent } from 'node:https';
import got, { type Got } from 'got';
import { bareHost } from './bareHost.ts';
import { Endpoints, type HttpSettings, type RequestTarget } from './endpoints.ts';
import type { Handshake } from './handshake.ts';
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

/** One got instance for one connection: its agents, TLS identity and time limits. */
export class HttpClient {
  readonly #endpoints: Endpoints;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  readonly #got: Got;
  readonly #closed = new AbortController();
  #proxied = false;

  /** @param endpoints where another client of the same connection shares them */
  constructor(settings: HttpSettings, endpoints = new Endpoints(settings)) {
    const { tls, limits } = settings;
    this.#endpoints = endpoints;
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

  /** Aborts what is under way and closes the sockets. */
  close(): void {
    this.#closed.abort();
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }
}
