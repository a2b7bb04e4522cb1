import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import type { Writable } from 'node:stream';
import type { EtcdErrorKind } from '../../../src/etcd/errors.ts';
import { MAX_ANSWER_BYTES, MAX_SHORT_ANSWER_BYTES } from '../../../src/etcd/http/answerLimits.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { Http2Client } from '../../../src/etcd/http/http2Client.ts';
import { HttpClient, type HttpSettings } from '../../../src/etcd/http/httpClient.ts';
import { readServerVersion } from '../../../src/etcd/http/serverVersion.ts';
import { V2Client } from '../../../src/etcd/v2/v2Client.ts';
import { RedirectedClient } from '../../../src/etcd/v2/redirectedClient.ts';
import { speaksV2 } from '../../../src/etcd/v2/v2Members.ts';
import { GatewayTransport } from '../../../src/etcd/v3/transport/gatewayTransport.ts';
import { GrpcTransport } from '../../../src/etcd/v3/transport/grpcTransport.ts';
import { KV } from '../../../src/etcd/v3/transport/rpc_pb.js';
import { bytes, settingsFor } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';

/** Bytes under way when a client stops reading. */
const SLACK = 24 * 1024 * 1024;
const CHUNK = Buffer.alloc(256 * 1024, 0x20);
const LIMITS = { connect: 5000, response: 400 };
const NEVER = new AbortController().signal;
const READ = { repeatable: true, requireLeader: false };

/** Kinds of answers that never end, by what follows their headers. */
type Fault = 'endless' | 'silent' | 'trickling' | 'announced';
const FAULTS: Readonly<Record<Fault, (answer: Writable, count: (bytes: number) => void) => void>> = {
  endless: (answer, count) => {
    const more = () => {
      while (!answer.destroyed && answer.write(CHUNK)) count(CHUNK.length);
    };
    answer.on('drain', more);
    more();
  },
  silent: (answer) => void answer.write('{"he'),
  trickling: (answer) => {
    const timer = setInterval(() => answer.write(' '), 50);
    answer.on('close', () => clearInterval(timer));
  },
  /** A gRPC message of 2 GB. */
  announced: (answer) => void answer.write(Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3])),
};

interface FaultServer {
  readonly settings: HttpSettings;
  /** Returns the bytes that it has sent. */
  readonly sent: () => number;
  close(): Promise<void>;
}

