import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { EventEmitter, type TreeViewExpansionEvent } from 'vscode';
import { Connections } from '../../src/connections/connections.ts';
import { Consents } from '../../src/connections/consents.ts';
import { CredentialStore } from '../../src/connections/credentialStore.ts';
import { LiveFeeds } from '../../src/connections/live/liveFeeds.ts';
import { KeyTree } from '../../src/tree/keyTree.ts';
import { LiveTree } from '../../src/tree/live/liveTree.ts';
import type { ConnectionNode, FolderNode, TreeNode } from '../../src/tree/nodes.ts';
import { bytes } from '../etcd/connecting.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { Gate } from './gate.ts';
import { Outside } from './outside.ts';
import { setConnections, setLive } from './settings.ts';
import { wholeLevel } from './wholeLevel.ts';

/** Longer than anything that runs again and again waits in between. */
const LONGER_THAN_ANY_PAUSE = 4000;

/** What VS Code's view tells of itself, and what it does when something is to be drawn anew. */
class View {
  visible = true;
  readonly #expanded = new EventEmitter<TreeViewExpansionEvent<TreeNode>>();
  readonly #collapsed = new EventEmitter<TreeViewExpansionEvent<TreeNode>>();
  readonly #visibility = new EventEmitter<{ readonly visible: boolean }>();
  readonly onDidExpandElement = this.#expanded.event;
  readonly onDidCollapseElement = this.#collapsed.event;
  readonly onDidChangeVisibility = this.#visibility.event;

  expand(element: TreeNode): void {
    this.#expanded.fire({ element });
  }

  collapse(element: TreeNode): void {
    this.#collapsed.fire({ element });
  }

  show(visible: boolean): void {
    this.visible = visible;
    this.#visibility.fire({ visible });
  }
}

