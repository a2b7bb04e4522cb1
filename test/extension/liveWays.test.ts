import assert from 'node:assert/strict';
import { ConfigurationTarget, workspace } from 'vscode';
import { nameFilter } from '../../src/etcd/search/nameFilter.ts';
import { bufferingProxy } from '../etcd/connect/reverseProxies.ts';
import { FollowedTree } from './followedTree.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';
import { wholeLevel } from './wholeLevel.ts';

describe('the live tree, whatever way leads to etcd and whatever is shown of it,', () => {
  let outside: Outside;
  let followed: FollowedTree;

  before(async () => {
    outside = await Outside.connect();
  });
  after(async () => {
    await setConnections();
    await outside.deletePrefix('/live-ways');
    outside.close();
  });
  beforeEach(async () => {
    await outside.deletePrefix('/live-ways');
    await outside.put(['/live-ways/apple', '1'], ['/live-ways/f/x', '1']);
  });
  afterEach(() => followed.dispose());

  async function open(endpoint = ENDPOINT, transport: 'gateway' | 'grpc' = 'grpc'): Promise<void> {
    await setConnections({ name: 'ways', endpoints: [endpoint], transport });
    followed = new FollowedTree();
  }

  it('is told what happens by the gateway, too', async () => {
    await open(ENDPOINT, 'gateway');
    const folder = await followed.expand('/', 'live-ways');
    await outside.put(['/live-ways/b', '1'], ['/live-ways/f/y', '1']);
    await followed.until(() => followed.rows(folder).join() === 'apple,b,f 2');
    await outside.deletePrefix('/live-ways/f/');
    await followed.until(() => followed.rows(folder).join() === 'apple,b');
    assert.equal(followed.feeds.stateOf(folder.connection), 'live');
  });

  it('asks again and again where a proxy holds back what etcd tells', async function () {
    this.timeout('5m');
    const between = await bufferingProxy(ENDPOINT);
    try {
      await open(between.endpoint, 'gateway');
      const folder = await followed.expandUnfollowed('/', 'live-ways');
      await followed.untilState(folder, 'polling');
      await outside.put(['/live-ways/b', '1']);
      await followed.until(() => followed.rows(folder).join() === 'apple,b,f 1');
      await outside.deletePrefix('/live-ways/apple');
      await followed.until(() => followed.rows(folder).join() === 'b,f 1');
      assert.equal(followed.feeds.stateOf(folder.connection), 'polling');
    } finally {
      followed.dispose();
      between.close();
    }
  });

  it('shows in a filtered folder what matches, and nothing else', async () => {
    await open();
    const folder = await followed.expand('/', 'live-ways');
    followed.tree.filterFolder(folder, nameFilter('ap*'));
    await wholeLevel(followed.tree, folder);
    assert.deepEqual(followed.rows(folder), ['apple']);
    await outside.put(['/live-ways/banana', '1'], ['/live-ways/apricot', '1'], ['/live-ways/f/apex', '1']);
    await followed.until(() => folder.loaded.length === 2);
    assert.deepEqual(followed.rows(folder), ['apple', 'apricot']);
    await outside.deletePrefix('/live-ways/apple');
    await followed.until(() => followed.rows(folder).join() === 'apricot');
  });

  it('shows what happens in a pinned folder there and in its usual place', async () => {
    const pins = { ways: ['/live-ways/f/'] };
    await workspace.getConfiguration('etcd').update('pinnedFolders', pins, ConfigurationTarget.Global);
    try {
      await open();
      const usual = await followed.expand('/', 'live-ways', 'f');
      const [pinned] = await wholeLevel(followed.tree, await followed.root());
      assert.ok(pinned?.kind === 'folder' && pinned !== usual);
      await wholeLevel(followed.tree, pinned);
      await outside.put(['/live-ways/f/y', '1'], ['/live-ways/f/z/deep', '1']);
      for (const folder of [usual, pinned]) await followed.until(() => followed.rows(folder).join() === 'x,y,z 1');
      await outside.deletePrefix('/live-ways/f/x');
      for (const folder of [usual, pinned]) await followed.until(() => followed.rows(folder).join() === 'y,z 1');
    } finally {
      await workspace.getConfiguration('etcd').update('pinnedFolders', undefined, ConfigurationTarget.Global);
    }
  });
});
