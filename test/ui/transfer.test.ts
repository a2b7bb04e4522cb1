import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Workbench } from './workbench.ts';

describe('keys under new names', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of ['/old name', '/team/a%', '/team/b/c', '/other/a%']) await server.etcdctl(['put', key, key]);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.item('old name').waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function keysInEtcd(prefix: string): Promise<string[]> {
    const { stdout } = await server.etcdctl(['get', prefix, '--prefix', '--keys-only']);
    return stdout.split('\n').filter(Boolean);
  }

  it('renames a key', async () => {
    await workbench.menu(workbench.item('old name'), 'Rename');
    await workbench.page.getByText('Rename /old name').waitFor();
    await workbench.picture('rename');
    await workbench.enter('/new name');
    await workbench.item('new name').waitFor();
    await workbench.item('old name').waitFor({ state: 'detached' });
    assert.deepEqual(await keysInEtcd('/new'), ['/new name']);
  });

  it('duplicates a key', async () => {
    await workbench.menu(workbench.item('new name'), 'Duplicate');
    await workbench.enter('/second name');
    await workbench.item('second name').waitFor();
    await workbench.item('new name').waitFor();
  });

  it('moves a folder after saying how many keys, and leaves what is taken where it is', async () => {
    await workbench.menu(workbench.item(/^team/), 'Rename');
    await workbench.enter('/other/');
    const skip = workbench.page.getByRole('option', { name: /Move 1 key, skip existing keys/ });
    await skip.waitFor();
    await workbench.picture('move-folder');
    await skip.click();
    await workbench.messages.told(/1 key done\. Not moved, .*: \/team\/a%\./);
    assert.deepEqual(await keysInEtcd('/team/'), ['/team/a%']);
    assert.deepEqual(await keysInEtcd('/other/'), ['/other/a%', '/other/b/c']);
  });

  it('renames by F2 what is selected in the tree', async () => {
    await workbench.item('second name').click();
    await workbench.editorText.getByText('/old name').waitFor();
    await workbench.page.keyboard.press('F2');
    await workbench.enter('/third name');
    await workbench.item('third name').waitFor();
    assert.deepEqual(await keysInEtcd('/second'), []);
  });
});
