import assert from 'node:assert/strict';
import { Connections } from '../../src/connections/connections.ts';
import { PastConnection } from '../../src/connections/pastConnection.ts';
import { KeyTree } from '../../src/views/keys/keyTree.ts';
import type { TreeNode } from '../../src/views/keys/nodes.ts';
import { bytes } from '../etcd/connecting.ts';
import { failsAs } from '../etcd/errorKind.ts';
import { connectionServices } from './connectionServices.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';
import { wholeLevel } from './wholeLevel.ts';

const NAME = 'hiding';

describe('hidden keys of a connection', () => {
  let outside: Outside;
  let connections: Connections;
  let tree: KeyTree;

  before(async () => {
    outside = await Outside.connect();
    await outside.put(
      ['/hiding/events/a', '1'],
      ['/hiding/events/b/c', '2'],
      ['/hiding/pods/a', '3'],
      ['/hiding/pods/secret', '4'],
      ['/hiding/only/secret', '5'],
      ['/hiding/tmp', '6'],
    );
  });
  after(async () => {
    await setConnections();
    outside.close();
  });
  beforeEach(async () => {
    await hide(['/hiding/events/**', '/hiding/tmp', 'secret']);
    connections = new Connections(connectionServices());
    tree = new KeyTree(connections);
  });
  afterEach(() => {
    tree.dispose();
    connections.dispose();
  });

  async function hide(hidden: readonly string[], more: object = {}): Promise<void> {
    await setConnections({ name: NAME, endpoints: [ENDPOINT], hidden, ...more });
  }

  async function level(...path: readonly string[]): Promise<TreeNode[]> {
    const [connection] = await tree.getChildren();
    assert.ok(connection);
    let nodes = await wholeLevel(tree, connection);
    for (const name of path)
      nodes = await wholeLevel(
        tree,
        nodes.find((node) => tree.getTreeItem(node).label === name) ?? assert.fail(`no ${name}`),
      );
    return nodes;
  }

  const rows = (nodes: readonly TreeNode[]) =>
    nodes.map((node) => {
      const { label, description } = tree.getTreeItem(node);
      return `${typeof label === 'string' ? label : ''} ${typeof description === 'string' ? description : ''}`.trim();
    });

  it('are not in the tree; a row says how many are missing, and counts include them', async () => {
    assert.deepEqual(rows(await level('/', 'hiding')), ['only 1', 'pods 2', '2 hidden']);
    assert.deepEqual(rows(await level('/', 'hiding', 'pods')), ['a', '1 hidden']);
    assert.deepEqual(rows(await level('/', 'hiding', 'only')), ['1 hidden']);
  });

  it('are not in a view of the past either', async () => {
    const connection = connections.require(NAME);
    const store = await connection.store('interactive');
    const { revision } = await store.get(bytes('/hiding/tmp'));
    const past = new PastConnection(connection, revision);
    const folder = tree.rootOf(past).root;
    assert.equal(folder.connection, past);
    assert.equal(past.hidden, connection.hidden);
    assert.ok(past.hidden?.matches(bytes('/hiding/tmp')));
  });

  it('are found as the folder that shows everything else', async () => {
    const connection = connections.require(NAME);
    const pathOf = async (key: string) => {
      const node = await tree.find(connection, bytes(key));
      return 'path' in node ? Buffer.from(node.path).toString() : node.kind;
    };
    assert.equal(await pathOf('/hiding/events/b/c'), '/hiding/');
    assert.equal(await pathOf('/hiding/pods/secret'), '/hiding/pods/');
    assert.equal(await pathOf('/hiding/pods/a'), '/hiding/pods/a');
  });

  it('may be whole folders, by their names alone', async () => {
    await hide(['events', 'hidden:*'], { separator: ['/'] });
    tree.dispose();
    tree = new KeyTree(connections);
    assert.deepEqual(rows(await level('/', 'hiding')), ['only 1', 'pods 2', 'tmp', '1 hidden']);
  });

  it('are shown again without the setting, and a wrong one keeps the connection closed', async () => {
    await hide([]);
    assert.deepEqual(rows(await level('/', 'hiding')), ['events 2', 'only 1', 'pods 2', 'tmp']);
    for (const wrong of [true, 'x', ['']]) {
      await hide(wrong as never);
      const opening = connections.require(NAME).store('interactive');
      await assert.rejects(opening, failsAs('configuration', /The "hidden" of the connection/));
    }
  });
});
