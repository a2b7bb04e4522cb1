import assert from 'node:assert/strict';
import { Connections } from '../../src/connections/connections.ts';
import { KeyTree } from '../../src/views/keys/keyTree.ts';
import type { TreeNode } from '../../src/views/keys/nodes.ts';
import { bytes, text } from '../etcd/connecting.ts';
import { connectionServices } from './connectionServices.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';
import { wholeLevel } from './wholeLevel.ts';

const NAME = 'rooted';

describe('a connection with several roots', () => {
  let outside: Outside;
  let connections: Connections;
  let tree: KeyTree;

  before(async () => {
    outside = await Outside.connect();
    await outside.put(
      ['/rooted/config/a', '1'],
      ['/rooted/config/b/c', '2'],
      ['/rooted/service/x', '3'],
      ['/rooted/other', '4'],
    );
  });
  after(async () => {
    await setConnections();
    outside.close();
  });
  beforeEach(async () => {
    await setConnections({
      name: NAME,
      endpoints: [ENDPOINT],
      root: ['/rooted/service/', '/rooted/config', '/rooted/config/'],
    });
    connections = new Connections(connectionServices());
    tree = new KeyTree(connections);
  });
  afterEach(() => {
    tree.dispose();
    connections.dispose();
  });

  async function rootRows(): Promise<TreeNode[]> {
    const [connection] = await tree.getChildren();
    assert.ok(connection);
    return await tree.getChildren(connection);
  }

  const labels = (nodes: readonly TreeNode[]) => nodes.map((node) => tree.getTreeItem(node).label);

  it('shows each as a row, in the order of the settings and once, and lists it as usual', async () => {
    const rows = await rootRows();
    assert.deepEqual(labels(rows), ['/rooted/service/', '/rooted/config/']);
    const [service, config] = rows;
    assert.ok(service && config);
    assert.deepEqual(labels(await wholeLevel(tree, service)), ['x']);
    assert.deepEqual(labels(await wholeLevel(tree, config)), ['a', 'b']);
    assert.equal(tree.getParent(config), tree.roots[0]);
    assert.equal(connections.require(NAME).state.kind, 'connected');
    assert.equal(text(connections.require(NAME).root), '/rooted/');
  });

  it('finds keys below each, and nothing elsewhere', async () => {
    const connection = connections.require(NAME);
    const found = async (key: string) => {
      const node = await tree.find(connection, bytes(key));
      return 'path' in node ? text(node.path) : node.kind;
    };
    assert.equal(await found('/rooted/config/b/c'), '/rooted/config/b/c');
    assert.equal(await found('/rooted/service/'), '/rooted/service/');
    assert.equal(await found('/rooted/other'), 'connection');
    assert.equal(await found('/elsewhere'), 'connection');
  });

  it('says below the connection why it cannot be opened', async () => {
    await setConnections({ name: NAME, endpoints: ['http://127.0.0.1:1'], root: ['/a/', '/b/'] });
    const [row, ...others] = await rootRows();
    assert.equal(row?.kind, 'message');
    assert.deepEqual(others, []);
  });

  it('is a connection with one root if only one is listed', async () => {
    await setConnections({ name: NAME, endpoints: [ENDPOINT], root: ['/rooted/config/'] });
    assert.deepEqual(labels(await rootRows()), ['a', 'b']);
    await setConnections({ name: NAME, endpoints: [ENDPOINT], root: [] });
    assert.ok(labels(await rootRows()).includes('/'));
    await setConnections({ name: NAME, endpoints: [ENDPOINT], root: ['/a/', String.raw`\y`] });
    assert.match(connections.require(NAME).profile.problem ?? '', /The "root" of the connection rooted is not valid/);
  });
});
