import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { Workbench } from './workbench.ts';

describe('several roots of a connection', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of ['/config/one', '/service/two', '/other/three'])
      await server.etcdctl(['put', key, `value of ${key}`]);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.item(/^other/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  it('are typed in Edit Connection, and each is a row that follows etcd', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^local/), 'Edit Connection');
    await workbench.fill('Root');
    await workbench.choose(/^Root, everything is shown/);
    await page.getByText(/^Show only keys below this prefix, or several/).waitFor();
    await workbench.focusQuestion();
    await page.keyboard.type('/config/, /service/');
    await workbench.enter();
    await page.getByRole('option', { name: /^Endpoints/ }).waitFor();
    const list = (await workbench.userSetting('etcd.connections')) as Record<string, unknown>[];
    assert.deepEqual(list[0]?.['root'], ['/config/', '/service/']);
    await page.keyboard.press('Escape');
    await workbench.expand(/^local/);
    await workbench.item(/^\/config\//).waitFor();
    await workbench.item(/^other/).waitFor({ state: 'detached' });
    await workbench.expand(/^\/service\//);
    await workbench.item('two').waitFor();
    await server.etcdctl(['put', '/service/new', 'x']);
    await workbench.item('new').waitFor();
    await openKey(workbench, 'two');
    await workbench.editorText.getByText('value of /service/two').waitFor();
  });
});
