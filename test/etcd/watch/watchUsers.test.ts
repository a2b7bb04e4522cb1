import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpClient } from '../../../src/etcd/http/httpClient.ts';
import { Http2Client } from '../../../src/etcd/http/http2Client.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { GatewayTransport } from '../../../src/etcd/v3/transport/gatewayTransport.ts';
import { GrpcTransport } from '../../../src/etcd/v3/transport/grpcTransport.ts';
import { Auth, KV } from '../../../src/etcd/v3/transport/rpc_pb.js';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { until } from '../eventually.ts';
import { followed, type Followed } from './followed.ts';
import { tcpProxy } from '../connect/reverseProxies.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';

const PASSWORD = 'correct-horse';
const ALL = prefixRange(bytes('/f/'));

for (const { version, transport } of VERSIONS_AND_TRANSPORTS) {
  describe(`watches of users of etcd ${version} over ${transport}`, () => {
    let folder: string;
    let server: EtcdServer;
    const closing: (() => unknown)[] = [];

    before(async function () {
      this.timeout('5m');
      folder = await mkdtemp(join(tmpdir(), 'etcd-jwt-'));
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const [pub, priv] = [join(folder, 'public.pem'), join(folder, 'private.pem')];
      await writeFile(pub, publicKey.export({ type: 'spki', format: 'pem' }));
      await writeFile(priv, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
      // Such tokens expire at their time, whether they are used or not.
      const token = `jwt,pub-key=${pub},priv-key=${priv},sign-method=RS256,ttl=3s`;
      server = await startEtcd({ version, auth: { rootPassword: PASSWORD }, extraArgs: ['--auth-token', token] });
      for (const args of [
        ['user', 'add', 'partly', '--interactive=false'],
        ['role', 'add', 'partly'],
        ['role', 'grant-permission', 'partly', 'read', '/f/readable/', '--prefix'],
        ['user', 'grant-role', 'partly', 'partly'],
      ])
        assert.equal((await server.etcdctl(args, { input: `${PASSWORD}\n` })).code, 0);
    });
    after(async () => {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });
    afterEach(async () => {
      for (const close of closing.splice(0).toReversed()) await close();
    });

    async function connect(username: string, endpoint = server.endpoint): Promise<KeyStore> {
      const connection = await connectV3({ ...settingsFor(endpoint), transport }, { username, password: PASSWORD });
      closing.push(() => connection.close());
      return connection.store;
    }

    function follow(store: KeyStore, range = ALL): Followed {
      const watching = followed(store, range);
      closing.push(() => watching.stop());
      return watching;
    }

    it('outlive the sign-in, and are opened with a new one', async function () {
      this.timeout('5m');
      const between = await tcpProxy(server.port);
      closing.push(() => between.close());
      const store = await connect('root', between.endpoint);
      const first = follow(store);
      await first.stands();
      const settings = settingsFor(server.endpoint);
      const http = transport === 'grpc' ? new Http2Client(settings) : new HttpClient(settings);
      closing.push(() => http.close());
      const old = http instanceof Http2Client ? new GrpcTransport(http) : new GatewayTransport(http, 'v3');
      await untilExpired(old);
      const outside = await connect('root');
      await outside.put(bytes('/f/1'), bytes('1'), 'absent');
      await first.until(1);
      const second = follow(store);
      await second.stands();
      between.cut();
      await first.stands(1);
      await outside.put(bytes('/f/2'), bytes('2'), 'absent');
      assert.equal((await first.until(2)).length, 2);
      assert.equal((await second.until(1)).length, 1);
    });

    it('say what may be read where the rest may not', async () => {
      const store = await connect('partly');
      assert.ok(failsAs('permissionDenied', /\/f\/readable\//)(await follow(store).ended));
      const readable = follow(store, prefixRange(bytes('/f/readable/')));
      await readable.stands();
      await (await connect('root')).put(bytes('/f/readable/1'), bytes('1'), 'absent');
      assert.equal((await readable.until(1)).length, 1);
    });

    /** Signs in and waits until etcd no longer accepts that token; earlier ones have expired then, too. */
    async function untilExpired(transportOfIt: GrpcTransport | GatewayTransport): Promise<void> {
      const options = { repeatable: true, requireLeader: true };
      const { token } = await transportOfIt.unary(
        Auth.method.authenticate,
        { name: 'root', password: PASSWORD },
        options,
      );
      await until(async () => {
        try {
          await transportOfIt.unary(KV.method.range, { key: bytes('/f/1') }, { ...options, token });
          return false;
        } catch (error) {
          return failsAs('tokenRejected')(error);
        }
      });
    }
  });
}
