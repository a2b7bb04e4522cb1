import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until, valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

/** Everything between a click and the loss of a key, while someone else is at work. */
describe('deletes and their undo while somebody else writes', () => {
  let here: EtcdServer;
  let production: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    [here, production] = [await startEtcd(), await startEtcd()];
    for (const key of ['/counted/a', '/counted/b', '/from/a', '/from/b', '/to/other']) await put(here, key, 'old');
    for (const key of ['/vital/a', '/vital/b']) await put(production, key, 'old');
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [
          { name: 'here', endpoints: [here.endpoint] },
          { name: 'prod', endpoints: [production.endpoint], production: true },
        ],
      },
    });
    await workbench.openView();
    await workbench.expand(/^here/);
    await workbench.item(/^counted/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await here?.stop();
    await production?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.picture(this.currentTest.title.replaceAll(/\W+/g, '-'));
    await workbench.page.keyboard.press('Escape');
    await workbench.command('Notifications: Clear All Notifications');
  });

  async function put(server: EtcdServer, key: string, value: string): Promise<void> {
    const { code, stderr } = await server.etcdctl(['put', key, value]);
    assert.equal(code, 0, stderr);
  }

  async function keys(server: EtcdServer, prefix: string): Promise<string[]> {
    const { stdout } = await server.etcdctl(['get', prefix, '--prefix', '--keys-only']);
    return stdout.split('\n').filter(Boolean);
  }

  it('asks again where a key was written while the question was open, and deletes nothing before that', async () => {
    const { page, dialog } = workbench;
    await workbench.menu(workbench.item(/^counted/), 'Delete');
    await dialog.getByText('Delete all 2 keys that start with /counted/ from here?').waitFor();
    await put(here, '/counted/new', 'theirs');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByText('Delete all 3 keys that start with /counted/ from here?').waitFor();
    await dialog.getByText('Keys were added or changed in the meantime').waitFor();
    assert.deepEqual(await keys(here, '/counted/'), ['/counted/a', '/counted/b', '/counted/new']);
    await put(here, '/counted/a', 'changed by them');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByText('Keys were added or changed in the meantime').waitFor();
    assert.equal(await valueInEtcd(here, '/counted/a'), 'changed by them');
    await workbench.answer('Cancel');
    await page.keyboard.press('Escape');
    assert.deepEqual(await keys(here, '/counted/'), ['/counted/a', '/counted/b', '/counted/new']);
  });

  it('deletes nothing from production by Enter in the empty box, nor by another text', async () => {
    const { page } = workbench;
    await workbench.expand(/^prod/);
    await workbench.item(/^vital/).waitFor();
    const box = page.getByText('Delete all 2 keys that start with /vital/ from prod?');
    await workbench.menu(workbench.item(/^vital/), 'Delete');
    await box.waitFor();
    await workbench.enter();
    await box.waitFor({ state: 'hidden' });
    await workbench.menu(workbench.item(/^vital/), 'Delete');
    // It counts the keys again.
    await box.waitFor();
    assert.deepEqual(await keys(production, '/vital/'), ['/vital/a', '/vital/b']);
    await workbench.enter('/vital');
    await page.getByText('Type /vital/, or press Escape.').waitFor();
    await page.keyboard.press('Escape');
    await box.waitFor({ state: 'hidden' });
    assert.deepEqual(await keys(production, '/vital/'), ['/vital/a', '/vital/b']);
    await workbench.menu(workbench.item(/^vital/), 'Delete');
    await box.waitFor();
    await workbench.enter('/vital/');
    await until('the keys are deleted', async () => (await keys(production, '/vital/')).length === 0);
  });

  it('leaves a moved key where it is if somebody else has taken its old name', async () => {
    await workbench.menu(workbench.item(/^from/), /^Rename…$/);
    await workbench.enter('/to/');
    await workbench.page.getByRole('option', { name: 'Move 2 keys' }).first().click();
    await workbench.toasts.getByText('Moved /from/ to /to/ in here').waitFor();
    assert.deepEqual(await keys(here, '/from/'), []);
    await put(here, '/from/a', 'theirs');
    await workbench.toasts.getByRole('button', { name: 'Undo' }).click();
    await workbench.toasts.getByText(/Skipped because others changed them: \/from\/a/).waitFor();
    assert.deepEqual(await keys(here, '/to/'), ['/to/a', '/to/other']);
    assert.equal(await valueInEtcd(here, '/to/a'), 'old');
    assert.equal(await valueInEtcd(here, '/from/a'), 'theirs');
    assert.equal(await valueInEtcd(here, '/from/b'), 'old');
  });
});