describe('the live tree', () => {
  let outside: Outside;
  let gate: Gate;
  let connections: Connections;
  let feeds: LiveFeeds;
  let tree: KeyTree;
  let live: LiveTree;
  let view: View;

  before(async () => {
    outside = await Outside.connect();
  });
  after(async () => {
    await setConnections();
    await outside.deletePrefix('/live-tree');
    outside.close();
  });
  beforeEach(async () => {
    await outside.deletePrefix('/live-tree');
    gate = await Gate.open();
    await setConnections({ name: 'live', endpoints: [gate.endpoint] });
    const credentials = new CredentialStore(new MemorySecrets(), new MemoryState(), '');
    const consents = new Consents(new MemoryState(), new MemoryState());
    connections = new Connections({ credentials, consents, offerTrust: () => undefined, logRequest: () => undefined });
    feeds = new LiveFeeds(connections);
    tree = new KeyTree(connections);
    view = new View();
    live = new LiveTree(tree, view, feeds);
  });
  afterEach(async () => {
    live.dispose();
    tree.dispose();
    feeds.dispose();
    connections.dispose();
    await gate.close();
    await setLive(undefined);
  });

  /** Resolves when, after something was drawn anew, the tree is as the test waits for. */
  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const listeners = [tree.onDidChangeTreeData(() => resolve()), feeds.onDidChangeState(() => resolve())];
      await promise;
      for (const each of listeners) each.dispose();
    }
  }

  async function root(): Promise<ConnectionNode> {
    const [connection] = await tree.getChildren();
    assert.ok(connection?.kind === 'connection');
    return connection;
  }

  /** Expands folder after folder, as VS Code asks for what it shows. */
  async function expand(...names: readonly string[]): Promise<FolderNode> {
    const connection = await root();
    await wholeLevel(tree, connection);
    let folder = connection.root;
    for (const name of names) {
      const child = folder.loaded.find((each) => each.kind === 'folder' && tree.getTreeItem(each).label === name);
      assert.ok(child?.kind === 'folder', name);
      await wholeLevel(tree, child);
      folder = child;
    }
    await until(() => feeds.stateOf(connection.connection) === 'live');
    return folder;
  }

  function rows(folder: FolderNode): string[] {
    return folder.loaded.map((node) => {
      const { label, description } = tree.getTreeItem(node);
      return [typeof label === 'string' ? label : '', description].filter(Boolean).join(' ');
    });
  }

  it('shows keys and folders that others create and delete, in key order, as the nodes that they were', async () => {
    await outside.put(['/live-tree/b', '1'], ['/live-tree/f/x', '1'], ['/live-tree/f/y', '1']);
    const folder = await expand('/', 'live-tree');
    assert.deepEqual(rows(folder), ['b', 'f 2']);
    const [b, f] = folder.loaded;
    const listed = gate.sent;

    await outside.put(['/live-tree/a', '1'], ['/live-tree/f!', '1'], ['/live-tree/g/deep/key', '1']);
    await until(() => folder.loaded.length === 5);
    assert.deepEqual(rows(folder), ['a', 'b', 'f!', 'f 2', 'g 1']);
    assert.equal(folder.loaded[1], b);
    assert.equal(folder.loaded[3], f);

    await outside.put(['/live-tree/f/z', '1'], ['/live-tree/f/x', 'again'], ['/live-tree/f/u/v', '1']);
    await until(() => rows(folder).includes('f 4'));
    await outside.store.delete([{ start: bytes('/live-tree/f/'), end: bytes('/live-tree/f/y') }]);
    await until(() => rows(folder).includes('f 2'));
    await outside.deletePrefix('/live-tree/f/');
    await outside.deletePrefix('/live-tree/a');
    await until(() => folder.loaded.length === 3);
    assert.deepEqual(rows(folder), ['b', 'f!', 'g 1']);
    assert.equal(folder.loaded[0], b);
    // Nothing was listed: the client has at most taken note of what it was told.
    assert.ok(gate.sent - listed < 20, String(gate.sent - listed));
  });

  it('counts every key of one transaction, and those above', async () => {
    await outside.put(['/live-tree/a/b/one', '1']);
    const folder = await expand('/', 'live-tree', 'a');
    await outside.put(...Array.from({ length: 7 }, (_, index) => [`/live-tree/a/b/${index}`, '1'] as const));
    await until(() => rows(folder).includes('b 8'));
    const { parent } = folder;
    assert.ok(parent.kind === 'folder');
    assert.deepEqual(rows(parent), ['a 8']);
  });

  it('misses nothing while its connection is cut, and says so meanwhile', async () => {
    await outside.put(['/live-tree/a', '1']);
    const folder = await expand('/', 'live-tree');
    await gate.cut();
    await until(() => feeds.stateOf(folder.connection) === 'interrupted');
    await outside.put(['/live-tree/b', '1']);
    await outside.put(['/live-tree/c', '1']);
    await outside.deletePrefix('/live-tree/b');
    await gate.restore();
    await until(() => feeds.stateOf(folder.connection) === 'live' && folder.loaded.length === 2);
    assert.deepEqual(rows(folder), ['a', 'c']);
  });

  it('takes what came in between into the further pages of a large folder', async () => {
    const names = Array.from({ length: 700 }, (_, index) => `/live-tree/large/${String(index).padStart(4, '0')}`);
    await outside.put(...names.map((name) => [name, '1'] as const));
    const folder = await expand('/', 'live-tree', 'large');
    assert.equal(folder.loaded.length, 500);
    await outside.put(['/live-tree/large/0100a', '1'], ['/live-tree/large/0650a', '1']);
    await outside.deletePrefix('/live-tree/large/0660');
    await until(() => folder.loaded.length === 501);
    tree.loadMore(folder);
    await wholeLevel(tree, folder);
    await until(() => rows(folder).includes('0650a') && !rows(folder).includes('0660'));
    assert.deepEqual(
      rows(folder),
      [...names.map((name) => name.slice(-4)).filter((name) => name !== '0660'), '0100a', '0650a'].toSorted(),
    );
  });

  it('lists anew what was collapsed when it is expanded again, and only then', async () => {
    await outside.put(['/live-tree/a/one', '1']);
    const folder = await expand('/', 'live-tree', 'a');
    view.collapse(folder);
    await outside.put(['/live-tree/a/two', '1'], ['/live-tree/b', '1']);
    const { parent } = folder;
    assert.ok(parent.kind === 'folder');
    await until(() => rows(parent).includes('b') && rows(parent).includes('a 2'));
    assert.deepEqual(rows(folder), ['one']);
    view.expand(folder);
    await until(() => folder.loaded.length === 2);
    assert.deepEqual(rows(folder), ['one', 'two']);
  });

  it('asks and hears nothing while the view is hidden, and knows everything when it is shown again', async () => {
    await outside.put(['/live-tree/a', '1']);
    const folder = await expand('/', 'live-tree');
    view.show(false);
    await until(() => feeds.stateOf(folder.connection) === 'idle');
    const before = await gate.quietened();
    await outside.put(['/live-tree/b', '1'], ['/live-tree/c/d', '1']);
    await delay(LONGER_THAN_ANY_PAUSE);
    assert.deepEqual(rows(folder), ['a']);
    assert.equal(gate.sent, before);
    view.show(true);
    await until(() => folder.loaded.length === 3);
    assert.deepEqual(rows(folder), ['a', 'b', 'c 1']);
  });

  it('follows only where the setting lets it', async () => {
    await outside.put(['/live-tree/a', '1']);
    const folder = await expand('/', 'live-tree');
    await setLive(false);
    await until(() => feeds.stateOf(folder.connection) === 'off');
    await outside.put(['/live-tree/b', '1']);
    await setLive(true);
    await until(() => folder.loaded.length === 2);
    assert.deepEqual(rows(folder), ['a', 'b']);
  });

  it('lists anew after a compaction of what it has not heard', async () => {
    await outside.put(['/live-tree/a', '1']);
    const folder = await expand('/', 'live-tree');
    await gate.cut();
    await until(() => feeds.stateOf(folder.connection) === 'interrupted');
    await outside.put(['/live-tree/b', '1']);
    await outside.put(['/live-tree/c', '1']);
    await outside.compact();
    await gate.restore();
    await until(() => folder.loaded.length === 3 && feeds.stateOf(folder.connection) === 'live');
    assert.deepEqual(rows(folder), ['a', 'b', 'c']);
  });

  for (const isExpanded of [true, false])
    it(`bears 20,000 writes below ${isExpanded ? 'an expanded' : 'a collapsed'} folder, looking once a second`, async function () {
      this.timeout('60s');
      await outside.put(['/live-tree/calm/key', '1'], ['/live-tree/heavy/key', '1']);
      const folder = isExpanded ? await expand('/', 'live-tree', 'heavy') : await expand('/', 'live-tree');
      let drawn = 0;
      const listener = tree.onDidChangeTreeData(() => drawn++);
      const start = performance.now();
      const sent = gate.sent;
      for (let written = 0; written < 20_000; written += 2000)
        await outside.put(
          ...Array.from({ length: 2000 }, (_, index) => [`/live-tree/heavy/${written + index}`, 'x'] as const),
        );
      await until(() => feeds.stateOf(folder.connection) === 'live');
      const seconds = (performance.now() - start) / 1000;
      listener.dispose();
      // A listing or a count is a few requests; what is told before the flood is noticed is acknowledged too.
      assert.ok(gate.sent - sent < 60 + 30 * seconds, `${gate.sent - sent} pieces in ${seconds} s`);
      assert.ok(drawn <= 6 + 4 * seconds, `${drawn} times drawn in ${seconds} s`);
      await outside.put(['/live-tree/calm/other', '1'], ['/live-tree/heavy/other', '1']);
      const parent = isExpanded ? folder.parent : folder;
      assert.ok(parent.kind === 'folder');
      await until(() => rows(parent).includes('heavy 20,002') && rows(parent).includes('calm 2'));
    });
});
