import type { Socket } from 'node:net';
import got, { type Got } from 'got';
import type { EtcdError } from '../errors.ts';
import { Endpoints, type HttpSettings } from './endpoints.ts';
import type { HttpRequest } from './httpClient.ts';
import { Http2Sessions } from './http2Sessions.ts';
import { streamedCall, type BegunCall, type CallOpening } from './http2Stream.ts';
import { networkError, type TimeLimits } from './networkErrors.ts';

export interface Http2Request extends Omit<HttpRequest, 'body'> {
  readonly body?: Uint8Array;
}

export interface Http2Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly trailers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly endpoint: string;
}

/** A call whose answer goes on while more is sent. */
export interface Http2Call {
  send(chunk: Uint8Array): void;
  /** Settles when the call ended: with its status and trailers, without a body. @throws EtcdError of the network's kinds */
  readonly ended: Promise<Http2Answer>;
}

/** Speaks HTTP/2, with http endpoints by prior knowledge; for one connection, with its endpoints and time limits. */
export class Http2Client {
  readonly #endpoints: Endpoints;
  readonly #sessions: Http2Sessions;
  readonly #got: Got;
  readonly #limits: TimeLimits;
  readonly #closed = new AbortController();

  /**
   * @param endpoints where another client of the same connection shares them
   * @param pingInterval see Http2Sessions
   */
  constructor(
    { tls, limits, ...settings }: HttpSettings,
    endpoints = new Endpoints({ limits, ...settings }),
    pingInterval?: number,
  ) {
    this.#endpoints = endpoints;
    this.#limits = limits;
    const opened = (endpoint: URL, socket: Socket) => endpoints.follow(endpoint, socket);
    this.#sessions = new Http2Sessions(tls, limits, opened, pingInterval);
    this.#got = got.extend({
      timeout: { response: limits.response },
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
      decompress: false,
    });
  }

  /**
   * Sends a request to the endpoint that answered last, and on to the next ones while that is safe.
   * @param errorOf what to log of an answer that reports a failure
   * @throws EtcdError of the network's kinds; an answer of any HTTP status is returned
   */
  async send(
    request: Http2Request,
    errorOf: (answer: Http2Answer) => string | undefined = () => undefined,
  ): Promise<Http2Answer> {
    const { method, path, body, headers } = request;
    const signal = request.signal ? AbortSignal.any([request.signal, this.#closed.signal]) : this.#closed.signal;
    return await this.#endpoints.send(request, async (endpoint) => {
      const url = new URL(path, endpoint);
      const response = await this.#sessions.use(url, signal, (h2session) =>
        this.#got(url, {
          h2session,
          method,
          ...(body && { body }),
          headers: { 'user-agent': undefined, ...headers },
          responseType: 'buffer',
          signal,
        }),
      );
      const { statusCode: status, trailers, rawBody } = response;
      const answer = { status, headers: response.headers, trailers, body: rawBody, endpoint };
      const error = errorOf(answer);
      return { ...answer, bytes: rawBody.length, ...(error !== undefined && { error }) };
    });
  }

  /**
   * Opens a call that goes both ways, and on to the next endpoint where it ends before its answer begins; resolves once that did.
   * @param failureOf why a call that ended before any body did so
   * @throws EtcdError of the network's kinds, and what `failureOf` made of the answer
   */
  async open(opening: CallOpening, failureOf: (answer: Http2Answer) => EtcdError): Promise<Http2Call> {
    const target = { method: 'POST', path: opening.path, repeatable: true };
    return await this.#endpoints.send(target, async (endpoint) => {
      const url = new URL(opening.path, endpoint);
      const signal = AbortSignal.any([opening.signal, this.#closed.signal]);
      const begun = Promise.withResolvers<BegunCall>();
      const ended = this.#sessions
        .use(url, signal, (session) => streamedCall(session, url, { ...opening, signal }, this.#limits, begun.resolve))
        .catch((thrown: unknown) => {
          throw networkError(thrown, url, this.#limits);
        });
      const failed = ended.then((answer): never => {
        throw failureOf(answer);
      });
      const call = await Promise.race([begun.promise, failed]);
      // Whoever has the call hears of its end by `ended`.
      failed.catch(() => undefined);
      return { status: call.status, bytes: 0, send: call.send, ended };
    });
  }

  /** Aborts what is under way and closes the sessions. */
  close(): void {
    this.#closed.abort();
    this.#sessions.close();
  }
}
