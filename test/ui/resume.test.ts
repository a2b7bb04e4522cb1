import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { HeldPort } from './heldPort.ts';
import { untilInPalette } from './palette.ts';
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
    await workbench.keepFailure(this.currentTest);
    way.release();
    await workbench.dismissMessages();
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

  /** Begins to move a folder to the other connection, which no longer answers, and closes the window. */
  async function leaveMove(folder: string): Promise<void> {
    await workbench.expand(/^there/);
    await workbench.item(/^import/).waitFor();
    await workbench.menu(workbench.item(new RegExp(`^${folder}`)), 'Move To…');
    await workbench.choose(/^there/);
    await workbench.fill('/');
    await workbench.choose(/^Move into \/$|^Move to the top/);
    const move = workbench.page.getByRole('option', { name: `Move ${NAMES.length} keys` });
    await move.waitFor();
    way.hold();
    await move.click();
    await workbench.messages.told(new RegExp(`^Move /${folder}/ in here`));
    await workbench.reloadInOrder();
    way.release();
  }

  /** Waits until the palette does not offer to resume anything. */
  async function untilNothingToResume(): Promise<void> {
    const { page, input } = workbench;
    const option = (title: RegExp) => page.getByRole('option', { name: title }).first();
    await untilInPalette(page, 'nothing to resume', async () => {
      // Once the palette lists the extension's commands, this one is among them, or it is not offered.
      await input.fill('>etcd: Re');
      await option(/^etcd: Refresh/).waitFor();
      return !(await option(/^etcd: Resume/).isVisible());
    });
    await page.keyboard.press('Escape');
  }

  it('goes on when the connection is opened again and the user says so', async () => {
    await leaveMove('held');
    assert.equal((await keys(here, '/held/')).length, NAMES.length);
    await showKeys();
    await workbench.messages.told('Interrupted after 0 of 5 keys: Move /held/ in here to /held/ in there.');
    await workbench.picture('resume-after-reload');
    await workbench.messages.press('Resume');
    await until('the move', async () => (await keys(here, '/held/')).length === 0);
    await workbench.messages.told(/Moved \/held\/ in here/);
    assert.deepEqual(await keys(there, '/held/'), NAMES.map((name) => `/held/${name}`).toSorted());
    for (const name of NAMES) assert.equal(await valueInEtcd(there, `/held/${name}`), name);
    // The record is forgotten then.
    await untilNothingToResume();
  });

  it('is an import too, which a command resumes from its file', async () => {
    const { page } = workbench;
    const content = NAMES.map((name) => ({ key: `/import/${name}`, value: `new ${name}` }));
    await writeFile(join(workbench.folder, 'keys.json'), JSON.stringify({ keys: content }));
    await workbench.expand(/^there/);
    await workbench.menu(workbench.item(/^there/), 'Import');
    await workbench.choose(/^File/);
    await workbench.fileDialog(['keys.json']);
    await page.getByText(/Prefix to add/).waitFor();
    await workbench.enter();
    const preview = page.getByRole('tree', { name: 'Import Preview' });
    await preview.getByRole('treeitem', { name: 'Added 4' }).waitFor();
    await page.getByText('5 of 5 keys chosen').waitFor();
    const row = preview.getByRole('treeitem', { name: '/import/a b' });
    await workbench.tick(row, false, page.getByText('4 of 5 keys chosen'));
    await workbench.viewIcon('Import Preview', 'Import Chosen Keys…');
    await workbench.dialog.waitFor();
    way.hold();
    await workbench.answer('Import');
    await workbench.messages.told(/Importing keys.json into there/);
    await workbench.reloadInOrder();
    way.release();
    await workbench.openView();
    await workbench.command('etcd: Resume Interrupted Work');
    const item = page.getByRole('option', { name: /Import of keys.json into there/ });
    await item.waitFor();
    await workbench.picture('resume-list');
    await item.click();
    await workbench.messages.told(/4 keys were imported into there/);
    await workbench.picture('resume-import');
    for (const name of NAMES.slice(1)) assert.equal(await valueInEtcd(there, `/import/${name}`), `new ${name}`);
    // This key was not chosen.
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
    await item.getByRole('button', { name: 'Forget it and leave everything as it is' }).click();
    await item.waitFor({ state: 'detached' });
    await untilNothingToResume();
    assert.equal((await keys(here, '/given up/')).length, NAMES.length);
  });
});
