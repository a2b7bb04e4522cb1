import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureEtcd } from '../../../scripts/setup/etcd.ts';
import { guard } from '../../../scripts/setup/guardian.ts';
import { freePorts } from '../../../scripts/setup/ports.ts';
import { connectEtcd, type EtcdSettings, type OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import { startCluster } from '../../fixtures/etcdCluster.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { until } from '../eventually.ts';
import { passOn, startStandIn } from '../standIn.ts';

const X = bytes('/x');

describe('endpoints that cannot answer now', () => {
  let voter: EtcdServer;
  const closing: (() => unknown)[] = [];

  before(async function () {
    this.timeout('5m');
    voter = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
    await voter.etcdctl(['put', '/x', 'here']);
    const { store, close } = await connectEtcd({ ...settingsFor(voter.endpoint), api: 'v2' });
    await store.put(X, bytes('here'), 'absent');
    close();
  });
  after(() => voter?.stop());
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  async function connect(endpoints: readonly string[], more: Partial<EtcdSettings>): Promise<OpenEtcd> {
    const connection = await connectEtcd({ ...settingsFor(endpoints), api: 'v3', ...more });
    closing.push(() => connection.close());
    return connection;
  }

  async function page(status: number): Promise<string> {
    const server = createServer((_, response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>no healthy upstream</html>'),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    closing.push(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  for (const status of [200, 404, 502, 503, 504])
    for (const more of [{ transport: 'gateway' }, { transport: 'auto' }, { api: 'v2' }] as const)
      it(`a proxy that answers HTTP ${status} with a page: the next one reads and writes (${JSON.stringify(more)})`, async () => {
        const { store, endpoint } = await connect([await page(status), voter.endpoint], more);
        for (let round = 0; round < 2; round++) {
          const { kv } = await store.get(X);
          assert.equal(text(kv?.value), 'here');
          assert.ok(kv);
          assert.equal((await store.put(X, bytes('here'), kv)).outcome, 'written');
          assert.equal(endpoint(), voter.endpoint);
        }
      });

  it('says what answered where there is no other endpoint', async () => {
    await assert.rejects(connect([await page(502)], { transport: 'gateway' }), failsAs('unavailable', /HTTP 502/));
  });

  it('members that elect a leader: one that was never asked before is asked again', async () => {
    const first = await startStandIn((received, response) => passOn(voter.endpoint, received, response));
    let refusals = 0;
    const electing = await startStandIn((received, response) =>
      refusals++ < 5
        ? void response.writeHead(503, { 'content-type': 'text/plain' }).end('no leader')
        : passOn(voter.endpoint, received, response),
    );
    closing.push(() => electing.close());
    const { store } = await connect([first.endpoint, electing.endpoint], { transport: 'gateway' });
    await store.get(X);
    await first.close();
    assert.equal(text((await store.get(X)).kv?.value), 'here');
    assert.equal(refusals, 6);
  });

  for (const transport of ['grpc', 'gateway'] as const)
    it(`a learner: the voting member reads and writes by ${transport}`, async function () {
      this.timeout('1m');
      const learner = await addLearner(voter);
      closing.push(learner.stop);
      const { store, endpoint } = await connect([learner.endpoint, voter.endpoint], { transport });
      for (let round = 0; round < 2; round++) {
        const { kv } = await store.get(X);
        assert.equal(text(kv?.value), 'here');
        assert.ok(kv);
        assert.equal((await store.listChildren(new Uint8Array()).next(10)).done, true);
        assert.equal((await store.put(X, bytes('here'), kv)).outcome, 'written');
        assert.equal(endpoint(), voter.endpoint);
      }
    });
});

/** Adds a member that does not vote and answers no request. */
async function addLearner(voter: EtcdServer): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const { etcd } = await ensureEtcd('3.4');
  const [client = 0, peer = 0] = await freePorts(2);
  const { stdout } = await voter.etcdctl(['member', 'list', '-w', 'json']);
  const { members } = JSON.parse(stdout) as { members: [{ peerURLs: [string] }] };
  const peerUrl = `http://127.0.0.1:${peer}`;
  const added = await voter.etcdctl(['member', 'add', 'learner', '--learner', `--peer-urls=${peerUrl}`]);
  const id = /Member\s+([\da-f]+)/.exec(added.stdout)?.[1] ?? '';
  const folder = await mkdtemp(join(tmpdir(), 'etcd-learner-'));
  const endpoint = `http://127.0.0.1:${client}`;
  const child: ChildProcess = spawn(
    etcd,
    [
      ...['--name', 'learner', '--data-dir', join(folder, 'data'), '--log-level', 'error'],
      ...['--listen-client-urls', endpoint, '--advertise-client-urls', endpoint],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...[
        '--initial-cluster',
        `etcd=${members[0].peerURLs[0]},learner=${peerUrl}`,
        '--initial-cluster-state',
        'existing',
      ],
      ...['--heartbeat-interval', '20', '--election-timeout', '200'],
    ],
    { stdio: 'ignore' },
  );
  await once(child, 'spawn');
  const release = child.pid === undefined ? undefined : guard({ pid: child.pid });
  await until(() =>
    fetch(`${endpoint}/version`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return {
    endpoint,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      release?.();
      await voter.etcdctl(['member', 'remove', id]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe('one cluster', () => {
  const closing: (() => unknown)[] = [];
  let first: EtcdServer;
  let other: EtcdServer;

  beforeEach(async function () {
    this.timeout('2m');
    const start = (token: string) =>
      startEtcd({ version: '3.4', extraArgs: ['--enable-v2', '--initial-cluster-token', token] });
    [first, other] = await Promise.all([start('first'), start('other')]);
    for (const [server, value] of [
      [first, 'of the first'],
      [other, 'of the other'],
    ] as const) {
      await server.etcdctl(['put', '/x', value]);
      const { store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v2' });
      await store.put(X, bytes(value), 'absent');
      close();
    }
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
    await Promise.all([first.stop(), other.stop()]);
  });

  for (const more of [{ transport: 'grpc' }, { transport: 'gateway' }, { api: 'v2' }] as const)
    it(`is all that a connection speaks with: a member of another one is neither read nor written (${JSON.stringify(more)})`, async function () {
      this.timeout('1m');
      const settings = { ...settingsFor([first.endpoint, other.endpoint]), api: 'v3', ...more } as const;
      const { store, close } = await connectEtcd(settings);
      closing.push(close);
      const { kv } = await store.get(X);
      assert.equal(text(kv?.value), 'of the first');
      assert.ok(kv);
      await first.kill();
      const named = new RegExp(`${new URL(other.endpoint).host} belongs to another etcd cluster`);
      await assert.rejects(store.get(X), named);
      await assert.rejects(store.put(X, bytes('edited'), kv), named);
      await assert.rejects(store.listChildren(bytes('/')).next(10), named);
      const { store: direct, close: closeDirect } = await connectEtcd({ ...settings, endpoints: [other.endpoint] });
      closing.push(closeDirect);
      assert.equal(text((await direct.get(X)).kv?.value), 'of the other');
      await first.restart();
      assert.equal(text((await store.get(X)).kv?.value), 'of the first');
    });

  it('is told by v2 stores too, which therefore differ', async () => {
    const ids = await Promise.all(
      [first, other].map(async ({ endpoint }) => {
        const { store, close } = await connectEtcd({ ...settingsFor(endpoint), api: 'v2' });
        closing.push(close);
        return await store.clusterId?.();
      }),
    );
    assert.match(ids[0] ?? '', /^v2:[\da-f]+$/);
    assert.notEqual(ids[0], ids[1]);
  });
});

describe('a member without a leader', () => {
  let members: EtcdServer[] = [];
  afterEach(() => Promise.all(members.map((member) => member.stop())));

  for (const transport of ['grpc', 'gateway', 'auto'] as const)
    it(`is left for one that has a leader, by ${transport}`, async function () {
      this.timeout('2m');
      members = await startCluster({ size: 2, version: '3.5' });
      const [cutOff, killed] = members;
      assert.ok(cutOff && killed);
      await killed.kill();
      const healthy = await startEtcd({ version: '3.5' });
      members.push(healthy);
      await healthy.etcdctl(['put', '/x', 'here']);
      await until(async () => {
        const { stdout } = await cutOff.etcdctl(['endpoint', 'status', '-w', 'json']);
        return /"errors":\[".*no leader/.test(stdout) || /"leader":0/.test(stdout) || !stdout.includes('"leader"');
      });
      const { store, close, endpoint } = await connectEtcd({
        ...settingsFor([cutOff.endpoint, healthy.endpoint]),
        api: 'v3',
        transport,
      });
      for (let round = 0; round < 3; round++) assert.equal(text((await store.get(X)).kv?.value), 'here');
      assert.equal(endpoint(), healthy.endpoint);
      close();
    });
});
