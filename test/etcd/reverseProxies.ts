import { once } from 'node:events';
import { createServer as createHttpServer, request as httpRequest, type RequestListener } from 'node:http';
import {
  connect,
  createServer as createHttp2Server,
  createSecureServer,
  type ClientHttp2Stream,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectTcp, createServer as createTcpServer, type Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Identity } from '../fixtures/certificates.ts';

/** What stands before an etcd that serves plain http. */
export interface ReverseProxy {
  readonly endpoint: string;
  close(): void;
}

/** Speaks HTTP/1.1 only, as many load balancers do. */
export async function http1Proxy(etcd: string, tls?: Identity): Promise<ReverseProxy> {
  const server = tls
    ? createHttpsServer({ cert: tls.certPem, key: tls.keyPem }, forwardTo(etcd))
    : createHttpServer(forwardTo(etcd));
  return await listening(server, tls !== undefined);
}

/** Speaks HTTP/2, but HTTP/1.1 with what is behind it; answers gRPC as it answers any page that it does not know. */
export async function http2TerminatingProxy(etcd: string, tls: Identity): Promise<ReverseProxy> {
  const server = createSecureServer({ cert: tls.certPem, key: tls.keyPem, allowHTTP1: true });
  server.on('request', (request, response) => {
    if (request.httpVersion === '2.0')
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
    else {
      const outgoing = httpRequest(new URL(request.url, etcd), { method: request.method }, (answer) => {
        response.writeHead(answer.statusCode ?? 502);
        answer.on('data', (chunk: Buffer) => response.write(chunk));
        answer.on('end', () => response.end());
      });
      request.pipe(outgoing);
    }
  });
  return await listening(server, true);
}

export interface Http2Proxy extends ReverseProxy {
  /** Every session that was ever opened with it. */
  readonly sessions: readonly ServerHttp2Session[];
  /** The next call, which is kept without an answer; calls after it are passed on again. */
  hold(): Promise<ServerHttp2Stream>;
  /** Passes on nothing more of the calls under way, while it answers pings itself. */
  mute(): void;
  /** Resolves when the next part of an answer has been passed on. */
  passed(): Promise<void>;
}

/** Speaks HTTP/2 with both sides and passes everything on. */
export async function http2Proxy(etcd: string): Promise<Http2Proxy> {
  const server = createHttp2Server();
  const upstream = connect(etcd);
  const sessions: ServerHttp2Session[] = [];
  const calls: ClientHttp2Stream[] = [];
  let passing = Promise.withResolvers<void>();
  let holding: ((stream: ServerHttp2Stream) => void) | undefined;
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (holding) {
      holding(stream);
      holding = undefined;
      return;
    }
    const call = upstream.request(headers);
    stream.pipe(call);
    call.on('response', ({ ':status': status, ...answered }, flags) => {
      const ends = (flags & 1) === 1;
      stream.respond({ ':status': status, ...answered }, { endStream: ends, waitForTrailers: !ends });
    });
    let trailers = {};
    call.on('trailers', (sent) => (trailers = sent));
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    call.on('data', (chunk: Buffer) => {
      stream.write(chunk);
      passing.resolve();
      passing = Promise.withResolvers();
    });
    call.on('end', () => stream.end());
    calls.push(call);
    stream.on('close', () => call.close());
  });
  const { endpoint, close } = await listening(server, false);
  return {
    endpoint,
    sessions,
    hold() {
      const { promise, resolve } = Promise.withResolvers<ServerHttp2Stream>();
      holding = resolve;
      return promise;
    },
    passed: () => passing.promise,
    mute() {
      for (const call of calls.splice(0)) call.removeAllListeners('data').resume();
    },
    close() {
      upstream.destroy();
      for (const session of sessions) session.destroy();
      close();
    },
  };
}

export interface TcpProxy extends ReverseProxy {
  /** Keeps the connections open and passes nothing on any more, as a peer that is gone without a word. */
  freeze(): void;
  /** Ends all connections; new ones are passed on. */
  cut(): void;
  /** Ends each new connection at once, or not any more. */
  refuse(refused: boolean): void;
}

export async function tcpProxy(port: number): Promise<TcpProxy> {
  const pairs: ReturnType<typeof connectTcp>[] = [];
  let refused = false;
  const server = createTcpServer((client) => {
    if (refused) {
      client.destroy();
      return;
    }
    const etcd = connectTcp(port, '127.0.0.1');
    pairs.push(client, etcd);
    for (const [socket, other] of [[client, etcd] as const, [etcd, client] as const]) {
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroySoon());
    }
    client.pipe(etcd).pipe(client);
  });
  const { endpoint, close } = await listening(server, false);
  return {
    endpoint,
    freeze() {
      for (const socket of pairs) socket.unpipe().pause();
    },
    cut() {
      for (const socket of pairs.splice(0)) socket.destroy();
    },
    refuse(isRefused) {
      refused = isRefused;
    },
    close() {
      for (const socket of pairs) socket.destroy();
      close();
    },
  };
}

/** Passes answers on only when they are complete, as proxies do that buffer. */
export async function bufferingProxy(etcd: string): Promise<ReverseProxy> {
  const server = createHttpServer((incoming, response) => {
    const { method, url = '/', headers } = incoming;
    const outgoing = httpRequest(new URL(url, etcd), { ...(method && { method }), headers }, (answer) => {
      buffer(answer).then(
        (body) => response.writeHead(answer.statusCode ?? 502, answer.headers).end(body),
        () => response.destroy(),
      );
    });
    response.on('close', () => outgoing.destroy());
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
  return await listening(server, false);
}

function forwardTo(etcd: string): RequestListener {
  return (incoming, response) => {
    const { method, url = '/', headers } = incoming;
    const outgoing = httpRequest(new URL(url, etcd), { ...(method && { method }), headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  };
}

async function listening(server: Server, secure: boolean): Promise<ReverseProxy> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { endpoint: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`, close: () => server.close() };
}
