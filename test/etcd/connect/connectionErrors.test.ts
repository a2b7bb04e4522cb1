import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { startCluster } from '../../fixtures/etcdCluster.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { authority as createAuthority, selfSigned, type Identity } from '../../fixtures/certificates.ts';
import { freePorts } from '../../../scripts/setup/ports.ts';
import type { TlsIdentity } from '../../../src/etcd/http/tlsIdentity.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';

const LONG_AGO = new Date('2020-01-01');

describe('a connection that cannot be made says why', () => {
  const servers: EtcdServer[] = [];
  const listeners: Server[] = [];
  after(async () => {
    for (const listener of listeners) listener.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function serve(tls?: Identity): Promise<EtcdServer> {
    const server = await startEtcd(tls ? { tls } : {});
    servers.push(server);
    return server;
  }

  async function connect(
    endpoint: string | readonly string[],
    tls: TlsIdentity = {},
    response = 30_000,
  ): Promise<void> {
    const connection = await connectV3(settingsFor(endpoint, { tls, limits: { connect: 2_000, response } }));
    await connection.store.get(bytes('/a'));
    connection.close();
  }

  function trust(...identities: readonly { certPem: string }[]): TlsIdentity {
    return { certificateAuthorities: identities.map(({ certPem }) => certPem) };
  }

  it('refused', async () => {
    const [port] = await freePorts(1);
    await assert.rejects(connect(`http://127.0.0.1:${port}`), failsAs('refused', new RegExp(`127.0.0.1:${port}`)));
  });

  it('unresolved', () =>
    assert.rejects(connect('http://no-such-host.invalid:2379'), failsAs('unresolved', /no-such-host/)));

  it('timed out after the request', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    listeners.push(silent);
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    await assert.rejects(connect(`http://127.0.0.1:${port}`, {}, 100), failsAs('timedOut', /0\.1 s/));
  });

  it('certificates', async function () {
    this.timeout('5m');
    const here = { names: ['127.0.0.1'] };
    const own = await selfSigned({ commonName: 'own', ...here });
    const other = await selfSigned({ commonName: 'other', ...here });
    const elsewhere = await selfSigned({ commonName: 'elsewhere', names: ['etcd.example', '10.1.2.3'] });
    const nameless = await selfSigned({ commonName: 'only-a-common-name' });
    const expired = await selfSigned({
      commonName: 'expired',
      ...here,
      notBefore: LONG_AGO,
      notAfter: new Date('2021-01-01'),
    });
    const authority = await createAuthority('private authority');
    const issued = await authority.issue({ commonName: 'issued', ...here });

    const atOwn = (await serve(own)).endpoint;
    await connect(atOwn, trust(own));
    await connect(atOwn, trust(other, own));
    await assert.rejects(connect(atOwn), failsAs('unknownAuthority', /caFile/));
    await assert.rejects(connect(atOwn, trust(other)), failsAs('unknownAuthority'));
    await assert.rejects(connect(atOwn.replace('https:', 'http:')), failsAs('plainToTls', /https:/));

    const atIssued = (await serve(issued)).endpoint;
    await connect(atIssued, trust(authority));
    await assert.rejects(connect(atIssued, trust(own)), failsAs('unknownAuthority'));

    const atElsewhere = (await serve(elsewhere)).endpoint;
    await assert.rejects(
      connect(atElsewhere, trust(elsewhere)),
      failsAs('wrongHostName', /etcd\.example, 10\.1\.2\.3.*not for 127\.0\.0\.1/),
    );
    await connect(atElsewhere, { ...trust(elsewhere), serverName: 'etcd.example' });

    const atNameless = (await serve(nameless)).endpoint;
    await assert.rejects(connect(atNameless, trust(nameless)), failsAs('wrongHostName', /only-a-common-name/));
    await connect(atNameless, { ...trust(nameless), serverName: 'only-a-common-name' });

    const atExpired = (await serve(expired)).endpoint;
    await assert.rejects(connect(atExpired, trust(expired)), failsAs('certificateExpired'));
  });

  it('https to a plain port', async () => {
    const { endpoint } = await serve();
    await assert.rejects(connect(endpoint.replace('http:', 'https:')), failsAs('tlsToPlain', /http:/));
  });

  it('something else than etcd', async () => {
    for (const [status, body] of [
      [200, '<html>hello</html>'],
      [200, '{"version":1}'],
      [407, 'proxy'],
      [302, ''],
    ] as const) {
      const server = createHttpServer((_, response) =>
        response.writeHead(status, { location: '/elsewhere' }).end(body),
      );
      listeners.push(server);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as { port: number };
      await assert.rejects(connect(`http://127.0.0.1:${port}`), failsAs('notEtcd', /http\.noProxy|not as etcd/));
    }
  });

  it('goes on to the endpoint that answers, and keeps it', async () => {
    const { endpoint } = await serve();
    const [dead = 0] = await freePorts(1);
    const asked: string[] = [];
    const settings = settingsFor([`http://127.0.0.1:${dead}`, endpoint], {
      log: (entry) => asked.push(entry.endpoint),
    });
    const { store, close, endpoint: inUse } = await connectV3(settings);
    assert.equal(inUse(), endpoint);
    asked.length = 0;
    await store.put(bytes('/failover'), bytes('1'), 'absent');
    assert.deepEqual(asked, [endpoint]);
    close();
    const [deadToo = 0] = await freePorts(1);
    await assert.rejects(
      connect([`http://127.0.0.1:${dead}`, `http://127.0.0.1:${deadToo}`]),
      failsAs('refused', /None of the 2 endpoints/),
    );
  });

  it('a lost leader, at once, after members were learned where that is wanted', async function () {
    this.timeout('5m');
    const members = await startCluster({ size: 2 });
    servers.push(...members);
    const [kept, killed] = members;
    assert.ok(kept && killed);
    const synced = await connectV3({ ...settingsFor(kept.endpoint), sync: true });
    assert.deepEqual(new Set(synced.endpoints()), new Set([kept.endpoint, killed.endpoint]));
    synced.close();
    const { store, close } = await connectV3(settingsFor(kept.endpoint));
    const { modRevision } = await written(store.put(bytes('/quorum'), bytes('1'), 'absent'));
    await killed.kill();
    await assert.rejects(async () => {
      // The member needs an election timeout to notice; until then it may report that the request timed out.
      for (;;) {
        await store.get(bytes('/quorum')).catch((error: unknown) => {
          if (!failsAsUnavailable(error)) throw error;
        });
      }
    }, failsAs('noLeader'));
    await assert.rejects(store.put(bytes('/quorum'), bytes('2'), { modRevision }), failsAs('noLeader'));
    close();
  });
});

async function written(put: ReturnType<Awaited<ReturnType<typeof connectV3>>['store']['put']>) {
  const result = await put;
  assert.ok(result.outcome === 'written');
  return result;
}

function failsAsUnavailable(error: unknown): boolean {
  return (error as { kind?: unknown }).kind === 'unavailable';
}
