import assert from 'node:assert/strict';
import { constants } from 'node:http2';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HttpClient, type HttpSettings } from '../../../src/etcd/http/httpClient.ts';
import { Http2Client } from '../../../src/etcd/http/http2Client.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { GatewayTransport } from '../../../src/etcd/v3/transport/gatewayTransport.ts';
import { GrpcTransport } from '../../../src/etcd/v3/transport/grpcTransport.ts';
import { Session } from '../../../src/etcd/v3/session.ts';
import { V3Store } from '../../../src/etcd/v3/v3Store.ts';
import { startCluster } from '../../fixtures/etcdCluster.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { eventually, until } from '../eventually.ts';
import { watchersAt } from '../watchers.ts';
import { followed, type Followed } from './followed.ts';
import { bufferingProxy, http2Proxy, tcpProxy, type TcpProxy } from '../connect/reverseProxies.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';

const ALL = prefixRange(bytes('/f/'));

for (const { version, transport } of VERSIONS_AND_TRANSPORTS) {
  describe(`a watch of etcd ${version} over ${transport}`, () => {
    const closing: (() => unknown)[] = [];
    let server: EtcdServer;
    let proxy: TcpProxy;
    let written = 0;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version });
    });
    after(() => server?.stop());
    beforeEach(async () => {
      proxy = await tcpProxy(server.port);
    });
    afterEach(async () => {
      for (const close of closing.splice(0).toReversed()) await close();
      proxy.close();
    });

    /** Opens a connection that notices silence immediately. */
    function alert(endpoint: string | readonly string[], limits = { connect: 200, response: 500 }): KeyStore {
      const settings: HttpSettings = settingsFor(endpoint, { limits });
      const http = transport === 'grpc' ? new Http2Client(settings, undefined, 20) : new HttpClient(settings);
      closing.push(() => http.close());
      const spoken =
        http instanceof Http2Client ? new GrpcTransport(http) : new GatewayTransport(http, 'v3', 60_000, 200);
      return new V3Store(new Session(spoken, undefined));
    }

    function follow(store: KeyStore, ...more: [Parameters<typeof followed>[2]?]): Followed {
      const watching = followed(store, ALL, ...more);
      closing.push(() => watching.stop());
      return watching;
    }

    async function connect(endpoint: string | readonly string[]): Promise<KeyStore> {
      const connection = await connectV3({ ...settingsFor(endpoint), transport });
      closing.push(() => connection.close());
      return connection.store;
    }

    /** Writes directly to the member, bypassing any proxy. */
    async function write(count: number, member = server): Promise<void> {
      const { store, close } = await connectV3({ ...settingsFor(member.endpoint), transport: 'grpc' });
      for (let n = 0; n < count; n++)
        await eventually(() => store.put(bytes(`/f/${written}`), bytes(String(written++)), 'absent'));
      close();
    }

    /** Checks that everything written since was delivered in order, each event once. */
    async function tellsAll(watching: Followed, since: number): Promise<void> {
      const told = (await watching.until(written - since)).map((event) => event.kind === 'put' && text(event.kv.value));
      assert.deepEqual(
        told,
        Array.from({ length: written - since }, (_, index) => String(since + index)),
      );
    }

    it('misses nothing and tells nothing twice while the network is cut again and again', async () => {
      const since = written;
      const watching = follow(await connect(proxy.endpoint));
      await watching.stands();
      for (let cut = 1; cut <= 5; cut++) {
        await write(10);
        if (cut % 2 === 0) await tellsAll(watching, since);
        proxy.refuse(true);
        proxy.cut();
        await write(10);
        await watching.when(() => watching.interruptions.length > 0);
        proxy.refuse(false);
      }
      await tellsAll(watching, since);
    });

    it('goes on when the member was restarted in order, and when it was killed', async function () {
      this.timeout('5m');
      const since = written;
      const watching = follow(await connect(server.endpoint));
      await watching.stands();
      for (const end of ['restart', 'kill'] as const) {
        await write(20);
        if (end === 'kill') await server.kill();
        await server.restart();
        await write(20);
      }
      await tellsAll(watching, since);
      assert.ok(watching.interruptions.length >= 2);
    });

    it('finds out about a connection that is gone without a word', async () => {
      const since = written;
      const store = alert(proxy.endpoint);
      const watching = follow(store);
      await watching.stands();
      const opened = watching.batches.length;
      proxy.freeze();
      await write(10);
      await tellsAll(watching, since);
      assert.ok(watching.batches.length > opened);
    });

    it('goes on after a member was suspended', async () => {
      const since = written;
      const watching = follow(alert(server.endpoint));
      await watching.stands();
      server.pause();
      try {
        await watching.when(() => watching.interruptions.length > 0);
      } finally {
        server.resume();
      }
      await write(10);
      await tellsAll(watching, since);
    });

    it('goes on after a suspension that nobody noticed', async () => {
      const since = written;
      const watching = follow(await connect(server.endpoint));
      await watching.stands();
      await write(5);
      server.pause();
      server.resume();
      await write(5);
      await tellsAll(watching, since);
      assert.equal(watching.interruptions.length, 0);
    });

    it('fails as compacted where events are gone that came while it was cut off', async () => {
      await write(1);
      const watching = follow(await connect(proxy.endpoint));
      await watching.stands();
      proxy.refuse(true);
      proxy.cut();
      await write(5);
      const { kv } = await (await connect(server.endpoint)).get(bytes(`/f/${written - 1}`));
      await server.etcdctl(['compact', String(kv?.modRevision)]);
      proxy.refuse(false);
      assert.ok(failsAs('compacted')(await watching.ended));
    });

    it('fails as compacted where the store was made anew', async function () {
      this.timeout('5m');
      const fresh = await startEtcd({ version });
      closing.push(() => fresh.stop());
      const store = await connect(fresh.endpoint);
      for (let n = 0; n < 5; n++) await store.put(bytes(`/f/${n}`), bytes('old'), 'absent');
      const watching = follow(store);
      await watching.stands();
      await fresh.kill();
      await rm(join(fresh.dataDir, 'member'), { recursive: true });
      await fresh.restart();
      assert.ok(failsAs('compacted')(await watching.ended));
    });

    it('leaves no watcher at the server when it is stopped', async () => {
      const store = await connect(server.endpoint);
      const before = await watchersAt(server.endpoint);
      const open = Array.from({ length: 10 }, () => follow(store));
      await Promise.all(open.map((each) => each.stands()));
      assert.equal(await watchersAt(server.endpoint), before + 10);
      await Promise.all(open.slice(0, 9).map((each) => each.stop()));
      await until(async () => (await watchersAt(server.endpoint)) === before + 1);
      await open[9]?.stop();
      await until(async () => (await watchersAt(server.endpoint)) === before);
    });

    it('ends as cancelled when the connection is closed', async () => {
      const connection = await connectV3({ ...settingsFor(server.endpoint), transport });
      const watching = follow(connection.store);
      await watching.stands();
      connection.close();
      assert.ok(failsAs('cancelled')(await watching.ended));
    });

    if (transport === 'grpc') {
      it('goes on after GOAWAY, and finds out about an etcd that is silent behind something that answers pings', async () => {
        const since = written;
        const between = await http2Proxy(server.endpoint);
        closing.push(() => between.close());
        const http = new Http2Client(settingsFor(between.endpoint));
        closing.push(() => http.close());
        const watching = follow(new V3Store(new Session(new GrpcTransport(http, { heartbeat: 50 }), undefined)));
        await watching.stands();
        for (const code of [constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_ENHANCE_YOUR_CALM]) {
          await write(5);
          between.sessions.at(-1)?.goaway(code);
          await write(5);
          await tellsAll(watching, since);
        }
        const { length } = watching.interruptions;
        // Silence means nothing unless etcd has answered a request for a sign of life.
        for (let signs = 0; signs < 2; signs++) await between.passed();
        between.mute();
        await write(5);
        await tellsAll(watching, since);
        assert.ok(watching.interruptions.length > length);
      });
    } else {
      it('says so where a proxy holds the answer back, and does not where it does not', async () => {
        const between = await bufferingProxy(server.endpoint);
        closing.push(() => between.close());
        const http = new HttpClient(settingsFor(between.endpoint));
        closing.push(() => http.close());
        const store = new V3Store(new Session(new GatewayTransport(http, 'v3', 100), undefined));
        assert.equal(store.capabilities.following, 'watch');
        assert.ok(failsAs('unsupported', /holds back/)(await follow(store).ended));
        assert.equal(store.capabilities.following, 'none');
        assert.ok((await store.get(bytes('/f/0'))).revision > 0n);
      });
    }
  });
}

