import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connectEtcd, type EtcdSettings, type OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import { startCluster } from '../../fixtures/etcdCluster.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { passOn, startStandIn, type Received, type StandIn } from '../standIn.ts';

const X = bytes('/x');
const WAYS = [{ transport: 'grpc' }, { transport: 'gateway' }, { api: 'v2' }] as const;
const HTTP1_WAYS = [{ transport: 'gateway' }, { api: 'v2' }] as const;

describe('an endpoint that begins to fail', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  async function connect(endpoints: readonly string[], more: Partial<EtcdSettings>): Promise<OpenEtcd> {
    const connection = await connectEtcd({ ...settingsFor(endpoints), api: 'v3', ...more });
    closing.push(() => connection.close());
    return connection;
  }

  describe('because its member stops', () => {
    let members: EtcdServer[] = [];
    before(async function () {
      this.timeout('5m');
      members = await startCluster({ version: '3.4', extraArgs: ['--enable-v2'] });
    });
    after(() => Promise.all(members.map((member) => member.stop())));

    for (const more of WAYS)
      it(`fails no read and loses no write (${JSON.stringify(more)})`, async function () {
        this.timeout('2m');
        const [stopping, other] = members;
        assert.ok(stopping && other);
        const { store, endpoint } = await connect([stopping.endpoint, other.endpoint], more);
        let possible = [text((await store.get(X)).kv?.value)];
        const restarted = new AbortController();
        const restarting = stopping.restart().finally(() => restarted.abort());
        for (let count = 1; !restarted.signal.aborted; count++) {
          const { kv } = await store.get(X);
          assert.ok(possible.includes(text(kv?.value)), `${text(kv?.value)} is none of ${possible.join(', ')}`);
          const value = `${JSON.stringify(more)} ${count}`;
          try {
            assert.equal((await store.put(X, bytes(value), kv ?? 'absent')).outcome, 'written');
            possible = [value];
          } catch (error) {
            failsAs('fateUnknown')(error);
            possible = [text(kv?.value), value];
          }
        }
        await restarting;
        assert.equal(endpoint(), other.endpoint);
      });
  });

  describe('in front of which a proxy stands', () => {
    let etcd: EtcdServer;
    let proxy: StandIn;
    let isBroken: (received: Received) => 'passed on' | 'kept' | undefined;
    let page: (response: ServerResponse) => void;

    before(async function () {
      this.timeout('5m');
      etcd = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
      await etcd.etcdctl(['put', '/x', 'before']);
      const { store, close } = await connectEtcd({ ...settingsFor(etcd.endpoint), api: 'v2' });
      await store.put(X, bytes('before'), 'absent');
      close();
    });
    after(() => etcd?.stop());
    beforeEach(async () => {
      isBroken = () => undefined;
      proxy = await startStandIn(async (received, response) => {
        const broken = isBroken(received);
        if (broken === undefined) return await passOn(etcd.endpoint, received, response);
        if (broken === 'passed on') await passOn(etcd.endpoint, received);
        page(response);
      });
      closing.push(() => proxy.close());
    });

    const pageOf = (status: number) => (response: ServerResponse) =>
      void response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Not here</html>');

    function isWrite({ method, body }: Received): boolean {
      return method === 'PUT' || body.includes('request_put');
    }

    for (const more of HTTP1_WAYS)
      for (const status of [200, 404, 502])
        it(`with a page of HTTP ${status}: the next one tells its cluster, reads and writes (${JSON.stringify(more)})`, async () => {
          for (const first of ['clusterId', 'get'] as const) {
            isBroken = () => undefined;
            const { store, endpoint } = await connect([proxy.endpoint, etcd.endpoint], more);
            assert.ok((await store.get(X)).kv);
            assert.equal(endpoint(), proxy.endpoint);
            page = pageOf(status);
            isBroken = () => 'kept';
            assert.ok(await (first === 'get' ? store.get(X) : store.clusterId?.()));
            assert.equal(endpoint(), etcd.endpoint);
            const { kv } = await store.get(X);
            assert.ok(kv);
            assert.equal((await store.put(X, bytes('moved on'), kv)).outcome, 'written');
          }
        });

    for (const more of HTTP1_WAYS)
      for (const endpoints of [1, 2])
        it(`with HTTP 502 for a write: the key tells what became of it, with ${endpoints} endpoint(s) (${JSON.stringify(more)})`, async () => {
          const { store } = await connect([proxy.endpoint, etcd.endpoint].slice(0, endpoints), more);
          const { kv } = await store.get(X);
          assert.ok(kv);
          page = pageOf(502);
          isBroken = (received) => (isWrite(received) ? 'kept' : undefined);
          await assert.rejects(store.put(X, bytes('kept'), kv), failsAs('fateUnknown', /so far the key is unchanged/));
          isBroken = (received) => (isWrite(received) ? 'passed on' : undefined);
          const settled = await store.put(X, bytes(`passed on ${endpoints}`), kv);
          assert.equal(settled.outcome, 'written');
          const { kv: now } = await store.get(X);
          assert.equal(text(now?.value), `passed on ${endpoints}`);
          assert.equal(settled.outcome === 'written' && settled.modRevision, now?.modRevision);
          assert.equal(proxy.received.filter(isWrite).length, 2);
        });

    it('with gRPC’s UNAVAILABLE: the next one reads and writes', async () => {
      const failing = createHttp2Server();
      failing.on('stream', (stream, headers) => {
        stream.on('error', () => undefined);
        stream.resume();
        if (headers[':path'] === '/version') {
          stream.respond({ ':status': 200, 'content-type': 'application/json' });
          stream.end(JSON.stringify({ etcdserver: etcd.version }));
        } else
          stream.respond(
            {
              ':status': 200,
              'content-type': 'application/grpc',
              'grpc-status': '14',
              'grpc-message': 'upstream connect error',
            },
            { endStream: true },
          );
      });
      await once(failing.listen(0, '127.0.0.1'), 'listening');
      closing.push(() => failing.close());
      const address = `http://127.0.0.1:${(failing.address() as AddressInfo).port}`;
      const { store, endpoint } = await connect([address, etcd.endpoint], { transport: 'grpc' });
      for (let round = 0; round < 2; round++) {
        const { kv } = await store.get(X);
        assert.ok(kv);
        assert.equal(endpoint(), etcd.endpoint);
        assert.equal((await store.put(X, bytes('here'), kv)).outcome, 'written');
      }
    });
  });
});
