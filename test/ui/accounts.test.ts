import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { expandRow } from './treeRows.ts';
import { until } from './until.ts';
import { Workbench } from './workbench.ts';

const PASSWORD = 'correct-horse';

describe('users and roles', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd({ rootUser: { rootPassword: PASSWORD } });
    await server.etcdctl(['put', '/app/config', 'value'], { user: '' });
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'open', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.item(/^open/).waitFor();
    await workbench.menu(workbench.item(/^open/), 'Show Cluster');
    await row(/^Users/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  function row(name: RegExp): Locator {
    return workbench.page.getByRole('tree', { name: 'Cluster' }).getByRole('treeitem', { name });
  }

  const expand = (name: RegExp) => expandRow(row(name));

  /** Types into the input with this title. */
  async function fill(title: string, text: string): Promise<void> {
    await workbench.page.locator('.quick-input-title').getByText(title).waitFor();
    await workbench.enter(text);
  }

  async function listed(...args: readonly string[]): Promise<string> {
    return (await server.etcdctl(args, { user: '' })).stdout;
  }

  it('do not switch authentication on without a root', async () => {
    await workbench.command('etcd: Switch On Authentication');
    await workbench.messages.told(/Authentication was not switched on\. There is no user named root/);
  });

  it('are added, with a password that is typed twice and not to be seen', async () => {
    const { page } = workbench;
    await workbench.menu(row(/^Users/), 'Add User');
    await fill('Name of the New User', 'root');
    await workbench.choose(/^With a password/);
    await page.getByText('It is not kept by VS Code.').waitFor();
    assert.equal(await workbench.input.getAttribute('type'), 'password');
    await workbench.enterPassword(PASSWORD);
    await page.getByText('Type it again.').waitFor();
    await workbench.enterPassword(PASSWORD);
    await workbench.answer('Add User');
    await until('root is there', async () => (await listed('user', 'list')).includes('root'));
    await workbench.menu(row(/^Roles/), 'Add Role');
    await fill('Name of the New Role', 'root');
    await workbench.answer('Add Role');
    await until('the role root is there', async () => (await listed('role', 'list')).includes('root'));
    await expand(/^Users/);
    await workbench.menu(row(/^root: no role/), 'Grant Role');
    await workbench.choose(/^root/);
    await workbench.answer('Grant Role');
    await row(/^root: root/).waitFor();
    assert.match(await listed('user', 'get', 'root'), /Roles: root/);
  });

  it('get the keys of a folder that is picked', async () => {
    const { page } = workbench;
    await workbench.menu(row(/^Roles/), 'Add Role');
    await fill('Name of the New Role', 'app');
    await workbench.answer('Add Role');
    await expand(/^Roles/);
    await workbench.menu(row(/^app: no user has it/), 'Grant Keys');
    await workbench.choose(/^read$/);
    await page.locator('.quick-input-title').getByText('Keys of the Role app').waitFor();
    await workbench.fill('/app/');
    await workbench.choose(/^Everything that begins with \/app\//);
    await workbench.dialog.getByText('Let the role app read what begins with /app/?').waitFor();
    await workbench.answer('Grant');
    await expand(/^app: no user has it/);
    await row(/^what begins with \/app\/: read/).waitFor();
    assert.match(await listed('role', 'get', 'app'), /\/app\//);
    await workbench.picture('roles');
  });

  it('are named for a folder: who may read and write it, and through which role', async () => {
    await server.etcdctl(['user', 'add', `ann:${PASSWORD}`], { user: '' });
    await server.etcdctl(['user', 'grant-role', 'ann', 'app'], { user: '' });
    await workbench.expand(/^open/);
    await workbench.menu(workbench.item(/^app/), 'Show Who Has Access');
    const { report } = workbench;
    await report.getByRole('heading', { name: 'Who has access to /app/ in open' }).waitFor();
    await report.getByRole('row', { name: 'ann app all' }).waitFor();
    assert.equal(await report.getByRole('row', { name: 'root root all' }).count(), 2);
    await workbench.picture('access');
  });

  it('are looked through: the keys that a user may read, beside all of them', async () => {
    await server.etcdctl(['put', '/secret/key', 'value'], { user: '' });
    await workbench.item(/^secret/).waitFor();
    await workbench.command('etcd: Refresh Cluster');
    await expand(/^Users/);
    await workbench.menu(row(/^ann: app/), 'Browse as User');
    const viewed = workbench.item(/^open as ann @ \d+/);
    await viewed.waitFor();
    await until('both are shown, one without what ann may not read', async () => {
      const [apps, secrets] = [await workbench.item(/^app/).count(), await workbench.item(/^secret/).count()];
      return apps === 2 && secrets === 1;
    });
    await workbench.picture('browse-as-user');
    await workbench.menu(viewed, 'Return to Now');
    await viewed.waitFor({ state: 'detached' });
  });

  it('are asked for once authentication is switched on', async () => {
    await workbench.command('etcd: Switch On Authentication');
    await workbench.dialog.getByText('Switch on authentication in open?').waitFor();
    await workbench.dialog.getByText(/This connection signs nobody in/).waitFor();
    await workbench.answer('Switch On');
    await until('nobody is let in', async () => {
      const { code } = await server.etcdctl(['get', '/app/config'], { user: '' });
      return code !== 0;
    });
    assert.match((await server.etcdctl(['get', '/app/config'])).stdout, /value/);
  });
});