for (const transport of ['grpc', 'gateway'] as const) {
  describe(`a watch of three members over ${transport}`, () => {
    let members: EtcdServer[] = [];
    before(async function () {
      this.timeout('5m');
      members = await startCluster({ version: transport === 'grpc' ? '3.5' : '3.4' });
    });
    after(() => Promise.all(members.map((member) => member.stop())));

    it('goes on with another member when the one in use is killed, or suspended', async function () {
      this.timeout('5m');
      const endpoints = members.map(({ endpoint }) => endpoint);
      const settings = settingsFor(endpoints, { limits: { connect: 1000, response: 3000 } });
      const http = transport === 'grpc' ? new Http2Client(settings, undefined, 100) : new HttpClient(settings);
      const spoken =
        http instanceof Http2Client ? new GrpcTransport(http) : new GatewayTransport(http, 'v3', 60_000, 500);
      const watching = followed(new V3Store(new Session(spoken, undefined)), ALL);
      const writer = await connectV3({ ...settings, endpoints: endpoints.slice(1), transport: 'grpc' });
      try {
        await watching.stands();
        let written = 0;
        const write = async () => {
          for (let n = 0; n < 20; n++) {
            const key = bytes(`/f/${written++}`);
            await eventually(async () => {
              if ((await writer.store.get(key)).kv) return;
              await writer.store.put(key, bytes('x'), 'absent');
            });
          }
        };
        await write();
        // The first endpoint is in use at first.
        await members[0]?.kill();
        await write();
        await watching.until(written);
        await members[0]?.restart();
        members[1]?.pause();
        await write();
        await watching.until(written);
        members[1]?.resume();
        await write();
        assert.equal((await watching.until(written)).length, written);
        assert.ok(watching.interruptions.length > 0);
      } finally {
        members[1]?.resume();
        await watching.stop();
        http.close();
        writer.close();
      }
    });
  });
}
