import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectEtcd } from '../../src/etcd/connect/connect.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until } from './until.ts';
import { Workbench } from './workbench.ts';

const KEYS = 10_240;

describe('a delete that is too large for Undo', () => {
  let server: EtcdServer;
  let workbench: Workbench;
  /** The folder of the extension's own backups. */
  let backups = '';

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    await fill();
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.item(/^large odd% /).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function fill(): Promise<void> {
    const limits = { connect: 5000, response: 30_000 };
    const { store, close } = await connectEtcd({ endpoints: [server.endpoint], tls: {}, limits, api: 'v3' });
    for (let at = 0; at < KEYS; at += 128)
      await store.transact(
        Array.from({ length: 128 }, (_, index) => ({
          kind: 'put' as const,
          key: Buffer.from(`/large odd%/${at + index}`),
          value: Buffer.from([at & 255, index, 255]),
          expected: 'absent' as const,
        })),
      );
    close();
  }

  async function all(): Promise<string> {
    const { stdout, stderr } = await server.etcdctl(['get', '/', '--prefix', '--write-out=fields']);
    assert.equal(stderr, '');
    return stdout.replaceAll(/^"(?!Key|Value).*\n/gm, '');
  }

  async function untilCount(count: number): Promise<void> {
    await until(`${count} keys`, async () => {
      const { stdout } = await server.etcdctl(['get', '/', '--prefix', '--keys-only']);
      return stdout.split('\n').filter(Boolean).length === count;
    });
  }

  it('is backed up first, and comes back by Undo', async function () {
    this.timeout('5m');
    const { page } = workbench;
    const before = await all();
    await workbench.menu(workbench.item(/^large odd%/), 'Delete');
    await page.getByPlaceholder(/^This is too large to keep in memory for Undo\./).waitFor();
    await workbench.picture('delete-backup');
    await workbench.choose(/^Back up to this extension's storage/);
    const told = page.getByText(/They are first saved to .*backups.*local-\d{8}T\d{6}\.json/);
    [, backups = ''] = /saved to (.*backups)/.exec(await told.innerText()) ?? [];
    await workbench.picture('delete-backed-up');
    await workbench.confirmByTyping('/large odd%/');
    await workbench.messages.told('Deleted /large odd%/ from local');
    await untilCount(0);
    await workbench.messages.press('Undo');
    const preview = page.getByRole('tree', { name: 'Import Preview' });
    await preview.getByRole('treeitem', { name: 'Added 10,240' }).click();
    await page.keyboard.press('ArrowRight');
    await preview.getByText('/large odd%/0', { exact: true }).waitFor();
    await workbench.picture('delete-undo');
    await workbench.viewIcon('Import Preview', 'Import Chosen Keys…');
    await workbench.answer('Import');
    await workbench.messages.told('10,240 keys were imported into local.');
    assert.equal(await all(), before);
  });

  it('finds the backup again among what can be imported', async () => {
    await workbench.dismissMessages();
    await workbench.menu(workbench.item(/^local/), 'Import');
    const backup = workbench.page.getByRole('option', { name: /^local-\d{8}T\d{6}\.json.*backup of a delete/ });
    await backup.click();
    await workbench.page.getByText('The keys of the file start with /large odd%/.').waitFor();
    await workbench.enter();
    const preview = workbench.page.getByRole('tree', { name: 'Import Preview' });
    await preview.getByRole('treeitem', { name: 'Unchanged 10,240' }).waitFor();
    await workbench.viewIcon('Import Preview', 'Discard Import');
    await preview.waitFor({ state: 'hidden' });
  });

  it('is backed up in place of backups that are older than 30 days', async () => {
    const { page } = workbench;
    const [old, other] = ['local-20200101T000000.json', 'of nobody.txt'];
    for (const name of [old, other]) await writeFile(join(backups, name), '{"keys": []}');
    const kept = (await readdir(backups)).find((name) => name.endsWith('.json') && name !== old) ?? '';
    await workbench.menu(workbench.item(/^large odd%/), 'Delete');
    await workbench.choose(/^Back up to this extension's storage.*for 30 days/);
    await page.getByText(/They are first saved to /).waitFor();
    await page.keyboard.press('Escape');
    assert.deepEqual((await readdir(backups)).toSorted(), [kept, other].toSorted());
  });
});
