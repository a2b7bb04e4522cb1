import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { axeFindings } from './axe.ts';
import { expandRow } from './treeRows.ts';
import { until } from './until.ts';
import { keepCommitting } from '../etcd/snapshotFile/busyFile.ts';
import { comes } from './visible.ts';
import { Workbench } from './workbench.ts';

describe('snapshot files', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const args of [
      ['put', '/config/app', 'port: 1'],
      ['put', '/config/gone', 'first value'],
      ['put', '/config/gone', 'last value'],
      ['put', '/config/same', 'unchanged'],
      ['del', '/config/gone'],
    ])
      await etcdctl(...args);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
      prepare: async (folder) => {
        await etcdctl('snapshot', 'save', join(folder, 'backup.db'));
        await writeFile(join(folder, 'notes.db'), 'This is not from etcd.');
      },
    });
    await etcdctl('put', '/config/app', 'port: 2');
    await etcdctl('put', '/config/later', 'not in the snapshot');
    await workbench.openView();
    await workbench.expand(/^local/);
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function etcdctl(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await server.etcdctl(args);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  const valueInEtcd = (key: string) => etcdctl('get', key, '--print-value-only');
  const file = () => workbench.item(/^backup\.db file/);
  const found = (name: RegExp) =>
    workbench.page.getByRole('tree', { name: 'Comparison' }).getByRole('treeitem', { name });

  it('open from the Explorer, and say what they hold and whether it is sound', async () => {
    const { page } = workbench;
    await page.keyboard.press('Control+Shift+E');
    const inExplorer = page.getByRole('treeitem', { name: 'backup.db' });
    await inExplorer.waitFor();
    await workbench.menu(inExplorer, 'Open Snapshot');
    await workbench.messages.told(/backup\.db: 2 keys at revision 6\. The SHA-256 checksum is correct\./);
    await file().waitFor();
    await workbench.item(/^backup\.db file, revision 6/).waitFor();
    await file().hover();
    const tooltip = page.locator('.monaco-hover:visible').getByText(/checksum\sis\scorrect/);
    await tooltip.waitFor();
    await workbench.picture('snapshot-file');
    await page.mouse.move(0, 0);
    await workbench.dismissMessages();
  });

  it('show the last value of a deleted key', async () => {
    const { page } = workbench;
    await workbench.menu(file(), 'Show Deleted Keys');
    const gone = page.getByRole('checkbox', { name: /^\/config\/gone, deleted at revision 6/ });
    await gone.waitFor();
    await workbench.picture('snapshot-deleted');
    const row = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: '/config/gone' });
    // The list is drawn again when the last deletions have been found, which may end the hover.
    await until('the button is pressed', async () => {
      await row.hover();
      const press = row.getByRole('button', { name: 'Open This Version' }).click({ timeout: 5000 });
      return await press.then(
        () => true,
        () => false,
      );
    });
    await workbench.editorText.getByText('last value').waitFor();
  });

  it('restore a deleted key to a connection', async () => {
    const { page } = workbench;
    await workbench.menu(file(), 'Show Deleted Keys');
    await page.getByRole('checkbox', { name: /^\/config\/gone, deleted at revision 6/ }).click();
    await page.getByRole('button', { name: 'OK', exact: true }).click();
    await workbench.choose(/^local/);
    await workbench.dialog.getByText('Restore /config/gone of local as it was at revision 4?').waitFor();
    await workbench.picture('snapshot-restore');
    await workbench.answer('Restore');
    await until('the key is back', async () => (await valueInEtcd('/config/gone')) === 'last value');
  });

  it('show the history of a key, and everything as of a revision', async () => {
    const { page } = workbench;
    await workbench.menu(file(), 'Browse as of Revision');
    await workbench.fill('3');
    await workbench.choose(/^Revision 3/);
    await workbench.item(/^backup\.db @ 3/).waitFor();
    // The third one belongs to the past view.
    const folder = workbench.item(/^config/).nth(2);
    await expandRow(folder);
    await workbench.item('gone').click();
    await workbench.editorText.getByText('first value').waitFor();
    await workbench.menu(workbench.item(/^backup\.db @ 3/), 'Return to Now');
    await workbench.item(/^backup\.db @ 3/).waitFor({ state: 'detached' });
    assert.ok(await page.getByRole('tab', { name: /gone @ 3/ }).count());
  });

  it('are compared with the cluster, and changed keys restored from them', async () => {
    await workbench.menu(file(), 'Select for Compare');
    await workbench.menu(workbench.item(/^local/), 'Compare with Selected');
    await found(/^Changed 1/).waitFor();
    await found(/^Added 2/).waitFor();
    await workbench.picture('snapshot-comparison');
    const app = found(/^\/config\/app/);
    await app.click();
    await workbench.icon(app, /^Restore/, workbench.dialog);
    await workbench.dialog.getByText('Restore /config/app of local as it was at revision 2?').waitFor();
    await workbench.answer('Restore');
    await until('the value is back', async () => (await valueInEtcd('/config/app')) === 'port: 1');
  });

  it('show what their folders take, and lead to a folder', async () => {
    const { page, report } = workbench;
    await workbench.menu(file(), 'Show Space');
    await report.getByRole('heading', { name: 'Space in backup.db' }).waitFor();
    const row = (name: RegExp) => report.locator('#space-table').getByRole('row', { name });
    // Names and values of two keys, and of the five records of all three.
    await row(/^\/ .* 2 39 B 5 96 B 100 %$/).waitFor();
    await report
      .getByText('✓ The keys and values of this file take 39 B; with all earlier versions and deletions, 96 B.')
      .waitFor();
    for (const name of ['Estimate', 'Count Changes', 'Refresh Now'])
      assert.equal(await report.getByRole('button', { name }).count(), 0, name);
    await report.getByRole('button', { name: 'Look inside /', exact: true }).click();
    await report.getByRole('button', { name: 'Look inside /config/' }).click();
    await row(/^\/config\/gone 0 0 B 3 57 B 59.* %$/).waitFor();
    await row(/^\/config\/app 1 18 B 1 18 B/).waitFor();
    await workbench.picture('snapshot-space');
    const body = await report.locator('body').elementHandle();
    assert.deepEqual(await axeFindings((await body?.ownerFrame()) ?? assert.fail('the page has no frame'), 'body'), []);
    await report.locator('#map').getByRole('button', { name: '/config/app' }).click();
    await page.locator('.monaco-list-row.selected', { hasText: 'app' }).waitFor();
    await report.getByRole('button', { name: 'Up', exact: true }).click();
    await row(/^\/config\/ .* 2 39 B 5 96 B/).waitFor();
    await workbench.command('View: Close All Editors');
  });

  it('prove to be of a cluster', async () => {
    await workbench.menu(file(), 'Check Against Cluster');
    await workbench.choose(/^local/);
    await workbench.messages.told(
      'backup.db is of local: up to revision 6 both have the same keys, values and revisions.',
    );
    await workbench.dismissMessages();
  });

  it('offer nothing that writes', async () => {
    const { page } = workbench;
    await file().click({ button: 'right' });
    await page.getByRole('menuitem', { name: /^Close Snapshot/ }).waitFor();
    const offered = await page.getByRole('menuitem').allInnerTexts();
    await page.keyboard.press('Escape');
    for (const title of ['New Key', 'Set Credentials', 'Edit Connection', 'Remove Connection', 'Import', 'Watch'])
      assert.ok(!offered.some((each) => each.includes(title)), `${title} in ${offered.join(', ')}`);
  });

  it('are closed by a command, and their documents say so', async () => {
    await workbench.menu(file(), 'Close Snapshot');
    await file().waitFor({ state: 'detached' });
    await workbench.item(/^local/).waitFor();
  });

  it('open when they are dragged from the Explorer and dropped on the tree', async () => {
    const { page } = workbench;
    const inExplorer = page.getByRole('treeitem', { name: 'backup.db' });
    await until('the dropped file is opened', async () => {
      await page.keyboard.press('Control+Shift+E');
      await inExplorer.hover();
      await page.mouse.down();
      // VS Code shows a view when something has been held over its icon for a moment.
      await until('the view is shown', async () => {
        await workbench.etcdTab.hover();
        return await workbench.item(/^local/).isVisible();
      });
      // A drag is noticed by the second movement.
      for (let moves = 0; moves < 2; moves++) await workbench.item(/^local/).hover();
      await page.mouse.up();
      return await comes(file());
    });
    await workbench.messages.told(/backup\.db: 2 keys at revision 6\. The SHA-256 checksum is correct\./);
    await workbench.menu(file(), 'Close Snapshot');
    await file().waitFor({ state: 'detached' });
    await workbench.dismissMessages();
  });

  it('open from the palette, and other files are refused with a reason', async () => {
    await workbench.command('etcd: Open Snapshot');
    await workbench.fileDialog(['notes.db']);
    await workbench.messages.told(
      'notes.db cannot be opened. This is neither an etcd snapshot nor the db file of an etcd member.',
    );
    await workbench.dismissMessages();
    await workbench.command('etcd: Open Snapshot');
    await workbench.fileDialog(['backup.db']);
    await file().waitFor();
    await workbench.dismissMessages();
  });

  it('open once etcd writes less often, or are saved from the cluster', async () => {
    const snapshot = await readFile(join(workbench.folder, 'backup.db'));
    const stop = await keepCommitting(join(workbench.folder, 'busy.db'), snapshot, 32_768);
    const sentence = /^busy\.db cannot be opened\. etcd writes to this file too often for it to be copied/;
    const refused = workbench.toasts.getByText(sentence);
    const opened = workbench.item(/^busy\.db file/);
    /** Opens the file until a commit came into each copy of it: on a busy machine the writer may rest for one. */
    const refuse = async () =>
      await until('the file is refused', async () => {
        await workbench.command('etcd: Open Snapshot');
        await workbench.fileDialog(['busy.db']);
        await refused.or(opened).first().waitFor({ timeout: 120_000 });
        if (await refused.isVisible()) return true;
        await workbench.menu(opened, 'Close Snapshot');
        await opened.waitFor({ state: 'detached' });
        await workbench.dismissMessages();
        return false;
      });
    try {
      await refuse();
      await workbench.toasts.getByRole('button', { name: 'Save Snapshot…' }).click();
      await workbench.choose(/^local/);
      await workbench.fileDialog([]);
      await until('the file dialog is left', async () => {
        await workbench.page.keyboard.press('Escape');
        return !(await workbench.input.isVisible());
      });
      await refuse();
    } finally {
      await stop();
    }
    await workbench.toasts.getByRole('button', { name: 'Retry' }).click();
    await opened.waitFor({ timeout: 120_000 });
  });
});
