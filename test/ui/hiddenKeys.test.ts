import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Workbench } from './workbench.ts';

describe('keys that the tree does not show', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of ['events/one', 'events/two', 'free']) await server.etcdctl(['put', key, `value of ${key}`]);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.item('free').waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  it('are named in Edit Connection, and a row says how many they are', async () => {
    const { page } = workbench;
    await workbench.item(/^events/).waitFor();
    await workbench.menu(workbench.item(/^local/), 'Edit Connection');
    await workbench.fill('Hidden');
    await workbench.choose(/^Hidden, nothing/);
    await page.getByText(/^Globs of the keys and folders that the tree does not show/).waitFor();
    await workbench.focusQuestion();
    await page.keyboard.type('events/**');
    await workbench.enter();
    await page.getByRole('option', { name: /^Endpoints/ }).waitFor();
    const list = (await workbench.userSetting('etcd.connections')) as Record<string, unknown>[];
    assert.deepEqual(list[0]?.['hidden'], ['events/**']);
    await page.keyboard.press('Escape');
    await workbench.expand(/^local/);
    await workbench.item(/^1 hidden/).waitFor();
    await workbench.item(/^events/).waitFor({ state: 'detached' });
    await workbench.item('free').waitFor();
  });

  it('are still opened by Go to Key', async () => {
    const { page } = workbench;
    await workbench.command('etcd: Go to Key…');
    await page
      .getByText(/^Type the path of a key or a folder|Go to Key/)
      .first()
      .waitFor();
    await workbench.focusQuestion();
    await page.keyboard.type('events/two');
    await workbench.choose(/^events\/two/);
    await page.locator('.tab.active[data-resource-name="two"]').waitFor();
    await workbench.editorText.getByText('value of events/two').waitFor();
    assert.equal(await workbench.item(/^events/).count(), 0);
  });
});
