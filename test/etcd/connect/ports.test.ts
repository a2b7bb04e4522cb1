import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ensureEtcd } from '../../../scripts/setup/etcd.ts';
import { guard } from '../../../scripts/setup/guardian.ts';
import { freePorts } from '../../../scripts/setup/ports.ts';
import { connectEtcd, type EtcdSettings, type OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import { diagnose } from '../../../src/etcd/connect/diagnose.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { eventually } from '../eventually.ts';
import { failsAs } from '../errorKind.ts';
import { grpcFront } from './reverseProxies.ts';
import { skipIfUnavailable } from '../versions.ts';

const PASSWORD = 'correct-horse';

describe('ports and proxies of etcd', () => {
  const servers: EtcdServer[] = [];
  const children: ChildProcess[] = [];
  after(async () => {
    for (const child of children) child.kill();
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function connect(endpoint: string, more: Partial<EtcdSettings> = {}): Promise<OpenEtcd> {
    return await connectEtcd({ ...settingsFor(endpoint), api: 'auto', ...more });
  }

  /** Reads and writes one key, and follows it. */
  async function works({ store, close }: OpenEtcd): Promise<void> {
    const key = bytes('/ports/key');
    const { kv } = await store.get(key);
    const expected = kv ? { modRevision: kv.modRevision } : 'absent';
    const written = await store.put(key, bytes('value'), expected);
    assert.equal(written.outcome, 'written');
    assert.equal(text((await store.get(key)).kv?.value), 'value');
    close();
  }

  it('that speak gRPC alone, and those that speak HTTP alone, are both used', async () => {
    const [httpPort = 0] = await freePorts(1);
    const http = `http://127.0.0.1:${httpPort}`;
    const server = await startEtcd({ version: '3.5', extraArgs: ['--listen-client-http-urls', http] });
    servers.push(server);
    for (const transport of ['auto', 'grpc'] as const) {
      const connection = await connect(server.endpoint, { transport });
      assert.equal(connection.transport, 'grpc');
      assert.equal(connection.serverVersion, server.version);
      await works(connection);
    }
    const gateway = await connect(http);
    assert.equal(gateway.transport, 'gateway');
    assert.equal(gateway.serverVersion, server.version);
    await works(gateway);
  });

  it('tell their version to root alone, and are used all the same', async function () {
    await skipIfUnavailable(this, '3.5.30');
    const [httpPort = 0] = await freePorts(1);
    const extraArgs = ['--listen-client-http-urls', `http://127.0.0.1:${httpPort}`];
    const server = await startEtcd({ version: '3.5.30', extraArgs, auth: { rootPassword: PASSWORD } });
    servers.push(server);
    const settings = { ...settingsFor(server.endpoint), api: 'auto' } as const;
    const connection = await connectEtcd(settings, { username: 'root', password: PASSWORD });
    assert.ok(['', server.version].includes(connection.serverVersion), connection.serverVersion);
    await works(connection);
  });

  it('behind a front that routes only the calls of gRPC are used', async () => {
    const server = await startEtcd({ version: '3.5' });
    servers.push(server);
    const front = await grpcFront(server.endpoint);
    try {
      for (const transport of ['auto', 'grpc'] as const) {
        const connection = await connect(front.endpoint, { transport });
        assert.equal(connection.transport, 'grpc');
        assert.equal(connection.serverVersion, server.version);
        await works(connection);
      }
    } finally {
      front.close();
    }
  });

  it('of members are called what they are', async () => {
    const [peerPort = 0] = await freePorts(1);
    const peer = `http://127.0.0.1:${peerPort}`;
    const extraArgs = [
      '--listen-peer-urls',
      peer,
      '--initial-advertise-peer-urls',
      peer,
      '--initial-cluster',
      `etcd=${peer}`,
    ];
    servers.push(await startEtcd({ extraArgs }));
    const settings = { ...settingsFor(peer), api: 'auto' } as const;
    await assert.rejects(
      connectEtcd({ ...settings, transport: 'gateway' }),
      failsAs('notEtcd', /is a peer port of etcd/),
    );
    // By gRPC a peer port serves clients too, so it must be recognized in another way.
    const steps: string[] = [];
    for await (const { detail } of diagnose(settings, undefined, new AbortController().signal)) steps.push(detail);
    assert.match(steps.join('\n'), /is a peer port of etcd/);
  });

  for (const namespace of [undefined, '/ns/'])
    it(`of grpc-proxy work${namespace ? ', with a namespace' : ''}`, async () => {
      const server = await startEtcd({ version: '3.5' });
      servers.push(server);
      const [port = 0] = await freePorts(1);
      const { etcd } = await ensureEtcd('3.5');
      const child = spawn(
        etcd,
        [
          ...['grpc-proxy', 'start', '--endpoints', server.endpoint.replace('http://', '')],
          ...['--listen-addr', `127.0.0.1:${port}`, ...(namespace ? ['--namespace', namespace] : [])],
        ],
        { stdio: 'ignore' },
      );
      await once(child, 'spawn');
      children.push(child);
      if (child.pid !== undefined) guard({ pid: child.pid });
      for (const transport of ['auto', 'grpc'] as const) {
        const connection = await eventually(() => connect(`http://127.0.0.1:${port}`, { transport }), 'refused');
        assert.equal(connection.transport, 'grpc');
        await works(connection);
      }
      const { stdout } = await server.etcdctl(['get', '--prefix', '', '--keys-only']);
      assert.equal(stdout.trim(), `${namespace ?? ''}/ports/key`);
    });
});
