import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Workbench } from './workbench.ts';

const NAMES = ['app one', 'app-two', 'naïve ☃', '100% [sure]?', 'back\\slash'];

describe('filters, pinned folders and saved searches', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const name of NAMES) await server.etcdctl(['put', '--', `/odd/${name}`, 'x']);
    for (const key of ['/odd/deep 100%/☃/key', '/odd/deep 100%/other', '/plain'])
      await server.etcdctl(['put', key, 'x']);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.expand(/^odd/);
    await workbench.item('app one').waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  /** An icon that is visible while the pointer is on an item. */
  it('filters a folder, says so, and clears that by one click', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^odd/), 'Filter');
    await page.getByText('Filter /odd/').waitFor();
    await workbench.enter('APP');
    const filtered = workbench.item(/^odd.*only APP/);
    await filtered.waitFor();
    await workbench.item('naïve ☃').waitFor({ state: 'detached' });
    await workbench.item('app one').waitFor();
    await server.etcdctl(['put', '/odd/app three', 'x']);
    await server.etcdctl(['put', '/odd/other', 'x']);
    await workbench.command('etcd: Refresh');
    await workbench.item('app three').waitFor();
    assert.equal(await workbench.item('other').count(), 0);
    await filtered.hover();
    await workbench.picture('filter');
    await workbench.icon(filtered, 'Clear Filter', workbench.item('naïve ☃'));
    await workbench.item('naïve ☃').waitFor();
    await workbench.item('other').waitFor();
    await filtered.waitFor({ state: 'detached' });
  });

  it('filters by a glob, and says where nothing matches', async () => {
    const odd = workbench.item(/^odd/);
    await workbench.menu(odd, 'Filter');
    await workbench.enter('*☃');
    await workbench.item('app one').waitFor({ state: 'detached' });
    await workbench.item('naïve ☃').waitFor();
    await workbench.menu(odd, 'Filter');
    await workbench.enter('nothing like this');
    await workbench.item('No name matches nothing like this').waitFor();
    await workbench.menu(odd, 'Clear Filter');
    await workbench.item('app one').waitFor();
  });

  it('clears the filter of a folder that is picked, whatever row is selected', async () => {
    await workbench.menu(workbench.item(/^odd/), 'Filter');
    await workbench.enter('*e*');
    await workbench.item('app-two').waitFor({ state: 'detached' });
    await workbench.menu(workbench.item(/^deep 100%/), 'Filter');
    await workbench.enter('oth');
    const deep = workbench.item(/^deep 100%.*only oth/);
    await deep.waitFor();
    await deep.click();
    await workbench.commandChoice('etcd: Clear Filter', /^\/odd\/(?!deep)/);
    await workbench.item('app-two').waitFor();
    await deep.waitFor();
    await workbench.item('app one').click();
    await workbench.command('etcd: Clear Filter');
    await deep.waitFor({ state: 'detached' });
  });

  it('pins a folder at the top of its connection, where it is a folder as any other', async () => {
    await workbench.menu(workbench.item(/^deep 100%/), 'Pin Folder');
    const pinned = workbench.item(/^\/odd\/deep 100%\//);
    await pinned.waitFor();
    await pinned.click();
    await workbench.item('other').first().waitFor();
    await workbench.expand(/^deep 100%/);
    await workbench.tree.getByRole('treeitem', { name: '☃', level: 3 }).waitFor();
    await workbench.tree.getByRole('treeitem', { name: '☃', level: 4 }).waitFor();
    await pinned.hover();
    await workbench.picture('pinned');
    assert.deepEqual(await workbench.userSetting('etcd.pinnedFolders'), { local: ['/odd/deep 100%/'] });
  });

  it('keeps a search under a name', async () => {
    const { page } = workbench;
    await workbench.command('etcd: Find Keys');
    await page.getByText('Find Keys in local').waitFor();
    await workbench.fill('/odd/*☃*');
    await workbench.choose(/^Keys that match this glob/);
    const results = page.getByRole('tree', { name: 'Search Results' });
    await results.getByRole('treeitem', { name: '/odd/naïve ☃' }).waitFor();
    await workbench.command('etcd: Save Search');
    await page.getByText('Save Search of local').waitFor();
    await workbench.enter('snow [men] 100%');
    await workbench.command('etcd: Clear Search Results');
    await results.getByRole('treeitem').waitFor({ state: 'detached' });
  });

  it('has pins and saved searches after a restart; a folder that is gone is an empty one', async () => {
    const { page } = workbench;
    await server.etcdctl(['del', '--prefix', '/odd/deep']);
    await workbench.reload();
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.expand(/^\/odd\/deep 100%\//);
    await workbench.item('No keys').waitFor();
    await workbench.command('etcd: Saved Searches');
    const saved = page.getByRole('option', { name: /^snow \[men\] 100%, \/odd\/\*☃\*/ });
    await saved.waitFor();
    await workbench.picture('saved-searches');
    await saved.click();
    const results = page.getByRole('tree', { name: 'Search Results' });
    await results.getByRole('treeitem', { name: '/odd/naïve ☃' }).waitFor();
  });

  it('unpins, and deletes a saved search', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^\/odd\/deep 100%\//), 'Unpin Folder');
    await workbench.item(/^\/odd\/deep 100%\//).waitFor({ state: 'detached' });
    await workbench.command('etcd: Saved Searches');
    const saved = page.getByRole('option', { name: /^snow/ });
    await saved.hover();
    await saved.getByRole('button', { name: 'Delete this search' }).click();
    await page.getByRole('option', { name: /^There are no saved searches/ }).waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await workbench.userSetting('etcd.savedSearches'), undefined);
    assert.equal(await workbench.userSetting('etcd.pinnedFolders'), undefined);
  });
});
