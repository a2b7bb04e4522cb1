import assert from 'node:assert/strict';
import { cancelConnecting } from '../../src/commands/connections/cancelConnecting.ts';
import type { CommandContext } from '../../src/commands/context/commandContext.ts';
import type { ConnectionSettings } from '../../src/connections/settings/connectionProfile.ts';
import type { ConnectionNode, FolderNode } from '../../src/views/keys/nodes.ts';
import { until } from '../etcd/eventually.ts';
import { startCluster } from '../fixtures/etcdCluster.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { startFaultProxy } from '../fixtures/faultProxy.ts';
import { FollowedTree } from './followedTree.ts';
import { setConnections } from './settings.ts';
import { wholeLevel } from './wholeLevel.ts';

/** How the row of a connection looks. */
type Row = 'connected' | 'connecting' | 'failed' | 'idle';

describe('the tree while etcd is silent', () => {
  let server: EtcdServer;
  let followed: FollowedTree;

  beforeEach(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
    await server.etcdctl(['put', '/silent/a', '1']);
    await server.etcdctl(['put', '/silent/f/x', '1']);
  });
  afterEach(async () => {
    followed.dispose();
    await setConnections();
    await server.stop();
  });

  async function open(settings: Partial<ConnectionSettings> = {}): Promise<void> {
    await setConnections({ name: 'silent', endpoints: [server.endpoint], ...settings });
    followed = new FollowedTree();
  }

  async function untilRow(row: Row): Promise<void> {
    const { connection } = await followed.root();
    await followed.until(() => connection.state.kind === row);
  }

  /** Returns what VS Code shows below a node, asking again at each change. */
  async function shown(node: ConnectionNode | FolderNode): Promise<string[]> {
    const rows = await wholeLevel(followed.tree, node);
    return rows.map((row) => {
      const { label } = followed.tree.getTreeItem(row);
      return typeof label === 'string' ? label : '';
    });
  }

  /** Asks as VS Code does, until the rows match. */
  async function untilShown(node: ConnectionNode | FolderNode, expected: RegExp): Promise<void> {
    while (!expected.test((await shown(node)).join())) await followed.change();
  }

  for (const transport of ['grpc', 'gateway'] as const)
    it(`tells by ${transport} that a member is frozen, and goes on by itself when it is not any more`, async () => {
      await open({ transport });
      const folder = await followed.expand('/', 'silent');
      const [, below] = folder.loaded;
      assert.ok(below?.kind === 'folder');
      server.pause();
      await untilRow('failed');
      server.resume();
      await untilRow('connected');
      await server.etcdctl(['put', '/silent/b', '1']);
      await followed.until(() => followed.rows(folder).join() === 'a,b,f 1');
    });

  it('tells of v2 that a member is frozen, and goes on by itself when it is not any more', async () => {
    await fetch(`${server.endpoint}/v2/keys/silent/a`, { method: 'PUT', body: new URLSearchParams({ value: '1' }) });
    await open({ api: 'v2' });
    await followed.expandUnfollowed('/', 'silent');
    server.pause();
    await untilRow('failed');
    server.resume();
    await untilRow('connected');
  });

  it('tells that a member was killed, and goes on by itself when it is back', async () => {
    await open();
    const folder = await followed.expand('/', 'silent');
    await server.kill();
    await untilRow('failed');
    await server.restart();
    await untilRow('connected');
    await server.etcdctl(['put', '/silent/b', '1']);
    await followed.until(() => followed.rows(folder).join() === 'a,b,f 1');
  });

  it('lists by itself what could not be listed, once etcd answers again', async () => {
    await open({ headerTimeout: 2, connectTimeout: 2 });
    const folder = await followed.expand('/', 'silent');
    const [, below] = folder.loaded;
    assert.ok(below?.kind === 'folder');
    server.pause();
    await untilRow('failed');
    assert.match((await shown(below)).join(), /within|lost/);
    server.resume();
    await untilShown(below, /^x$/);
  });

  it('stays connected, and lists on, where another member answers', async function () {
    this.timeout('5m');
    const members = await startCluster();
    try {
      await members[0]?.etcdctl(['put', '/silent/f/x', '1']);
      await open({ endpoints: members.map(({ endpoint }) => endpoint) });
      const folder = await followed.expand('/', 'silent');
      const [below] = folder.loaded;
      assert.ok(below?.kind === 'folder');
      const inUse = members.find(({ endpoint }) => endpoint === folder.connection.endpoint);
      assert.ok(inUse);
      inUse.pause();
      await until(async () => folder.connection.endpoint !== inUse.endpoint);
      await untilRow('connected');
      assert.deepEqual(await shown(below), ['x']);
      inUse.resume();
    } finally {
      followed.dispose();
      await Promise.all(members.map((member) => member.stop()));
    }
  });

  for (const transport of ['grpc', 'gateway'] as const)
    it(`goes on by ${transport} over a network that has dropped everything for a while`, async () => {
      const network = await startFaultProxy(server.port);
      try {
        await open({ transport, endpoints: [network.endpoint], connectTimeout: 2 });
        const folder = await followed.expand('/', 'silent');
        network.fail('idle', 'pause');
        network.fail('connect', 'pause');
        await untilRow('failed');
        network.heal();
        await untilRow('connected');
        await server.etcdctl(['put', '/silent/b', '1']);
        await followed.until(() => followed.rows(folder).join() === 'a,b,f 1');
      } finally {
        network.close();
      }
    });

  it('connects by itself to an etcd that was not there when it was asked for', async () => {
    await server.kill();
    await open();
    const root = await followed.root();
    assert.match((await shown(root)).join(), /refused/);
    await untilRow('failed');
    await server.restart();
    await untilShown(root, /^\/$/);
    await untilRow('connected');
  });

  it('does not wait for an attempt that the user has canceled, and begins another when told to', async () => {
    await open();
    server.pause();
    const root = await followed.root();
    const listed = shown(root);
    await untilRow('connecting');
    cancelConnecting({ connections: followed.connections } as unknown as CommandContext, root);
    assert.match((await listed).join(), /^You canceled connecting to silent\.$/);
    assert.equal(followed.tree.getTreeItem(root).description, 'not connected');
    root.connection.disconnect();
    const again = shown(root);
    await untilRow('connecting');
    server.resume();
    assert.deepEqual(await again, ['/']);
  });
});