async function startFault(protocol: 'http1' | 'http2', fault: Fault, status: number): Promise<FaultServer> {
  let sent = 0;
  const write = (answer: Writable) => {
    answer.on('error', () => undefined);
    FAULTS[fault](answer, (count) => (sent += count));
  };
  const headers = { 'content-type': protocol === 'http1' ? 'application/json' : 'application/grpc' };
  const sessions: ServerHttp2Session[] = [];
  let server: Server;
  if (protocol === 'http1') {
    server = createHttp((_, response) => write(response.writeHead(status, headers)));
  } else {
    server = createHttp2()
      .on('session', (session) => sessions.push(session))
      .on('stream', (stream) => {
        stream.respond({ ':status': status, ...headers });
        write(stream);
      });
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    settings: { endpoints: [`http://127.0.0.1:${port}`], tls: {}, limits: LIMITS },
    sent: () => sent,
    close: async () => {
      for (const session of sessions) session.destroy();
      if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function')
        server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Asking {
  readonly protocol: 'http1' | 'http2';
  readonly ask: (client: HttpClient & Http2Client, settings: HttpSettings) => Promise<unknown>;
  readonly most?: number;
  readonly status?: number;
  readonly faults?: readonly Fault[];
}

const watch = { request: { key: bytes('/') }, report: () => undefined, signal: NEVER };
const v2 = (client: HttpClient, settings: HttpSettings) =>
  new V2Client(new RedirectedClient(settings, client), undefined);
const v2Read = { method: 'GET', path: '/', parameters: {}, expected: [] } as const;

const ASKED: Readonly<Record<string, Asking>> = {
  'the version over HTTP/1.1': {
    protocol: 'http1',
    ask: (client) => readServerVersion(client),
    most: MAX_SHORT_ANSWER_BYTES,
  },
  'the members over v2': { protocol: 'http1', ask: (client) => speaksV2(client), most: MAX_SHORT_ANSWER_BYTES },
  'a range through the gateway': {
    protocol: 'http1',
    ask: (client) => new GatewayTransport(client, 'v3').range({ key: bytes('/') }, READ),
  },
  'a call through the gateway that fails': {
    protocol: 'http1',
    status: 503,
    ask: (client) => new GatewayTransport(client, 'v3').unary(KV.method.range, { key: bytes('/') }, READ),
  },
  'a watch through the gateway that fails': {
    protocol: 'http1',
    status: 503,
    most: MAX_SHORT_ANSWER_BYTES,
    ask: (client) => new GatewayTransport(client, 'v3', 60_000).watch(watch, undefined),
  },
  'a watch through the gateway': {
    protocol: 'http1',
    faults: ['endless'],
    ask: (client) => new GatewayTransport(client, 'v3', 60_000).watch(watch, undefined),
  },
  'a read over v2': { protocol: 'http1', ask: (client, settings) => v2(client, settings).call(v2Read) },
  'a wait over v2': {
    protocol: 'http1',
    faults: ['endless'],
    ask: (client, settings) =>
      v2(client, settings).wait({
        path: '/',
        recursive: true,
        from: 1n,
        begun: () => undefined,
        arrived: () => undefined,
        signal: NEVER,
      }),
  },
  'the version over HTTP/2': {
    protocol: 'http2',
    ask: (client) => readServerVersion(client),
    most: MAX_SHORT_ANSWER_BYTES,
  },
  'a range by gRPC': {
    protocol: 'http2',
    ask: (client) => new GrpcTransport(client).range({ key: bytes('/') }, READ),
  },
  'a call by gRPC': {
    protocol: 'http2',
    ask: (client) => new GrpcTransport(client).unary(KV.method.range, { key: bytes('/') }, READ),
  },
  'a watch by gRPC': {
    protocol: 'http2',
    faults: ['announced'],
    ask: (client) => new GrpcTransport(client).watch(watch, undefined),
  },
};

describe('an answer that does not end', () => {
  for (const [name, { protocol, ask, most = MAX_ANSWER_BYTES, status = 200, faults }] of Object.entries(ASKED))
    for (const fault of faults ?? (['endless', 'silent', 'trickling'] as const))
      it(`is given up: ${name}, ${fault}`, async function () {
        this.timeout('1m');
        const server = await startFault(protocol, fault, status);
        const client = protocol === 'http1' ? new HttpClient(server.settings) : new Http2Client(server.settings);
        const kind: EtcdErrorKind = fault === 'endless' || fault === 'announced' ? 'answerTooLarge' : 'timedOut';
        try {
          await assert.rejects(ask(client as HttpClient & Http2Client, server.settings), failsAs(kind));
          assert.ok(server.sent() <= most + SLACK, `${server.sent()} bytes were sent`);
        } finally {
          client.close();
          await server.close();
        }
      });
});

describe('values that are more than one answer may have', () => {
  let server: EtcdServer;
  before(async function () {
    this.timeout('1m');
    server = await startEtcd({ version: '3.5' });
  });
  after(() => server?.stop());

  it('are read in several', async function () {
    this.timeout('5m');
    const { store, close } = await connectV3({ ...settingsFor(server.endpoint), transport: 'grpc' });
    const large = new Uint8Array(1.4 * 1024 * 1024).fill(0x61);
    for (let at = 0; at < 50; at++) await store.put(bytes(`/large/a${at}`), bytes('small'), 'absent');
    for (let at = 0; at < 95; at++) await store.put(bytes(`/large/b${at}`), large, 'absent');
    let keys = 0;
    let size = 0;
    for await (const { kvs } of store.scan(prefixRange(bytes(`/large/`)), { values: true }))
      for (const { value } of kvs) [keys, size] = [keys + 1, size + value.length];
    assert.deepEqual([keys, size], [145, 50 * 5 + 95 * large.length]);
    close();
  });
});
