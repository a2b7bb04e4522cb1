import type { Socket } from 'node:net';
import { EtcdError } from '../errors.ts';
import { guardedAnswer } from './answerLimits.ts';
import { Endpoints, judged, type HttpSettings, type Judge } from './endpoints.ts';
import type { Http2Answer } from './http2Answer.ts';
import type { HttpRequest } from './httpClient.ts';
import { Http2Sessions } from './http2Sessions.ts';
import { callOver, type BegunCall, type CallListener } from './http2Call.ts';
import { networkError, type TimeLimits } from './networkErrors.ts';
import { unknownFields } from '../unknownFields.ts';

/** Codes after which the call was certainly not handled: the session had ended before, or the server says so. */
const NOT_HANDLED = new Set<unknown>([
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_REFUSED_STREAM',
]);

export interface Http2Request extends Omit<HttpRequest, 'body'> {
  readonly body?: Uint8Array;
}

/** Opens a two-way call; must be harmless if it is sent again. */
export interface CallOpening {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent immediately. */
  readonly first: Uint8Array;
  /** See CallListener. */
  readonly receive: CallListener['receive'];
  /** True if nothing but `first` is sent. */
  readonly sendsOnce?: boolean;
  readonly signal: AbortSignal;
  /** See RequestTarget. */
  readonly clusterOf?: ((endpoint: string) => Promise<string | undefined>) | undefined;
}

/** A call whose answer continues while more is sent. */
export interface Http2Call {
  send(chunk: Uint8Array): void;
  /**
   * Settles when the call ends: with its status and trailers, without a body. @throws EtcdError of the network's kinds
   */
  readonly ended: Promise<Http2Answer>;
}

/** Speaks HTTP/2, with http endpoints by prior knowledge, for one connection with its endpoints and time limits. */
export class Http2Client {
  readonly #endpoints: Endpoints;
  readonly #sessions: Http2Sessions;
  readonly #limits: TimeLimits;
  readonly #closed = new AbortController();

  /**
   * @param endpoints shared with another client of the same connection, if given
   * @param pingInterval see Http2Sessions
   */
  constructor(settings: HttpSettings, endpoints = new Endpoints(settings), pingInterval?: number) {
    const { tls, limits, tunnel } = settings;
    this.#endpoints = endpoints;
    this.#limits = limits;
    const events = {
      opened: (endpoint: URL, socket: Socket) => endpoints.follow(endpoint, socket),
      ended: ({ origin }: URL) => endpoints.ended(origin),
    };
    this.#sessions = new Http2Sessions(tls, limits, { ...events, tunnel }, pingInterval);
  }

  /**
   * Sends a request to the endpoint that answered last, and to the next ones as long as that is safe.
   * @throws EtcdError of the network's kinds; the failure from `judge` only if no other endpoint answers better
   */
  async send(request: Http2Request, judge?: Judge<Http2Answer>): Promise<Http2Answer> {
    return await this.#endpoints.send({ ...request, isWatchedOver: true }, async (endpoint, limits) => {
      const answer = await this.sendTo(endpoint, request, limits);
      return { ...answer, bytes: answer.body.length, ...judged(answer, judge) };
    });
  }

  /** Sends as `send` does, to this endpoint only. */
  async sendTo(
    endpoint: string,
    { method, path, body, headers, maxBytes, ...request }: Http2Request,
    limits: TimeLimits = this.#limits,
  ): Promise<Http2Answer> {
    const url = new URL(path, endpoint);
    const signal = request.signal ? AbortSignal.any([request.signal, this.#closed.signal]) : this.#closed.signal;
    const sent = { method, path, ...(body && { body }), ...(headers && { headers }) };
    const answerLimits = { endpoint: url, silence: limits.response, maxBytes };
    return await guardedAnswer(answerLimits, (over, received) =>
      this.#sessions.use(url, signal, (session) =>
        callOver(session, url, { ...sent, signal: AbortSignal.any([signal, over]), received }, limits).catch(
          (thrown: unknown) => {
            const error = networkError(thrown, url, limits);
            throw NOT_HANDLED.has(unknownFields(thrown).code) ? EtcdError.notCarriedOut(error) : error;
          },
        ),
      ),
    );
  }

  /**
   * Opens a two-way call, on the next endpoint if it ends before its answer begins; resolves once that begins.
   * @param failureOf explains a call that ended without a body
   * @throws EtcdError of the network's kinds, and from `failureOf`
   */
  async open(opening: CallOpening, failureOf: (answer: Http2Answer) => EtcdError): Promise<Http2Call> {
    const { clusterOf } = opening;
    const target = { method: 'POST', path: opening.path, repeatable: true, isWatchedOver: true, clusterOf };
    return await this.#endpoints.send(target, async (endpoint, limits) => {
      const url = new URL(opening.path, endpoint);
      const signal = AbortSignal.any([opening.signal, this.#closed.signal]);
      const begun = Promise.withResolvers<BegunCall>();
      const { path, headers, first: body, receive, sendsOnce = false } = opening;
      const request = { method: 'POST', path, headers, body, signal };
      const listener = { begin: begun.resolve, receive, sendsOnce };
      const ended = this.#sessions
        .use(url, signal, (session) => callOver(session, url, request, limits, listener))
        .catch((thrown: unknown) => {
          throw networkError(thrown, url, limits);
        });
      const failed = ended.then((answer): never => {
        throw failureOf(answer);
      });
      const call = await Promise.race([begun.promise, failed]);
      // The caller learns of the call's end from `ended`.
      failed.catch(() => undefined);
      return { status: call.status, bytes: 0, send: call.send, ended };
    });
  }

  /** Aborts calls under way and closes the sessions. */
  close(): void {
    this.#closed.abort();
    this.#sessions.close();
  }
}
