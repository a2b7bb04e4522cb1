import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { setImmediate } from 'node:timers/promises';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { Http2Client } from '../../../src/etcd/http/http2Client.ts';
import { HttpClient, type HttpSettings } from '../../../src/etcd/http/httpClient.ts';
import { isProxied } from '../../../src/etcd/http/proxies.ts';
import { speaksPlainHttp, speaksTls } from '../../../src/etcd/http/schemeProbe.ts';
import { serverCertificates } from '../../../src/etcd/http/serverCertificate.ts';
import { GrpcTransport } from '../../../src/etcd/v3/transport/grpcTransport.ts';
import { selfSigned } from '../../fixtures/certificates.ts';
import { bytes } from '../connecting.ts';
import { until } from '../eventually.ts';

const CLIENTS = 10;
const FAILURES_OF_EACH = 20;
const LIMITS = { connect: 15, response: 15 };
const REQUEST = { method: 'GET', path: '/version', repeatable: true } as const;

interface MuteServer {
  readonly endpoint: string;
  /** Sockets that a client holds open. */
  readonly sockets: ReadonlySet<Socket>;
  close(): void;
}

/** Starts a server that accepts connections and never answers a request. */
async function startMute(server: Server, scheme: 'http' | 'https'): Promise<MuteServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  server.on('stream', (stream: Socket) => stream.on('error', () => undefined));
  server.on('secureConnection', (socket: Socket) => socket.resume().on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { endpoint: `${scheme}://127.0.0.1:${port}`, sockets, close };
}

const SERVERS: Readonly<Record<string, () => Promise<MuteServer>>> = {
  'says nothing at all': () =>
    startMute(
      createTcp((socket) => socket.resume()),
      'http',
    ),
  'says nothing to a TLS handshake': () =>
    startMute(
      createTcp((socket) => socket.resume()),
      'https',
    ),
  'says nothing after its TLS handshake': async () => {
    const { certPem: cert, keyPem: key } = await selfSigned({ commonName: 'mute', names: ['127.0.0.1'] });
    return await startMute(createTls({ cert, key, ALPNProtocols: ['h2', 'http/1.1'] }), 'https');
  },
  'answers no HTTP/1.1 request': () => startMute(createHttp(), 'http'),
  'answers no HTTP/2 request': () => startMute(createHttp2(), 'http'),
};

/** An action that fails repeatedly, until it is closed. */
interface Failing {
  readonly attempt: (signal: AbortSignal) => Promise<unknown>;
  readonly close?: () => void;
}

const ACTIONS: Readonly<Record<string, (settings: HttpSettings) => Failing>> = {
  'HTTP/2 requests': (settings) => {
    const client = new Http2Client(settings);
    return { attempt: (signal) => client.send({ ...REQUEST, signal }), close: () => client.close() };
  },
  'gRPC watches': (settings) => {
    const client = new Http2Client(settings);
    const transport = new GrpcTransport(client);
    const watch = (signal: AbortSignal) =>
      transport.watch({ request: { key: bytes('/') }, report: () => undefined, signal }, undefined);
    return { attempt: watch, close: () => client.close() };
  },
  'HTTP/1.1 requests': (settings) => {
    const client = new HttpClient(settings);
    return { attempt: (signal) => client.send({ ...REQUEST, signal }), close: () => client.close() };
  },
  'HTTP/1.1 watches': (settings) => {
    const client = new HttpClient(settings);
    const failure = () => new EtcdError('notEtcd', 'no watch');
    return { attempt: (signal) => client.stream({ ...REQUEST, signal }, failure), close: () => client.close() };
  },
  'attempts to connect': (settings) => ({
    attempt: async (signal) => (await connectEtcd({ ...settings, api: 'auto' }, undefined, signal)).close(),
  }),
  'looks at the certificate': ({ endpoints: [endpoint = ''], limits }) => ({
    attempt: async () => {
      const url = new URL(endpoint);
      if (url.protocol === 'https:') await serverCertificates(url, undefined, limits.connect);
      await Promise.all([speaksTls(url, limits.connect), speaksPlainHttp(url, limits.connect)]);
      await isProxied(url, limits.connect);
      throw new EtcdError('timedOut', 'It never answers.');
    },
  }),
};

function openResources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /Timeout|TCP|TLS|GetAddrInfo/.test(name));
}

for (const [fault, start] of Object.entries(SERVERS))
  describe(`200 failures at a server that ${fault}`, () => {
    let server: MuteServer;
    before(async () => {
      server = await start();
    });
    after(() => server.close());

    for (const [name, begin] of Object.entries(ACTIONS))
      it(`leave no socket, timer or listener behind: ${name}`, async function () {
        this.timeout('5m');
        const settings = { endpoints: [server.endpoint], tls: {}, limits: LIMITS };
        const { signal } = new AbortController();
        const actions = Array.from({ length: CLIENTS }, () => begin(settings));
        const fail = async ({ attempt }: Failing) => {
          for (let count = 0; count < FAILURES_OF_EACH; count++) await assert.rejects(attempt(signal), EtcdError);
        };
        // A client may keep one connection for all of its requests.
        const kept = fault === 'answers no HTTP/2 request' ? CLIENTS : 0;
        // The test's own timer has run by then.
        await setImmediate();
        const resources = openResources().length;
        await Promise.all(actions.map(fail));
        await until(async () => server.sockets.size <= kept);
        assert.deepEqual(getEventListeners(signal, 'abort'), []);
        for (const { close } of actions) close?.();
        await until(async () => server.sockets.size === 0);
        await until(async () => openResources().length <= resources);
      });
  });
