import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { constants, type ClientHttp2Stream } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Http2Sessions } from '../../../src/etcd/http/http2Sessions.ts';
import { Http2Client } from '../../../src/etcd/http/http2Client.ts';
import { GrpcTransport } from '../../../src/etcd/v3/transport/grpcTransport.ts';
import { Session } from '../../../src/etcd/v3/session.ts';
import { V3Store } from '../../../src/etcd/v3/v3Store.ts';
import { KV } from '../../../src/etcd/v3/transport/rpc_pb.js';
import { connectV3, type V3Connection } from '../../../src/etcd/connect/connectV3.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { startFaultProxy } from '../../fixtures/faultProxy.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { http2Proxy, tcpProxy, type Http2Proxy } from '../connect/reverseProxies.ts';
import { ETCD_SERIES } from '../versions.ts';

const KEYS_PER_TRANSACTION = 125;
const NEVER = new AbortController().signal;

for (const version of ETCD_SERIES) {
  describe(`gRPC sessions with etcd ${version}`, () => {
    let server: EtcdServer;
    let proxy: Http2Proxy;
    const closing: (() => void)[] = [];

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version });
    });
    after(() => server?.stop());
    beforeEach(async () => {
      proxy = await http2Proxy(server.endpoint);
    });
    afterEach(() => {
      for (const close of closing.splice(0)) close();
      proxy.close();
    });

    async function connect(): Promise<V3Connection> {
      const connection = await connectV3({ ...settingsFor(server.endpoint), transport: 'grpc' });
      closing.push(connection.close);
      return connection;
    }

    /** Connects without asking for the version, which would use HTTP/1.1. */
    function connectToProxy(response = 30_000) {
      const client = new Http2Client(settingsFor(proxy.endpoint, { limits: { connect: 5_000, response } }));
      const close = () => client.close();
      closing.push(close);
      return { store: new V3Store(new Session(new GrpcTransport(client), undefined)), close };
    }

    it('carry 20,000 keys with their values in one answer', async function () {
      this.timeout('5m');
      const { session } = await connect();
      const value = new Uint8Array(200).fill(1);
      for (let at = 0; at < 20_000; at += KEYS_PER_TRANSACTION) {
        const success = Array.from({ length: KEYS_PER_TRANSACTION }, (_, index) => ({
          request: { case: 'requestPut' as const, value: { key: bytes(`/many/${at + index}`), value } },
        }));
        await session.call(KV.method.txn, { success }, { repeatable: false, requireLeader: true });
      }
      const all = { key: bytes('/many/'), rangeEnd: bytes('/many0') };
      const { kvs, count } = await session.call(KV.method.range, all, { repeatable: true, requireLeader: true });
      assert.equal(count, 20_000n);
      assert.equal(kvs.length, 20_000);
      assert.ok(kvs.every((kv) => kv.value.length === value.length));
    });

    it('are opened anew when the member was restarted in order, or has crashed', async function () {
      this.timeout('5m');
      const { store } = await connect();
      for (const end of ['restart', 'kill'] as const) {
        await store.put(bytes(`/before/${end}`), bytes('1'), 'absent');
        if (end === 'kill') await server.kill();
        await server.restart();
        assert.equal((await store.put(bytes(`/after/${end}`), bytes('2'), 'absent')).outcome, 'written');
        assert.equal(text((await store.get(bytes(`/before/${end}`))).kv?.value), '1');
      }
    });

    it('are opened anew after GOAWAY, once for many calls', async () => {
      const { store } = connectToProxy();
      await store.get(bytes('/a'));
      for (const code of [constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_ENHANCE_YOUR_CALM]) {
        const opened = proxy.sessions.length;
        proxy.sessions.at(-1)?.goaway(code);
        await Promise.all(Array.from({ length: 10 }, () => store.get(bytes('/a'))));
        assert.equal(proxy.sessions.length, opened + 1);
      }
    });

    it('are opened anew for a write that meets GOAWAY on its way: it is done once', async () => {
      const { store } = connectToProxy();
      const begun = Promise.withResolvers<ClientHttp2Stream>();
      const note = (message: unknown) => begun.resolve((message as { readonly stream: ClientHttp2Stream }).stream);
      // While a call is under way, a session that accepts no further calls lives on.
      const held = proxy.hold();
      subscribe('http2.client.stream.start', note);
      const waiting = store.get(bytes('/held'));
      const { session } = await begun.promise;
      unsubscribe('http2.client.stream.start', note);
      const stream = await held;
      assert.ok(session);
      // Node sends GOAWAY first, and reports the end a moment later.
      session.close();
      process.nextTick(() => session.emit('goaway', constants.NGHTTP2_NO_ERROR));
      assert.equal((await store.put(bytes('/once'), bytes('mine'), 'absent')).outcome, 'written');
      assert.equal((await store.get(bytes('/once'))).kv?.version, 1n);
      assert.equal(proxy.sessions.length, 2);
      stream.close(constants.NGHTTP2_CANCEL);
      await waiting;
    });

    it('go on when a call is aborted or out of time: only its stream is reset', async () => {
      const { store } = connectToProxy(1_000);
      const abort = new AbortController();
      const held = proxy.hold();
      const aborted = store.get(bytes('/a'), abort);
      const stream = await held;
      const closed = once(stream, 'close');
      abort.abort();
      await assert.rejects(aborted, failsAs('cancelled'));
      await closed;
      assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);

      const alsoHeld = proxy.hold();
      const late = store.put(bytes('/late'), bytes('1'), 'absent');
      const lateClosed = once(await alsoHeld, 'close');
      await assert.rejects(late, failsAs('fateUnknown', /did not answer within 1 s/));
      await lateClosed;
      assert.equal((await store.get(bytes('/late'))).kv, undefined);
      assert.equal(proxy.sessions.length, 1);
    });

    it('say that an answer is lost where the peer ends the stream without a word', async () => {
      const { store } = connectToProxy();
      const held = proxy.hold();
      const saving = store.put(bytes('/cut'), bytes('1'), 'absent');
      (await held).close(constants.NGHTTP2_NO_ERROR);
      await assert.rejects(saving, failsAs('fateUnknown'));
    });

    it('say that an answer is lost where the session ends while a body is still being sent', async () => {
      const { store } = connectToProxy();
      const held = proxy.hold();
      // More than the peer accepts before it has read any of it.
      const saving = store.put(bytes('/cut'), new Uint8Array(1_000_000), 'absent');
      await held;
      proxy.sessions.at(-1)?.destroy();
      await assert.rejects(saving, failsAs('fateUnknown'));
    });

    for (const fault of ['cut', 'corrupt'] as const)
      it(`are never used once they have ended: the line was ${fault}`, async () => {
        const spoiling = await startFaultProxy(server.port);
        const client = new Http2Client(settingsFor(spoiling.endpoint));
        closing.push(() => {
          client.close();
          spoiling.close();
        });
        const store = new V3Store(new Session(new GrpcTransport(client), undefined));
        for (let round = 0; round < 5; round++) {
          await store.get(bytes('/a'));
          spoiling.fail('idle', fault);
          spoiling.heal();
          // The read is answered, whether the client has noticed by now or not.
          if (round % 2 === 0) await delay(20);
          await store.get(bytes('/a'));
        }
      });

    it('survive calls that are aborted at any moment of sending', async function () {
      this.timeout('1m');
      const { session, store } = await connect();
      const value = new Uint8Array(1_000_000);
      for (let round = 0; round < 50; round++) {
        const abort = new AbortController();
        const put = { request: { case: 'requestPut' as const, value: { key: bytes('/aborted'), value } } };
        const options = { repeatable: false, requireLeader: true, signal: abort.signal };
        const sending = session.call(KV.method.txn, { success: [put] }, options).catch(failsAs('cancelled'));
        await delay(round % 5);
        abort.abort();
        await sending;
      }
      await store.get(bytes('/aborted'));
    });

    it('end what is under way when they are closed', async () => {
      const connection = connectToProxy();
      const held = proxy.hold();
      const pending = assert.rejects(connection.store.get(bytes('/a')), failsAs('cancelled'));
      await held;
      connection.close();
      await pending;
    });

    it('end when the peer no longer answers pings', async () => {
      const between = await tcpProxy(server.port);
      const sessions = new Http2Sessions({}, { connect: 200, response: 30_000 }, undefined, 20);
      try {
        const ended = sessions.use(new URL(between.endpoint), NEVER, async (session) => {
          between.freeze();
          const [error] = await once(session, 'error');
          return error;
        });
        assert.equal((await ended).code, 'ECONNRESET');
      } finally {
        sessions.close();
        between.close();
      }
    });

    it('keep no process alive once they are closed', async function () {
      this.timeout('5m');
      const module = new URL('../../../src/etcd/connect/connectV3.ts', import.meta.url).href;
      const settings = { ...settingsFor(server.endpoint), transport: 'grpc' };
      const program = `
        const { connectV3 } = await import(${JSON.stringify(module)});
        const { store, close } = await connectV3(${JSON.stringify(settings)});
        await store.get(Uint8Array.of(1));
        close();`;
      // It fails if its time limit ends it.
      await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 15_000 });
    });
  });
}
