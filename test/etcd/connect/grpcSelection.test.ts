import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { RequestLogEntry } from '../../../src/etcd/http/httpClient.ts';
import { Http2Client } from '../../../src/etcd/http/http2Client.ts';
import { certificatePins } from '../../../src/etcd/http/certificatePins.ts';
import type { TlsIdentity } from '../../../src/etcd/http/tlsIdentity.ts';
import { connectV3, type V3Settings } from '../../../src/etcd/connect/connectV3.ts';
import { freePorts } from '../../../scripts/setup/ports.ts';
import { authority as createAuthority, selfSigned, type Identity } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer, type EtcdServerOptions } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { http1Proxy, http2TerminatingProxy, type ReverseProxy } from './reverseProxies.ts';
import { ETCD_SERIES } from '../versions.ts';

const PASSWORD = 'correct-horse';

for (const version of ETCD_SERIES) {
  describe(`choosing between gRPC and the gateway of etcd ${version}`, () => {
    const closing: (() => unknown)[] = [];
    let plain: EtcdServer;
    let certificate: Identity;

    before(async function () {
      this.timeout('5m');
      certificate = await selfSigned({ commonName: 'localhost', names: ['127.0.0.1'] });
      plain = await start({});
    });
    after(async () => {
      for (const close of closing.toReversed()) await close();
    });

    async function start(options: EtcdServerOptions): Promise<EtcdServer> {
      const server = await startEtcd({ version, ...options });
      closing.push(() => server.stop());
      return server;
    }

    function behind(proxy: ReverseProxy): ReverseProxy {
      closing.push(() => proxy.close());
      return proxy;
    }

    async function connect(settings: V3Settings, password?: string) {
      const requests: RequestLogEntry[] = [];
      const connection = await connectV3(
        { ...settings, log: (entry) => requests.push(entry) },
        password === undefined ? undefined : { username: 'root', password },
      );
      closing.push(() => connection.close());
      return { ...connection, requests: () => requests.map(({ method, path }) => `${method} ${path}`) };
    }

    async function connectsBy(transport: 'grpc' | 'gateway', settings: V3Settings): Promise<void> {
      const { store, transport: chosen } = await connect(settings);
      assert.equal(chosen, transport);
      const key = bytes(`/${transport}/${settings.endpoints[0]}`);
      assert.equal((await store.put(key, bytes('1'), 'absent')).outcome, 'written');
      assert.equal(text((await store.get(key)).kv?.value), '1');
    }

    const trusting = ({ certPem }: Identity): TlsIdentity => ({ certificateAuthorities: [certPem] });

    it('takes gRPC, with one request more than the version', async () => {
      await connectsBy('grpc', settingsFor(plain.endpoint));
      const anonymous = await connect(settingsFor(plain.endpoint));
      assert.deepEqual(anonymous.requests(), ['GET /version', 'POST /etcdserverpb.KV/Range']);
      const secured = await start({ tls: certificate, auth: { rootPassword: PASSWORD } });
      const signedIn = await connect(settingsFor(secured.endpoint, { tls: trusting(certificate) }), PASSWORD);
      assert.deepEqual(signedIn.requests(), ['GET /version', 'POST /etcdserverpb.Auth/Authenticate']);
      assert.equal(signedIn.transport, 'grpc');
    });

    it('takes the gateway behind what speaks HTTP/1.1 only', async () => {
      const open = behind(await http1Proxy(plain.endpoint));
      await connectsBy('gateway', settingsFor(open.endpoint));
      const secure = behind(await http1Proxy(plain.endpoint, certificate));
      await connectsBy('gateway', settingsFor(secure.endpoint, { tls: trusting(certificate) }));
      for (const [endpoint, tls] of [
        [open.endpoint, {}],
        [secure.endpoint, trusting(certificate)],
      ] as const) {
        const wanted = connect({ ...settingsFor(endpoint, { tls }), transport: 'grpc' });
        await assert.rejects(wanted, failsAs('notEtcd', /does not speak HTTP\/2/));
      }
    });

    it('takes the gateway behind what speaks HTTP/2 but no gRPC', async () => {
      const { endpoint } = behind(await http2TerminatingProxy(plain.endpoint, certificate));
      const settings = settingsFor(endpoint, { tls: trusting(certificate) });
      await connectsBy('gateway', settings);
      await assert.rejects(connect({ ...settings, transport: 'grpc' }), failsAs('notEtcd', /HTTP 404/));
    });

    it('takes gRPC where the gateway is switched off', async () => {
      const { endpoint } = await start({ extraArgs: ['--enable-grpc-gateway=false'] });
      await connectsBy('grpc', settingsFor(endpoint));
      await assert.rejects(connect({ ...settingsFor(endpoint), transport: 'gateway' }), failsAs('notEtcd'));
    });

    it('does not take a refused sign-in for a missing gRPC', async () => {
      const { endpoint } = await start({ auth: { rootPassword: PASSWORD } });
      const requests: string[] = [];
      const settings = settingsFor(endpoint, { log: ({ path }) => requests.push(path) });
      await assert.rejects(
        connectV3(settings, { username: 'root', password: 'wrong' }),
        failsAs('wrongPassword', /user name and password/),
      );
      assert.deepEqual(requests, ['/version', '/etcdserverpb.Auth/Authenticate']);
    });

    it('lets a client certificate be the user, without a password', async () => {
      const ours = await createAuthority('ours');
      const tls = await ours.issue({ commonName: 'etcd', names: ['127.0.0.1'] });
      const { endpoint, etcdctl } = await start({ tls, clientAuthority: ours, auth: { rootPassword: PASSWORD } });
      for (const command of [
        'put /app/a 1',
        'role add reader',
        'role grant-permission reader read /app/ /app0',
        'user add reader:unused',
        'user grant-role reader reader',
      ])
        assert.equal((await etcdctl(command.split(' '))).code, 0, command);
      const identity = async (commonName: string): Promise<TlsIdentity> => {
        const { certPem, keyPem } = await ours.issue({ commonName, purposes: ['clientAuth'] });
        return { certificateAuthorities: [ours.certPem], client: { certificate: certPem, key: keyPem } };
      };
      await connectsBy('grpc', settingsFor(endpoint, { tls: await identity('root') }));
      const unknown = await connect(settingsFor(endpoint, { tls: await identity('nobody') }));
      assert.equal(unknown.transport, 'grpc');
      await assert.rejects(unknown.store.get(bytes('/a')), failsAs('permissionDenied'));
      await assert.rejects(unknown.store.listChildren(new Uint8Array()).next(10), failsAs('permissionDenied'));
      const pins = certificatePins(new X509Certificate(tls.certPem));
      for (const trusted of [{}, { pins }]) {
        const reader = await connect(settingsFor(endpoint, { tls: { ...(await identity('reader')), ...trusted } }));
        const { children } = await reader.store.listChildren(bytes('/')).next(10);
        assert.deepEqual(
          children.map(({ name }) => text(name)),
          ['app'],
        );
      }
      const signedIn = await connect(settingsFor(endpoint, { tls: await identity('nobody') }), PASSWORD);
      await signedIn.store.get(bytes('/a'));
    });

    it('trusts a certificate of an unknown authority by its pin alone, for any host name', async () => {
      const ours = await createAuthority('ours');
      const tls = await ours.issue({ commonName: 'etcd', names: ['elsewhere.example'] });
      const { endpoint } = await start({ tls });
      const pinned = (identity: Identity) => certificatePins(new X509Certificate(identity.certPem));
      for (const pin of pinned(tls)) {
        const { store, requests } = await connect(settingsFor(endpoint, { tls: { pins: [pin] } }));
        await store.get(bytes('/a'));
        assert.deepEqual(requests().slice(0, 2), ['GET /version', 'POST /etcdserverpb.KV/Range']);
      }
      const others = settingsFor(endpoint, { tls: { pins: pinned(certificate) } });
      await assert.rejects(connect(others), failsAs('pinMismatch'));
      await assert.rejects(connect({ ...others, transport: 'grpc' }), failsAs('pinMismatch'));
    });

    it('checks a pin beside an authority', async () => {
      const { endpoint } = await start({ tls: certificate });
      const pins = certificatePins(new X509Certificate(certificate.certPem));
      await connectsBy('grpc', settingsFor(endpoint, { tls: { ...trusting(certificate), pins } }));
      const client = new Http2Client(settingsFor(endpoint, { tls: { ...trusting(certificate), pins: ['00'] } }));
      closing.push(() => client.close());
      await assert.rejects(client.send({ method: 'GET', path: '/version', repeatable: true }), failsAs('pinMismatch'));
    });

    it('goes on to the endpoint that answers, by gRPC', async () => {
      const [dead = 0] = await freePorts(1);
      const settings = settingsFor([`http://127.0.0.1:${dead}`, plain.endpoint]);
      const { endpoint, transport, requests } = await connect(settings);
      assert.equal(endpoint(), plain.endpoint);
      assert.equal(transport, 'grpc');
      assert.deepEqual(requests(), ['GET /version', 'GET /version', 'POST /etcdserverpb.KV/Range']);
    });
  });
}
