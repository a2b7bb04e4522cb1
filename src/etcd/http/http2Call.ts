import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { Http2Answer } from './http2Answer.ts';
import type { TimeLimits } from './networkErrors.ts';

/** What a call sends, and how to abort it. */
export interface CallRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
  /** Called with the number of bytes of the answer's body so far. */
  readonly received?: (bytes: number) => void;
}

/** Listens to a two-way call while it continues. */
export interface CallListener {
  /** Called when the answer's body begins. */
  begin(call: BegunCall): void;
  /**
   * Called with each chunk of the answer's body. If it returns a promise, the server must wait until that is fulfilled.
   */
  receive(chunk: Uint8Array): Promise<unknown> | undefined | void;
  /** True if nothing but the request's body is sent. */
  readonly sendsOnce?: boolean;
}

export interface BegunCall {
  readonly status: number;
  readonly send: (chunk: Uint8Array) => void;
}

type AnswerHeaders = IncomingHttpHeaders & IncomingHttpStatusHeader;

/**
 * Makes a call on a session, until it ends.
 * @param listener keeps the request open and receives the answer's body, which the answer then lacks
 * @throws Node's errors; code `ERR_HTTP2_REFUSED_STREAM` if the server certainly has not begun to handle the call
 */
export async function callOver(
  session: ClientHttp2Session,
  url: URL,
  { method, path, headers, body, signal, received }: CallRequest,
  limits: TimeLimits,
  listener?: CallListener,
): Promise<Http2Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Http2Answer>();
  const stream = session.request({ ':method': method, ':path': path, ...headers }, { endStream: false, signal });
  const chunks: Uint8Array[] = [];
  let answered: AnswerHeaders | undefined;
  let trailers: Http2Answer['trailers'] = {};
  /** True once the server has sent everything, whatever happens to the stream then. */
  let complete = false;
  const late = setTimeout(() => {
    reject(failure('ETIMEDOUT', 'no answer in time'));
    stream.close(constants.NGHTTP2_CANCEL);
  }, limits.response);
  stream.once('response', (answer: AnswerHeaders, flags: number) => {
    answered = answer;
    received?.(0);
    complete = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    if (!listener) clearTimeout(late);
  });
  stream.once('trailers', (sent: Http2Answer['trailers']) => {
    trailers = sent;
    complete = true;
  });
  stream.once('data', () => {
    clearTimeout(late);
    listener?.begin({ status: statusOf(answered), send: (chunk) => void stream.write(chunk) });
  });
  let bytes = 0;
  stream.on('data', (chunk: Uint8Array) => {
    if (listener) {
      const taken = listener.receive(chunk);
      if (taken) {
        stream.pause();
        taken.then(() => stream.resume()).catch(() => stream.close(constants.NGHTTP2_CANCEL));
      }
      return;
    }
    chunks.push(chunk);
    received?.((bytes += chunk.length));
  });
  // After the server has ended its side, it reads nothing more.
  stream.once('end', () => stream.end());
  let thrown: unknown;
  stream.on('error', (error) => (thrown = error));
  stream.once('close', () => {
    // Data that still waits at the server is lost if the stream was closed meanwhile.
    const isTaken = !listener?.sendsOnce || stream.readableEnded;
    if (answered && isTaken && (complete || isEnded(stream)))
      resolve({
        status: statusOf(answered),
        headers: answered,
        trailers,
        body: Buffer.concat(chunks),
        endpoint: url.origin,
      });
    else if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM)
      reject(failure('ERR_HTTP2_REFUSED_STREAM', 'refused', thrown));
    else reject(thrown ?? failure('ECONNRESET', 'the stream ended before its answer'));
  });
  if (body) stream.write(body);
  if (!listener || listener.sendsOnce) stream.end();
  return await promise.finally(() => clearTimeout(late));
}

function statusOf(headers: AnswerHeaders | undefined): number {
  return headers?.[':status'] ?? 0;
}

function isEnded({ rstCode, readableEnded, errored }: ClientHttp2Stream): boolean {
  return rstCode === constants.NGHTTP2_NO_ERROR && readableEnded && !errored;
}

function failure(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code, event: 'response' });
}
