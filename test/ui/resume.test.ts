import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { HeldPort } from './heldPort.ts';
import { until, valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

const NAMES = ['a b', 'dir/../up', 'x', 'x/below', 'é%2F~'];

describe('work that is interrupted by the end of its window', () => {
  let here: EtcdServer;
  let there: EtcdServer;
  let way: HeldPort;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    [here, there] = [await startEtcd(), await startEtcd({ version: '3.4' })];
    way = await HeldPort.open(there.port);
    for (const name of NAMES)
      for (const prefix of ['/held/', '/given up/']) await here.etcdctl(['put', prefix + name, name]);
    await there.etcdctl(['put', '/import/x', 'old']);
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [
          { name: 'here', endpoints: [here.endpoint] },
          { name: 'there', endpoints: [way.endpoint] },
        ],
      },
    });
    await showKeys();
  });
  after(async () => {
    await workbench?.close();
    way?.close();
    await here?.stop();
    await there?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.picture(this.currentTest.title.replaceAll(/\W+/g, '-'));
    way.release();
    await workbench.command('Notifications: Clear All Notifications');
  });

  async function showKeys(): Promise<void> {
    await workbench.openView();
    await workbench.expand(/^here/);
    await workbench
      .item(/^held|^given up/)
      .first()
      .waitFor();
  }

  async function keys(server: EtcdServer, prefix: string): Promise<string[]> {
    const { stdout } = await server.etcdctl(['get', prefix, '--prefix', '--keys-only']);
    return stdout.split('\n').filter(Boolean);
  }

  async function choose(option: string | RegExp): Promise<void> {
    await workbench.page.getByRole('option', { name: option }).first().click();
  }

  /** Begins to move a folder to the other connection, which does not answer any more, and closes the window over it. */
  async function leaveMove(folder: string): Promise<void> {
    await workbench.expand(/^there/);
    await workbench.item(/^import/).waitFor();
    await workbench.menu(workbench.item(new RegExp(`^${folder}`)), 'Move To…');
    await choose(/^there/);
    await workbench.input.fill('/');
    await choose(/^Move into \/$|^Move to the top/);
    const move = workbench.page.getByRole('option', { name: `Move ${NAMES.length} keys` });
    await move.waitFor();
    way.hold();
    await move.click();
    await workbench.toasts.getByText(new RegExp(`^Move /${folder}/ in here`)).waitFor();
    await workbench.reloadInOrder();
    way.release();
  }

  it('goes on when the connection is opened again and the user says so', async () => {
    await leaveMove('held');
    assert.equal((await keys(here, '/held/')).length, NAMES.length);
    await showKeys();
    await workbench.toasts
      .getByText('Interrupted after 0 of 5 keys: Move /held/ in here to /held/ in there.')
      .waitFor();
    await workbench.picture('resume-after-reload');
    await workbench.toasts.getByRole('button', { name: 'Resume', exact: true }).click();
    await until('the move', async () => (await keys(here, '/held/')).length === 0);
    await until('its end', async () => (await workbench.toasts.getByText(/Moved \/held\/ in here/).count()) > 0);
    assert.deepEqual(await keys(there, '/held/'), NAMES.map((name) => `/held/${name}`).toSorted());
    for (const name of NAMES) assert.equal(await valueInEtcd(there, `/held/${name}`), name);
    // It is forgotten then.
    await workbench.command('etcd: Resume Interrupted Work');
    await workbench.toasts.getByText('No move, copy or import was interrupted.').waitFor();
  });

  it('is an import too, which a command resumes from its file', async () => {
    const { page } = workbench;
    const content = NAMES.map((name) => ({ key: `/import/${name}`, value: `new ${name}` }));
    await writeFile(join(workbench.folder, 'keys.json'), JSON.stringify({ keys: content }));
    await workbench.expand(/^there/);
    await workbench.menu(workbench.item(/^there/), 'Import');
    await choose(/^File/);
    await workbench.fileDialog(['keys.json']);
    await page.getByText(/What is to stand before/).waitFor();
    await page.keyboard.press('Enter');
    const preview = page.getByRole('tree', { name: 'Import Preview' });
    await preview.getByRole('treeitem', { name: 'Added 4' }).waitFor();
    await page.getByText('5 of 5 keys are chosen').waitFor();
    await preview.getByRole('treeitem', { name: '/import/a b' }).getByRole('checkbox').click();
    await page.getByText('4 of 5 keys are chosen').waitFor();
    await workbench.viewIcon('Import Preview', 'Import Chosen Keys…');
    await workbench.dialog.waitFor();
    way.hold();
    await workbench.answer('Import');
    await workbench.toasts.getByText(/Importing keys.json into there/).waitFor();
    await workbench.reloadInOrder();
    way.release();
    await workbench.openView();
    await workbench.command('etcd: Resume Interrupted Work');
    const item = page.getByRole('option', { name: /Import of keys.json into there/ });
    await item.waitFor();
    await workbench.picture('resume-list');
    await item.click();
    await workbench.toasts.getByText(/4 keys were imported into there/).waitFor();
    await workbench.picture('resume-import');
    for (const name of NAMES.slice(1)) assert.equal(await valueInEtcd(there, `/import/${name}`), `new ${name}`);
    // It was not chosen.
    assert.deepEqual(await keys(there, '/import/a b'), []);
  });

  it('is forgotten where the user gives it up', async () => {
    const { page } = workbench;
    await showKeys();
    await leaveMove('given up');
    await workbench.openView();
    await workbench.command('etcd: Resume Interrupted Work');
    const item = page.getByRole('option', { name: /Move \/given up\// });
    await item.waitFor();
    await item.hover();
    await item.getByRole('button', { name: 'Leave it as it is, and forget it' }).click();
    await item.waitFor({ state: 'detached' });
    await workbench.command('etcd: Resume Interrupted Work');
    await workbench.toasts.getByText('No move, copy or import was interrupted.').waitFor();
    assert.equal((await keys(here, '/given up/')).length, NAMES.length);
  });
});
