import assert from 'node:assert/strict';
import { Connections } from '../../src/connections/connections.ts';
import { Consents } from '../../src/connections/consents.ts';
import { CredentialStore } from '../../src/connections/credentialStore.ts';
import { KeyTree } from '../../src/tree/keyTree.ts';
import { MOST_ROWS } from '../../src/tree/levelWindow.ts';
import { LoadMoreNode, type FolderNode, type TreeNode } from '../../src/tree/nodes.ts';
import { bytes } from '../etcd/connecting.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { Gate } from './gate.ts';
import { Outside } from './outside.ts';
import { setConnections } from './settings.ts';

const KEYS = 25_000;
const ROOT = '/large levels/';
const keyOf = (at: number) => `${ROOT}key-${String(at).padStart(5, '0')}`;

describe('large levels in the tree', () => {
  let outside: Outside;
  let gate: Gate;
  let connections: Connections;
  let tree: KeyTree;
  let requests = 0;

  before(async function () {
    this.timeout('2m');
    outside = await Outside.connect();
    gate = await Gate.open();
    await outside.put(...Array.from({ length: KEYS }, (_, at) => [keyOf(at), 'x'] as const));
  });
  after(async () => {
    await outside.deletePrefix(ROOT);
    outside.close();
    await gate.close();
    await setConnections();
  });
  beforeEach(async () => {
    await setConnections({ name: 'large', endpoints: [gate.endpoint], root: ROOT, transport: 'grpc' });
    const credentials = new CredentialStore(new MemorySecrets(), new MemoryState(), '');
    const consents = new Consents(new MemoryState(), new MemoryState());
    requests = 0;
    const logRequest = () => void requests++;
    connections = new Connections({ credentials, consents, offerTrust: () => undefined, logRequest });
    tree = new KeyTree(connections);
  });
  afterEach(() => {
    tree.dispose();
    connections.dispose();
  });

  function connection() {
    const [only] = connections.all;
    assert.ok(only);
    return only;
  }

  async function level(): Promise<{ folder: FolderNode; nodes: TreeNode[]; rows: string[] }> {
    const [root] = await tree.getChildren();
    assert.ok(root?.kind === 'connection');
    const nodes = await tree.getChildren(root);
    const rows = nodes.map((node) => {
      const { label, description } = tree.getTreeItem(node);
      assert.ok(typeof label === 'string' && typeof description !== 'boolean');
      return description ? `${label} | ${description}` : label;
    });
    return { folder: root.root, nodes, rows };
  }

  it('offer a page more, and as many rows as VS Code bears', async () => {
    const { folder, rows } = await level();
    assert.equal(rows.length, 502);
    assert.deepEqual(rows.slice(-2), ['Load more… | 500 shown, about 24,500 more', 'Load 10,000… | of about 25,000']);
    const told: number[] = [];
    await tree.loadAll(folder, new AbortController().signal, (loaded) => told.push(loaded));
    assert.deepEqual(told, [2500, 4500, 6500, 8500, 10_000]);
    const full = await level();
    assert.equal(full.rows.length, MOST_ROWS + 1);
    assert.equal(full.rows.at(-1), 'Go on after key-09999… | about 15,000 more, in place of these 10,000');
    assert.ok(requests < 30, `${requests} requests`);
  });

  it('go on with what follows in place of what is shown, and back', async () => {
    const { folder } = await level();
    await tree.loadAll(folder, new AbortController().signal, () => undefined);
    await level();
    tree.turnPage(folder, 'next');
    const second = await level();
    assert.deepEqual(second.rows.slice(0, 2), [
      'Go back to what comes before… | shown from key-09999\\x00 on',
      'key-10000',
    ]);
    assert.equal(second.rows.length, MOST_ROWS + 2);
    tree.turnPage(folder, 'next');
    const last = await level();
    assert.deepEqual([last.rows[1], last.rows.at(-1), last.rows.length], ['key-20000', 'key-24999', 5001]);
    tree.turnPage(folder, 'earlier');
    assert.equal((await level()).rows[1], 'key-10000');
    tree.turnPage(folder, 'earlier');
    assert.equal((await level()).rows[0], 'key-00000');
  });

  it('show a key in their middle without what lies before it, and the beginning again', async () => {
    await level();
    const before = requests;
    const found = await tree.find(connection(), bytes(keyOf(17_321)));
    assert.equal(tree.getTreeItem(found).label, 'key-17321');
    assert.ok(requests - before <= 4, `${requests - before} requests`);
    const { folder, rows } = await level();
    assert.deepEqual(rows.slice(0, 2), ['Go back to what comes before… | shown from key-17321 on', 'key-17321']);
    assert.equal(rows.at(-2), 'Load more… | 500 shown, about 7,179 more');
    assert.equal(tree.getTreeItem(await tree.find(connection(), bytes(keyOf(3)))).label, 'key-00003');
    tree.turnPage(folder, 'earlier');
    assert.equal((await level()).rows[0], 'key-00000');
    const near = await tree.find(connection(), bytes(keyOf(700)));
    assert.equal(tree.getTreeItem(near).label, 'key-00700');
  });

  it('show the beginning where all that was shown is gone', async () => {
    await outside.put([`${ROOT}zz last`, 'x']);
    await level();
    await tree.find(connection(), bytes(`${ROOT}zz last`));
    assert.equal((await level()).rows[1], 'zz last');
    await outside.deletePrefix(`${ROOT}zz`);
    tree.refresh(connection());
    assert.equal((await level()).rows[0], 'key-00000');
  });

  it('end their listing when they are collapsed, and are listed when they are expanded again', async () => {
    const [root] = await tree.getChildren();
    assert.ok(root?.kind === 'connection');
    await connection().store('interactive');
    const changed: unknown[] = [];
    tree.onDidChangeTreeData((node) => changed.push(node));
    const held = gate.hold();
    const children = tree.getChildren(root);
    const release = await held;
    tree.stopListing(root);
    assert.deepEqual(
      (await children).filter((node) => !(node instanceof LoadMoreNode)),
      [],
    );
    assert.ok(changed.flat().includes(root));
    release();
    const { rows } = await level();
    assert.equal(rows[0], 'key-00000');
  });
});
