import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { text } from 'node:stream/consumers';
import got, { type Got, type OptionsInit, type Request, type RequestFunction, type Response } from 'got';
import { EtcdError } from '../errors.ts';
import { AnswerGuard, guardedAnswer, limitedChunks, MAX_SHORT_ANSWER_BYTES } from './answerLimits.ts';
import { bareHost } from './bareHost.ts';
import { Endpoints, judged, type HttpSettings, type Judge, type RequestTarget } from './endpoints.ts';
import type { Handshake } from './handshake.ts';
import { networkError, type TimeLimits } from './networkErrors.ts';
import { PinnedAuthorities } from './pinnedAuthorities.ts';
import { RoutedRequests } from './routedRequests.ts';
import { Sending } from './sending.ts';
import { tlsNativeOptions, tlsRequestOptions, type TlsIdentity } from './tlsIdentity.ts';

export type { HttpSettings, RequestLogEntry } from './endpoints.ts';

// See docs/contributing/decisions/transports.md

export interface HttpRequest extends RequestTarget {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Limit of the answer's body; `MAX_ANSWER_BYTES` by default. */
  readonly maxBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly endpoint: string;
}

/** An answer whose body is still arriving. */
export interface StreamedAnswer extends Omit<HttpAnswer, 'text'> {
  /** Iterating it throws EtcdError of the network's kinds. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** got's options of one request: how to send it, and the authorities for its endpoint. */
type SentOptions = Pick<OptionsInit, 'request' | 'https' | 'method' | 'body' | 'headers' | 'timeout' | 'signal'>;

interface SecureOptions extends ReturnType<typeof tlsNativeOptions> {
  readonly agent: HttpsAgent;
}

/** One got instance for one connection, with its agents, TLS identity and time limits. */
export class HttpClient {
  readonly #endpoints: Endpoints;
  readonly #plainAgent = new HttpAgent({ keepAlive: true });
  readonly #got: Got;
  readonly #closed = new AbortController();
  readonly #limits: TimeLimits;
  readonly #tls: TlsIdentity;
  readonly #pinned: PinnedAuthorities;
  /** TLS options by host; there are as few as endpoints. */
  readonly #secure = new Map<string, SecureOptions>();
  readonly #requests: RoutedRequests;

  /** @param endpoints shared with another client of the same connection, if given */
  constructor(settings: HttpSettings, endpoints = new Endpoints(settings)) {
    const { tls, limits, tunnel } = settings;
    this.#endpoints = endpoints;
    this.#limits = limits;
    this.#tls = tls;
    this.#pinned = new PinnedAuthorities(tls, limits.connect, tunnel);
    this.#requests = new RoutedRequests(tunnel);
    this.#got = got.extend({
      agent: { http: this.#plainAgent },
      // On the request, not on the agent: behind a proxy, VS Code replaces the agent and keeps only what the request
      // says.
      https: {
        rejectUnauthorized: true,
        ...tlsRequestOptions(tls),
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
    return this.#requests.proxied;
  }

  /**
   * Sends a request to the endpoint that answered last, and to the next ones as long as that is safe.
   * @throws EtcdError of the network's kinds; the failure from `judge` only if no other endpoint answers better
   */
  async send(request: HttpRequest, judge?: Judge<HttpAnswer>): Promise<HttpAnswer> {
    return await this.#endpoints.send(request, async (endpoint, limits) => {
      const { bytes, ...answer } = await this.#sendTo(endpoint, request, limits);
      return { ...answer, bytes, ...judged(answer, judge) };
    });
  }

  /** Sends as `send` does, to this endpoint only. */
  async sendTo(endpoint: string, request: HttpRequest): Promise<HttpAnswer> {
    return await this.#sendTo(endpoint, request, this.#limits);
  }

