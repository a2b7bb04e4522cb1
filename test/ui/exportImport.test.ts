import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Workbench } from './workbench.ts';

const KEYS: Readonly<Record<string, string>> = {
  '/app/db host': 'one\ntwo\n',
  '/app/a%41?': 'odd',
  '/app/dir': 'a key',
  '/app/dir/b': 'and a folder',
  '/app/ü\n': 'line break in the key',
  '/other': 'not exported',
};

describe('export and import', () => {
  let server: EtcdServer;
  let workbench: Workbench;
  let folder: string;

  before(async function () {
    this.timeout('10m');
    folder = await mkdtemp(join(tmpdir(), 'etcd-exports-'));
    server = await startEtcd();
    for (const [key, value] of Object.entries(KEYS)) await server.etcdctl(['put', '--', key, value]);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.item(/^local/).click();
    await workbench.item(/^app/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.picture(this.currentTest.title.replaceAll(/\W+/g, '-'));
  });

  async function choose(option: RegExp): Promise<void> {
    await workbench.page.getByRole('option', { name: option }).click();
  }

  /** Answers VS Code's own file dialog, which is a quick input here. */
  async function enterPath(path: string, button: string): Promise<void> {
    const { page } = workbench;
    const value = `document.querySelector('.quick-input-widget input')?.value`;
    // What is typed before the dialog shows its own path is lost.
    await page.waitForFunction(`${value}?.startsWith('/')`);
    await workbench.input.fill(path);
    await page.waitForFunction(`${value} === ${JSON.stringify(path)}`);
    await page.locator('.quick-input-widget').getByRole('button', { name: button, exact: true }).click();
  }

  it('exports a folder with difficult names as JSON', async () => {
    await workbench.menu(workbench.item(/^app/).last(), 'Export');
    await workbench.page.getByText('Export /app/').waitFor();
    await workbench.picture('export-form');
    await choose(/^JSON.*keys and values/);
    await workbench.picture('export-dialog');
    await enterPath(join(folder, 'app.json'), 'OK');
    await workbench.toasts.getByText(/5 keys were exported to .*app\.json as they were at revision \d+\./).waitFor();
    await workbench.picture('exported');
    const { prefix, revision, keys } = JSON.parse(await readFile(join(folder, 'app.json'), 'utf8'));
    assert.deepEqual([prefix, revision], ['/app/', '7']);
    assert.deepEqual(
      Object.fromEntries(keys.map(({ key, value }: { key: string; value: string }) => [key, value])),
      Object.fromEntries(Object.entries(KEYS).filter(([key]) => key.startsWith('/app/'))),
    );
    assert.deepEqual(await readdir(folder), ['app.json']);
  });

  it('exports one file per key into a new folder', async () => {
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.menu(workbench.item(/^app/).last(), 'Export');
    await choose(/^Folder/);
    await enterPath(`${folder}/`, 'Export Here');
    await workbench.toasts.getByText(/5 keys were exported to/).waitFor();
    assert.deepEqual(
      (await readdir(join(folder, 'app'), { recursive: true })).toSorted(),
      ['dir%_', 'dir%_/b', '.etcd-keys.json', 'a%2541%3F', 'db host', 'dir', 'ü%0A'].toSorted(),
    );
    assert.equal(await readFile(join(folder, 'app', 'db host'), 'utf8'), 'one\ntwo\n');
  });
});
