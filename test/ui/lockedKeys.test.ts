import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { allTitlesInMenu } from './rowMenu.ts';
import { until, valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

describe('keys that a list of globs makes read-only', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of ['safe/one', 'safe/two', 'free']) await server.etcdctl(['put', key, `value of ${key}`]);
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

  const option = (name: RegExp) => workbench.page.getByRole('option', { name });

  it('are named in Edit Connection, where a wrong list is explained', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^local/), 'Edit Connection');
    await workbench.choose(/^Read-only, no/);
    await workbench.choose(/^some keys…/);
    await page.getByText(/^Globs of the keys that nothing may change/).waitFor();
    await workbench.enter('x'.repeat(501));
    await page.getByText(/at most 100 globs of at most 500 characters/).waitFor();
    await workbench.fill('');
    await page.keyboard.type('safe/**, {a,b}/x');
    await workbench.enter();
    await option(/^Read-only, only safe\/\*\*, \{a,b\}\/x/).waitFor();
    const list = (await workbench.userSetting('etcd.connections')) as Record<string, unknown>[];
    assert.deepEqual(list[0]?.['readOnly'], ['safe/**', '{a,b}/x']);
    await page.keyboard.press('Escape');
  });

  it('have no commands that change them in their menus', async () => {
    await workbench.expand(/^local/);
    await workbench.item('free').waitFor();
    const writes = ['Delete…', 'Rename…', 'Cut'];
    // The rows of the earlier settings may still be there.
    await until('the folder is read-only', async () => !(await titles(/^safe/)).includes('Delete…'));
    const [folder, free] = [await titles(/^safe/), await titles('free')];
    for (const title of writes) {
      assert.ok(free.includes(title), `${title} is among ${free.join(', ')}`);
      assert.ok(!folder.includes(title), `${title} is not for a read-only folder`);
    }
    assert.ok(!folder.includes('New Key…'));
    await workbench.expand(/^safe/);
    const one = await titles('one');
    for (const title of writes) assert.ok(!one.includes(title));
  });

  it('open read-only, and the status bar says why', async () => {
    await openKey(workbench, 'one');
    await workbench.page.locator('.tab[data-resource-name="one"] [aria-label$="• Read-only"]').waitFor();
    await workbench.page
      .locator('.statusbar-item')
      .getByLabel(/Read-only: A glob in "readOnly" of the connection matches it/)
      .waitFor();
    await workbench.page.keyboard.type('nothing');
    assert.equal(await valueInEtcd(server, 'safe/one'), 'value of safe/one');
    await openKey(workbench, 'free');
    await workbench.type('free', 'changed');
    await workbench.save();
    await until('etcd has it', async () => (await valueInEtcd(server, 'free')) === 'changed');
  });

  it('are not deleted by a command of the palette, which says why', async () => {
    const { page } = workbench;
    await openKey(workbench, 'two');
    await workbench.command('etcd: Delete…');
    await workbench.messages.told(
      /A glob in "readOnly" of the connection matches safe\/two, so that nothing may change/,
    );
    assert.equal(await valueInEtcd(server, 'safe/two'), 'value of safe/two');
    await page.keyboard.press('Escape');
  });

  async function titles(row: string | RegExp): Promise<string[]> {
    return await allTitlesInMenu(workbench.page, workbench.item(row));
  }
});
