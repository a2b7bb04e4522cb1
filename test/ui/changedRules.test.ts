import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

/** The revision at which `/folder/in` has its first value. */
const THEN = '4';
const REFUSAL = 'This connection is read-only: nothing was changed.';

describe('what was begun before the rules of a connection changed', () => {
  let server: EtcdServer;
  let other: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    [server, other] = [await startEtcd(), await startEtcd()];
    for (const key of ['/deleted', '/cut', '/folder/in']) await server.etcdctl(['put', key, 'value']);
    await server.etcdctl(['put', '/folder/in', 'newer']);
    await other.etcdctl(['put', '/moved/away', 'value']);
    workbench = await Workbench.open({ settings: settings({}) });
    const file = { prefix: '/', keys: [{ key: '/imported', value: 'new' }] };
    await writeFile(join(workbench.folder, 'keys.json'), JSON.stringify(file));
    await workbench.openView();
    await workbench.expand(/^changing/);
    await workbench.item('deleted').waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
    await other?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  function settings(rules: { readOnly?: boolean }) {
    const entries = [
      { name: 'changing', endpoints: [server.endpoint], ...rules },
      { name: 'other', endpoints: [other.endpoint] },
    ];
    // The settings are typed into their own editor.
    const typing = { 'editor.autoClosingBrackets': 'never', 'editor.autoClosingQuotes': 'never' };
    return { 'etcd.connections': entries, ...typing };
  }

  async function setRules(rules: { readOnly?: boolean }): Promise<void> {
    await workbench.command('Preferences: Open User Settings (JSON)');
    await workbench.type('settings.json', JSON.stringify({ ...(await workbench.userSettings()), ...settings(rules) }));
    await workbench.save();
    await workbench.unsaved('settings.json').waitFor({ state: 'detached' });
  }

  const difference = () =>
    workbench.page.getByRole('tree', { name: 'Comparison' }).getByRole('treeitem', { name: /^in/ });

  /** Begins to move a key to the connection whose rules will change; its source is gone as soon as that is confirmed. */
  async function stopMove(): Promise<void> {
    await workbench.expand(/^other/);
    await workbench.menu(workbench.item(/^moved/), 'Move To…');
    await workbench.choose(/^changing/);
    await workbench.fill('/');
    await workbench.choose(/^Move into \/$|^Move to the top/);
    const move = workbench.page.getByRole('option', { name: 'Move 1 key' });
    await move.waitFor();
    await other.stop();
    await move.click();
    await workbench.messages.told(/^Move \/moved\/ in other to \/moved\/ in changing: /);
  }

  async function keys(): Promise<string> {
    return (await server.etcdctl(['get', '', '--prefix', '--keys-only'])).stdout;
  }

  it('is refused where it is read-only now: Undo, a paste, an import, Restore and a stopped move', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item('deleted'), 'Delete');
    await workbench.answer('Delete');
    await workbench.item('deleted').waitFor({ state: 'detached' });
    await workbench.command('etcd: Import');
    await page.getByRole('option', { name: /^File/ }).click();
    await workbench.fileDialog(['keys.json']);
    await page.getByText(/Enter the new prefix|Prefix to add/).waitFor();
    await workbench.enter();
    await page
      .getByRole('tree', { name: 'Import Preview' })
      .getByRole('treeitem', { name: /^Added/ })
      .waitFor();
    await workbench.menu(workbench.item('cut'), 'Cut');

    await workbench.menu(workbench.item(/^folder/), 'Compare with Revision');
    await workbench.fill(THEN);
    await workbench.choose(new RegExp(`^Revision ${THEN}`));
    await workbench.choose(/^Now/);
    await difference().waitFor();
    await stopMove();

    await setRules({ readOnly: true });
    await workbench.item(/^changing.*read-only/i).waitFor();

    await workbench.command('etcd: Undo');
    await page.getByRole('option', { name: /^Deleted \/deleted/ }).click();
    await workbench.toasts.getByText(REFUSAL).waitFor();
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.item(/^changing/).click();
    await workbench.command('etcd: Paste');
    await workbench.toasts.getByText(REFUSAL).waitFor();
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.command('etcd: Import Chosen Keys');
    await workbench.toasts.getByText(REFUSAL).waitFor();
    await workbench.dismissMessages();
    await workbench.menu(difference(), 'Restore');
    await workbench.toasts.getByText(REFUSAL).waitFor();
    await workbench.dismissMessages();
    await workbench.commandChoice('etcd: Resume Interrupted Work', /Move \/moved\//);
    await workbench.toasts.getByText(REFUSAL).waitFor();
    await workbench.dismissMessages();
    assert.equal(await valueInEtcd(server, '/folder/in'), 'newer');
    assert.deepEqual((await keys()).split('\n').filter(Boolean), ['/cut', '/folder/in']);
  });
});
