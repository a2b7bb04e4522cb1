import {
  constants,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { Http2Answer } from './http2Client.ts';
import type { TimeLimits } from './networkErrors.ts';

/** What opens a call that goes both ways; it must do no harm when it is sent again. */
export interface CallOpening {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is sent at once. */
  readonly first: Uint8Array;
  /** Is given the answer's body, as it comes. */
  readonly receive: (chunk: Uint8Array) => void;
  readonly signal: AbortSignal;
}

export interface BegunCall {
  readonly status: number;
  readonly send: (chunk: Uint8Array) => void;
}

type AnswerHeaders = IncomingHttpHeaders & IncomingHttpStatusHeader;

/**
 * A call that goes both ways on a session, until it ends; the answer has no body, which `receive` was given.
 *
 * Not by got: where its stream is destroyed just after a write, Node (24.21) goes round for ever in `Http2Session::SendPendingData`.
 * @param begin is told when the answer's body begins
 * @throws Node's errors
 */
export async function streamedCall(
  session: ClientHttp2Session,
  url: URL,
  { path, headers, first, receive, signal }: CallOpening,
  limits: TimeLimits,
  begin: (call: BegunCall) => void,
): Promise<Http2Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Http2Answer>();
  const stream = session.request({ ':method': 'POST', ':path': path, ...headers }, { signal });
  const late = setTimeout(() => stream.destroy(failure('ETIMEDOUT', 'no answer in time')), limits.response);
  let answered: AnswerHeaders | undefined;
  let trailers: Http2Answer['trailers'] = {};
  stream.once('response', (received: AnswerHeaders) => (answered = received));
  stream.once('trailers', (received: Http2Answer['trailers']) => (trailers = received));
  stream.once('data', () => {
    clearTimeout(late);
    begin({ status: answered?.[':status'] ?? 0, send: (chunk) => void stream.write(chunk) });
  });
  stream.on('data', receive);
  stream.on('error', reject);
  stream.once('close', () => {
    if (answered && stream.rstCode === constants.NGHTTP2_NO_ERROR)
      resolve({
        status: answered[':status'] ?? 0,
        headers: answered,
        trailers,
        body: new Uint8Array(),
        endpoint: url.origin,
      });
    else reject(failure('ECONNRESET', 'the stream ended before its answer'));
  });
  // Once the server has ended its side, nothing that is sent is read any more.
  stream.once('end', () => stream.end());
  stream.write(first);
  return await promise.finally(() => clearTimeout(late));
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, event: 'response' });
}
