import assert from 'node:assert/strict';
import { nameFilter } from '../../src/etcd/search/nameFilter.ts';
import { Connections } from '../../src/connections/connections.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { EtcdError } from '../../src/etcd/errors.ts';
import { KeyTree } from '../../src/views/keys/keyTree.ts';
import { MAX_ROWS } from '../../src/views/keys/levelWindow.ts';
import { LoadMoreNode, type ConnectionNode, type FolderNode, type TreeNode } from '../../src/views/keys/nodes.ts';
import { bytes, text } from '../etcd/connecting.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { folders } from '../unit/listing/shapes.ts';
import { Gate } from './gate.ts';
import { Outside } from './outside.ts';
import { setConnections } from './settings.ts';
import { nextChange, wholeLevel } from './wholeLevel.ts';

const KEYS = 25_000;
const ROOT = '/large levels/';
const keyOf = (at: number) => `${ROOT}key-${String(at).padStart(5, '0')}`;
/** Folders with enough keys to be jumped over: a page of them takes several requests. */
const FOLDERS = 600;
const KEYS_IN_FOLDER = 30;
const FOLDERS_ROOT = '/large levels of folders/';
const folderOf = (at: number) => `${FOLDERS_ROOT}dir-${String(at).padStart(4, '0')}/`;

describe('large levels in the tree', () => {
  let outside: Outside;
  let gate: Gate;
  let connections: Connections;
  let tree: KeyTree;
  let shown = ROOT;
  let requests = 0;
  let answered: (() => void) | undefined;

  before(async function () {
    this.timeout('5m');
    outside = await Outside.connect();
    gate = await Gate.open();
    const keys = [
      ...Array.from({ length: KEYS }, (_, at) => keyOf(at)),
      ...folders(FOLDERS_ROOT, FOLDERS, KEYS_IN_FOLDER),
    ];
    await outside.put(...keys.map((key) => [key, 'x'] as const));
  });
  after(async () => {
    for (const root of [ROOT, FOLDERS_ROOT]) await outside.deletePrefix(root);
    outside.close();
    await gate.close();
    await setConnections();
  });
  beforeEach(async () => {
    await setConnections({ name: 'large', endpoints: [gate.endpoint], root: shown, transport: 'grpc' });
    const credentials = new CredentialStore(new MemorySecrets(), new MemoryState(), '');
    const consents = new Consents(new MemoryState(), new MemoryState());
    requests = 0;
    answered = undefined;
    const logRequest = () => {
      requests++;
      answered?.();
    };
    connections = new Connections({ credentials, consents, offerTrust: () => undefined, logRequest, tunnelGuard: '' });
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
    const nodes = await wholeLevel(tree, root);
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
    assert.equal(full.rows.length, MAX_ROWS + 1);
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
      'Back to the previous keys… | shown from key-09999\\x00 on',
      'key-10000',
    ]);
    assert.equal(second.rows.length, MAX_ROWS + 2);
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
    assert.deepEqual(rows.slice(0, 2), ['Back to the previous keys… | shown from key-17321 on', 'key-17321']);
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

  describe('of which a page takes several requests', () => {
    before(() => {
      shown = FOLDERS_ROOT;
    });
    after(() => {
      shown = ROOT;
    });

    /** Returns the rows after the first request is answered, and a function that releases the others. */
    async function firstRows(): Promise<{ root: ConnectionNode; nodes: TreeNode[]; release: () => void }> {
      const [root] = await tree.getChildren();
      assert.ok(root?.kind === 'connection');
      await connection().store('interactive');
      const held = new Promise<() => void>((resolve) => {
        answered = () => {
          answered = undefined;
          resolve(gate.hold());
        };
      });
      const nodes = await tree.getChildren(root);
      assert.equal(tree.getTreeItem(nodes.at(-1) ?? root).label, 'Loading more…');
      assert.ok(nodes.length > 1 && nodes.length < 500, `${nodes.length} rows`);
      for (const [at, node] of nodes.slice(0, -1).entries())
        assert.equal(node.kind === 'folder' && text(node.path), folderOf(at));
      return { root, nodes, release: await held };
    }

    it('show their first children while the answers that bring the others are held, which then come by themselves', async () => {
      const { nodes, release } = await firstRows();
      const changed = nextChange(tree);
      release();
      await changed;
      const whole = await level();
      assert.equal(whole.rows.length, 501);
      assert.equal(whole.rows.at(-3), 'dir-0498 | 30');
      assert.match(whole.rows.at(-1) ?? '', /^Load more… \| 500 shown, about (?:99|10[01]) more$/);
      assert.ok(nodes.slice(0, -1).every((node, at) => node === whole.nodes[at]));
      assert.ok(requests < 30, `${requests} requests`);
    });

    it('are listed anew where they were collapsed, or listed anew, while only the first children were there', async () => {
      for (const restart of [(root: ConnectionNode) => tree.stopListing(root), () => tree.refresh(connection())]) {
        tree.refresh(connection());
        const { root, nodes, release } = await firstRows();
        const changed: unknown[] = [];
        const listener = tree.onDidChangeTreeData((node) => changed.push(node));
        restart(root);
        assert.ok(changed.flat().includes(root));
        release();
        const whole = await level();
        listener.dispose();
        assert.equal(whole.rows.length, 501);
        assert.ok(nodes.slice(0, -1).every((node, at) => node === whole.nodes[at]));
        root.root.setFilter(nameFilter('none of these'));
        assert.deepEqual((await level()).rows, ['No name matches none of these']);
        root.root.setFilter(undefined);
      }
    });

    it('say so where the connection is lost while only the first children are there', async () => {
      await firstRows();
      const changed = nextChange(tree);
      await gate.cut();
      await changed;
      const { nodes } = await level();
      await gate.restore();
      const last = nodes.at(-1);
      assert.ok(last?.kind === 'message' && EtcdError.is(last.error, 'refused', 'connectionLost', 'unavailable'));
      tree.refresh(connection());
      assert.equal((await level()).rows.length, 501);
    });
  });
});