  async #sendTo(
    endpoint: string,
    request: HttpRequest,
    limits: TimeLimits,
  ): Promise<HttpAnswer & { readonly bytes: number }> {
    const url = new URL(request.path, endpoint);
    const response = await this.#trusting(url, request, limits, (options) =>
      this.#answer(url, request, limits, options),
    );
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      bytes: response.rawBody.length,
      endpoint,
    };
  }

  /**
   * Sends as `send` does, for a streamed answer: resolves with its headers, and has no limit of time or size from then
   * on.
   * @param failureOf describes an answer other than 200, which goes to the next endpoint if that is safe, or is thrown
   */
  async stream(request: HttpRequest, failureOf: (answer: HttpAnswer) => EtcdError): Promise<StreamedAnswer> {
    return await this.#endpoints.send(request, async (endpoint, limits) => {
      const url = new URL(request.path, endpoint);
      const { stream, response } = await this.#trusting(url, request, limits, async (options) => {
        const opened = this.#got.stream(url, options);
        return { stream: opened, response: await responseOf(opened) };
      });
      const answer = { status: response.statusCode, headers: response.headers, endpoint };
      if (answer.status !== 200) throw failureOf({ ...answer, text: await this.#shortText(stream, url) });
      return { ...answer, bytes: 0, body: withNetworkErrors(stream, url, limits) };
    });
  }

  /**
   * Sends a request with the authorities of its endpoint, and once more if the server now shows another pinned
   * certificate.
   * @throws EtcdError that says whether the request may have been carried out
   */
  async #trusting<T>(
    url: URL,
    request: HttpRequest,
    limits: TimeLimits,
    send: (options: SentOptions) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#sendOnce(url, request, limits, send);
    } catch (error) {
      const isOutdated = this.#isPinned(url) && EtcdError.is(error, 'unknownAuthority') && error.notCarriedOut;
      if (!isOutdated) throw error;
      this.#pinned.forget(url);
      return await this.#sendOnce(url, request, limits, send);
    }
  }

  async #sendOnce<T>(
    url: URL,
    { method, body, headers, signal }: HttpRequest,
    limits: TimeLimits,
    send: (options: SentOptions) => Promise<T>,
  ): Promise<T> {
    const sending = new Sending();
    const { connect, response } = limits;
    try {
      const trusted = this.#isPinned(url) && { certificateAuthority: [...(await this.#pinned.authorities(url))] };
      return await send({
        request: this.#requestFunction(sending),
        ...(trusted && { https: trusted }),
        method,
        ...bodyOf(body, headers),
        timeout: { lookup: connect, connect, secureConnect: connect, response },
        signal: signal ? AbortSignal.any([signal, this.#closed.signal]) : this.#closed.signal,
      });
    } catch (thrown) {
      const error = networkError(thrown, url, limits);
      if (error.kind === 'timedOut') this.#closeKept();
      throw sending.judge(error);
    }
  }

  #isPinned({ protocol }: URL): boolean {
    return protocol === 'https:' && this.#pinned.decide;
  }

  /**
   * Returns the options that check the server. The agent needs them too, because Node does not keep a connection whose
   * check is only on the request; the request needs them because VS Code replaces agents behind a proxy.
   */
  #secureOptions(host: string): SecureOptions {
    const known = this.#secure.get(host);
    if (known) return known;
    const options = tlsNativeOptions(this.#tls, host);
    // A resumed TLS session carries no certificate.
    const agent = new HttpsAgent({ keepAlive: true, maxCachedSessions: 0, ...options });
    const secure = { ...options, agent };
    this.#secure.set(host, secure);
    return secure;
  }

  #requestFunction(sending: Sending): RequestFunction {
    return (url, options, callback) => {
      const secure = url.protocol === 'https:' && this.#secureOptions(bareHost(url));
      const request = this.#requests.request(url, { ...options, ...secure }, callback);
      sending.follow(request);
      request.once('socket', (socket) => this.#endpoints.follow(url, socket));
      return request;
    };
  }

  async #answer(url: URL, request: HttpRequest, limits: TimeLimits, options: SentOptions): Promise<Response<string>> {
    const { repeatable, maxBytes } = request;
    const silence = repeatable ? Math.min(limits.connect, limits.response) : limits.response;
    return await guardedAnswer({ endpoint: url, silence, maxBytes }, async (over, received) => {
      const signal = AbortSignal.any([over, ...(options.signal ? [options.signal] : [])]);
      const sent = this.#got(url, { ...options, signal });
      void sent.on('downloadProgress', ({ transferred }) => received(transferred));
      return await sent;
    });
  }

  /** Reads the text with which a server explains a failure. */
  async #shortText(stream: Request, url: URL): Promise<string> {
    const guard = new AnswerGuard({ endpoint: url, silence: this.#limits.response }, (error) => stream.destroy(error));
    guard.received(0);
    try {
      return await text(limitedChunks(stream, url, MAX_SHORT_ANSWER_BYTES));
    } finally {
      guard.done();
    }
  }

  /**
   * Closes kept connections after one of them turned out to be dead: its peer may have disappeared, with all of them.
   */
  #closeKept(): void {
    for (const { freeSockets } of [this.#plainAgent, ...[...this.#secure.values()].map(({ agent }) => agent)])
      for (const sockets of Object.values(freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  /** Aborts requests under way and closes the sockets. */
  close(): void {
    this.#closed.abort();
    this.#plainAgent.destroy();
    for (const { agent } of this.#secure.values()) agent.destroy();
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

/** Resolves with the headers. Reading the body then yields everything after them, including a failure. */
async function responseOf(stream: Request): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  stream.once('response', resolve);
  stream.on('error', reject);
  return await promise;
}

/**
 * Wraps a body as an iterable. If a body is text or bytes, got 16.1 cuts off an answer that begins before got has
 * noticed that the body was written, as happens on a busy machine.
 */
function bodyOf(body: string | undefined, headers: HttpRequest['headers']) {
  if (body === undefined) return { headers: { 'user-agent': undefined, ...headers } };
  const bytes = Buffer.from(body);
  const length = { 'content-length': String(bytes.length) };
  return { body: [bytes], headers: { 'user-agent': undefined, ...length, ...headers } };
}
