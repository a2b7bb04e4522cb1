import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { keyText } from '../../src/etcd/keys/keyText.ts';
import type { FolderNode } from '../../src/views/keys/nodes.ts';
import { bytes } from '../etcd/connecting.ts';
import { FollowedTree } from './followedTree.ts';
import { Gate } from './gate.ts';
import { Outside } from './outside.ts';
import { setConnections, setLive } from './settings.ts';
import { wholeLevel } from './wholeLevel.ts';

/** Longer than the pause of anything that runs repeatedly. */
const LONGER_THAN_ANY_PAUSE = 4000;

describe('the live tree', () => {
  let outside: Outside;
  let gate: Gate;
  let followed: FollowedTree;

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
    followed = new FollowedTree();
  });
  afterEach(async () => {
    followed.dispose();
    await gate.close();
    await setLive(undefined);
  });

  const until = (isSo: () => boolean) => followed.until(isSo);
  const expand = (...names: readonly string[]) => followed.expand(...names);
  const rows = (folder: FolderNode) => followed.rows(folder);

  it('tells who holds a lock, and who does once it is released', async () => {
    const leases = await Promise.all([600, 600].map(async (ttl) => (await outside.store.leases?.grant(ttl)) ?? 0n));
    const [first, second] = leases.map((lease) => `/live-tree/lock/${lease.toString(16)}`);
    const take = async (at: 0 | 1) =>
      await outside.store.put(bytes([first, second][at] ?? ''), bytes(''), 'absent', {
        lifetime: { lease: leases[at] ?? 0n },
      });
    await take(0);
    const folder = await expand('/', 'live-tree', 'lock');
    await followed.tree.looks.load();
    const told = () => folder.loaded.map((node) => [keyText(node.path), followed.tree.looks.of(node)?.what] as const);
    assert.deepEqual(told(), [[first, 'lock or election: holder']]);
    await take(1);
    await until(() => folder.loaded.length === 2);
    assert.deepEqual(new Map(told()).get(first ?? ''), 'lock or election: holder');
    assert.deepEqual(new Map(told()).get(second ?? ''), 'lock or election: waiting');
    await outside.store.leases?.revoke(leases[0] ?? 0n);
    await until(() => folder.loaded.length === 1);
    assert.deepEqual(told(), [[second, 'lock or election: holder']]);
  });

  it('says which keys have a lease, as listed and as they change', async () => {
    const lease = (await outside.store.leases?.grant(600)) ?? 0n;
    await outside.put(['/live-tree/a', '1', lease], ['/live-tree/b', '1']);
    const folder = await expand('/', 'live-tree');
    assert.deepEqual(rows(folder), ['a expires with its lease', 'b']);
    await outside.put(['/live-tree/a', '2'], ['/live-tree/b', '2', lease], ['/live-tree/c', '1', lease]);
    await until(() => folder.loaded.length === 3);
    assert.deepEqual(rows(folder), ['a', 'b expires with its lease', 'c expires with its lease']);
  });

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
    // Nothing was listed; the client has at most acknowledged events.
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
    await until(() => followed.feeds.stateOf(folder.connection) === 'interrupted');
    await outside.put(['/live-tree/b', '1']);
    await outside.put(['/live-tree/c', '1']);
    await outside.deletePrefix('/live-tree/b');
    await gate.restore();
    await until(() => followed.feeds.stateOf(folder.connection) === 'live' && folder.loaded.length === 2);
    assert.deepEqual(rows(folder), ['a', 'c']);
  });

  it('shows in five seconds that etcd is gone or silent, and again that it answers', async function () {
    this.timeout('1m');
    await outside.put(['/live-tree/a', '1'], ['/live-tree/f/x', '1']);
    const { connection } = await expand('/', 'live-tree');
    const became = async (kind: string) => {
      const began = performance.now();
      await until(() => connection.state.kind === kind);
      return performance.now() - began;
    };
    await gate.cut();
    assert.ok((await became('failed')) < 5000);
    await gate.restore();
    assert.ok((await became('connected')) < 5000);
    const letThrough = await gate.hold();
    assert.ok((await became('failed')) < 5000);
    letThrough();
    assert.ok((await became('connected')) < 5000);
  });

  it('takes what came in between into the further pages of a large folder', async () => {
    const names = Array.from({ length: 700 }, (_, index) => `/live-tree/large/${String(index).padStart(4, '0')}`);
    await outside.put(...names.map((name) => [name, '1'] as const));
    const folder = await expand('/', 'live-tree', 'large');
    assert.equal(folder.loaded.length, 500);
    await outside.put(['/live-tree/large/0100a', '1'], ['/live-tree/large/0650a', '1']);
    await outside.deletePrefix('/live-tree/large/0660');
    await until(() => folder.loaded.length === 501);
    followed.tree.loadMore(folder);
    await wholeLevel(followed.tree, folder);
    await until(() => rows(folder).includes('0650a') && !rows(folder).includes('0660'));
    assert.deepEqual(
      rows(folder),
      [...names.map((name) => name.slice(-4)).filter((name) => name !== '0660'), '0100a', '0650a'].toSorted(),
    );
  });

  it('lists anew what was collapsed when it is expanded again, and only then', async () => {
    await outside.put(['/live-tree/a/one', '1']);
    const folder = await expand('/', 'live-tree', 'a');
    followed.view.collapse(folder);
    await outside.put(['/live-tree/a/two', '1'], ['/live-tree/b', '1']);
    const { parent } = folder;
    assert.ok(parent.kind === 'folder');
    await until(() => rows(parent).includes('b') && rows(parent).includes('a 2'));
    assert.deepEqual(rows(folder), ['one']);
    followed.view.expand(folder);
    await until(() => folder.loaded.length === 2);
    assert.deepEqual(rows(folder), ['one', 'two']);
  });

  it('asks and hears nothing while the view is hidden, and knows everything when it is shown again', async () => {
    await outside.put(['/live-tree/a', '1']);
    const folder = await expand('/', 'live-tree');
    followed.view.show(false);
    await until(() => followed.feeds.stateOf(folder.connection) === 'idle');
    const before = await gate.quietened();
    await outside.put(['/live-tree/b', '1'], ['/live-tree/c/d', '1']);
    await delay(LONGER_THAN_ANY_PAUSE);
    assert.deepEqual(rows(folder), ['a']);
    assert.equal(gate.sent, before);
    followed.view.show(true);
    await until(() => folder.loaded.length === 3);
    assert.deepEqual(rows(folder), ['a', 'b', 'c 1']);
  });

  it('follows only where the setting lets it', async () => {
    await outside.put(['/live-tree/a', '1']);
    const folder = await expand('/', 'live-tree');
    await setLive(false);
    await until(() => followed.feeds.stateOf(folder.connection) === 'off');
    await outside.put(['/live-tree/b', '1']);
    await setLive(true);
    await until(() => folder.loaded.length === 2);
    assert.deepEqual(rows(folder), ['a', 'b']);
  });

  it('lists anew after a compaction of what it has not heard', async () => {
    await outside.put(['/live-tree/a', '1']);
    const folder = await expand('/', 'live-tree');
    await gate.cut();
    await until(() => followed.feeds.stateOf(folder.connection) === 'interrupted');
    await outside.put(['/live-tree/b', '1']);
    await outside.put(['/live-tree/c', '1']);
    await outside.compact();
    await gate.restore();
    await until(() => folder.loaded.length === 3 && followed.feeds.stateOf(folder.connection) === 'live');
    assert.deepEqual(rows(folder), ['a', 'b', 'c']);
  });

  for (const isExpanded of [true, false])
    it(`bears 20,000 writes below ${isExpanded ? 'an expanded' : 'a collapsed'} folder, looking once a second`, async function () {
      this.timeout('5m');
      await outside.put(['/live-tree/calm/key', '1'], ['/live-tree/heavy/key', '1']);
      const folder = isExpanded ? await expand('/', 'live-tree', 'heavy') : await expand('/', 'live-tree');
      let drawn = 0;
      const listener = followed.tree.onDidChangeTreeData(() => drawn++);
      const start = performance.now();
      const sent = gate.sent;
      for (let written = 0; written < 20_000; written += 2000)
        await outside.put(
          ...Array.from({ length: 2000 }, (_, index) => [`/live-tree/heavy/${written + index}`, 'x'] as const),
        );
      await until(() => followed.feeds.stateOf(folder.connection) === 'live');
      const seconds = (performance.now() - start) / 1000;
      listener.dispose();
      // A listing or a count is a few requests; events before the flood is noticed are acknowledged too.
      assert.ok(gate.sent - sent < 60 + 30 * seconds, `${gate.sent - sent} pieces in ${seconds} s`);
      assert.ok(drawn <= 6 + 4 * seconds, `${drawn} times drawn in ${seconds} s`);
      await outside.put(['/live-tree/calm/other', '1'], ['/live-tree/heavy/other', '1']);
      const parent = isExpanded ? folder.parent : folder;
      assert.ok(parent.kind === 'folder');
      await until(() => rows(parent).includes('heavy 20,002') && rows(parent).includes('calm 2'));
    });
});
