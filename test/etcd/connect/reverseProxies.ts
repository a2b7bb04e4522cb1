import { once } from 'node:events';
import {
  createServer as createHttpServer,
  request as httpRequest,
  type RequestListener,
  type Server as HttpServer,
} from 'node:http';
import {
  connect,
  createServer as createHttp2Server,
  createSecureServer,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectTcp, createServer as createTcpServer, type Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Identity } from '../../fixtures/certificates.ts';

/** A proxy in front of an etcd that serves plain http. */
export interface ReverseProxy {
  readonly endpoint: string;
  close(): void;
}

/** Starts a proxy that speaks only HTTP/1.1, as many load balancers do. */
export async function http1Proxy(etcd: string, tls?: Identity): Promise<ReverseProxy> {
  const server = tls
    ? createHttpsServer({ cert: tls.certPem, key: tls.keyPem }, forwardTo(etcd))
    : createHttpServer(forwardTo(etcd));
  return await listening(server, tls !== undefined);
}

/** Starts a proxy that speaks HTTP/2, but HTTP/1.1 with its backend; it answers gRPC like an unknown page. */
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
  /** Every session that was ever opened. */
  readonly sessions: readonly ServerHttp2Session[];
  /** Keeps the next call without an answer and resolves to it; later calls are forwarded again. */
  hold(): Promise<ServerHttp2Stream>;
  /** Forwards nothing more of the calls under way, but answers pings itself. */
  mute(): void;
  /** Resolves when the next part of an answer was forwarded. */
  passed(): Promise<void>;
}

/** Starts a proxy that speaks HTTP/2 with both sides and forwards everything. */
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
  /** Keeps the connections open and forwards nothing more, like a peer that disappeared silently. */
  freeze(): void;
  /** Ends all connections; new ones are forwarded. */
  cut(): void;
  /** Ends each new connection immediately, or no longer. */
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

/** Starts a proxy that forwards only complete answers, as buffering proxies do. */
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

/**
 * Starts a proxy that forwards HTTP/1.1 and HTTP/2, and refuses the member list as an etcd does that shows it only to
 * root.
 */
export async function strictProxy(etcd: string): Promise<ReverseProxy> {
  const passing = await http2Proxy(etcd);
  const forward = forwardTo(etcd);
  const gateway = createHttpServer((incoming, response) => {
    if (incoming.url?.endsWith('/cluster/member/list'))
      response
        .writeHead(403, { 'content-type': 'application/json' })
        .end('{"error":"etcdserver: permission denied","message":"etcdserver: permission denied","code":7}');
    else forward(incoming, response);
  });
  const grpc = createHttp2Server();
  const upstream = connect(passing.endpoint);
  grpc.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (headers[':path'] === '/etcdserverpb.Cluster/MemberList') {
      stream.resume().respond(
        {
          ':status': 200,
          'content-type': 'application/grpc',
          'grpc-status': '7',
          'grpc-message': 'etcdserver: permission denied',
        },
        { endStream: true },
      );
      return;
    }
    forwardCall(upstream, stream, headers);
  });
  const { endpoint, close } = await onePort(grpc, gateway);
  return {
    endpoint,
    close() {
      upstream.destroy();
      passing.close();
      close();
    },
  };
}

/** Starts a front that routes gRPC calls of etcd, and has a page for everything else, by HTTP/1.1 and HTTP/2. */
export async function grpcFront(etcd: string): Promise<ReverseProxy> {
  const page = [404, { 'content-type': 'text/html' }, '<h1>Not found</h1>'] as const;
  const pages = createHttpServer((incoming, response) => {
    incoming.resume();
    response.writeHead(page[0], page[1]).end(page[2]);
  });
  const grpc = createHttp2Server();
  const upstream = connect(etcd);
  grpc.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (headers[':path']?.startsWith('/etcdserverpb.')) return forwardCall(upstream, stream, headers);
    stream.resume().respond({ ':status': page[0], ...page[1] });
    stream.end(page[2]);
  });
  const { endpoint, close } = await onePort(grpc, pages);
  return {
    endpoint,
    close() {
      upstream.destroy();
      close();
    },
  };
}

function forwardCall(upstream: ClientHttp2Session, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const call = upstream.request(headers);
  stream.pipe(call);
  let trailers = {};
  call.on('response', (answered, flags) =>
    stream.respond({ ...answered }, { endStream: (flags & 1) === 1, waitForTrailers: (flags & 1) === 0 }),
  );
  call.on('trailers', (sent) => (trailers = sent));
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  call.on('data', (chunk: Buffer) => stream.write(chunk));
  call.on('end', () => stream.end());
  stream.on('close', () => call.close());
}

/** Serves HTTP/2 by prior knowledge and HTTP/1.1 at one port. */
async function onePort(http2: Http2Server, http1: HttpServer): Promise<ReverseProxy> {
  // HTTP/2 by prior knowledge begins with PRI, which no HTTP/1.1 request does.
  const server = createTcpServer((socket) =>
    socket.once('data', (first) => {
      socket.pause();
      socket.unshift(first);
      (first.toString('latin1', 0, 3) === 'PRI' ? http2 : http1).emit('connection', socket);
      process.nextTick(() => socket.resume());
    }),
  );
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
