import assert from 'node:assert/strict';
import { outsideV2 } from '../etcd/v2/outsideV2.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { until, untilEtcdHas, valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

describe('history and undo', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
    for (const value of ['one', 'two', 'three']) await server.etcdctl(['put', '/versions', `value: ${value}`]);
    for (const key of ['/folder/a', '/folder/odd name %', '/folder/sub/b']) await server.etcdctl(['put', key, 'kept']);
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [
          { name: 'local', endpoints: [server.endpoint], api: 'v3' },
          { name: 'of v2', endpoints: [server.endpoint], api: 'v2' },
          { name: 'gateway', endpoints: [server.endpoint], api: 'v3', transport: 'gateway', root: '/quiet/' },
        ],
      },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await openKey(workbench, 'versions');
    await workbench.editorText.getByText('value: three').waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function keysInEtcd(prefix: string): Promise<string[]> {
    const { stdout } = await server.etcdctl(['get', prefix, '--prefix', '--keys-only']);
    return stdout.split('\n').filter(Boolean);
  }

  it('shows the versions of a key, and compares one with now', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item('versions'), 'Show History');
    await page.getByRole('option', { name: /version 3 · 12 bytes · now/ }).waitFor();
    await page.getByRole('option', { name: /The key did not exist before that/ }).waitFor();
    await workbench.picture('history');
    await workbench.choose(/version 1 · 10 bytes/);
    const diff = page.locator('.monaco-diff-editor');
    await diff.locator('.original').getByText('value: one').waitFor();
    await diff.locator('.modified').getByText('value: three').waitFor();
    await workbench.picture('history-compare');
  });

  it('opens a version as it was, to be read', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item('versions'), 'Show History');
    const second = page.getByRole('option', { name: /version 2 · 10 bytes/ });
    await second.hover();
    await second.getByRole('button', { name: 'Open this version' }).click();
    await page.locator('.editor-instance .view-lines').getByText('value: two').first().waitFor();
  });

  it('compares a version with the one before, and with any other', async () => {
    const { page } = workbench;
    const diff = page.locator('.monaco-diff-editor');
    await workbench.menu(workbench.item('versions'), 'Show History');
    const second = page.getByRole('option', { name: /version 2 · 10 bytes/ });
    await second.hover();
    await second.getByRole('button', { name: 'Compare with the version before' }).click();
    await diff.locator('.original').getByText('value: one').waitFor();
    await diff.locator('.modified').getByText('value: two').waitFor();
    await workbench.menu(workbench.item('versions'), 'Show History');
    const third = page.getByRole('option', { name: /version 3 · 12 bytes/ });
    await third.hover();
    await third.getByRole('button', { name: 'Compare with another version' }).click();
    await workbench.picture('history-other');
    await workbench.choose(/version 1 · 10 bytes/);
    await diff.locator('.original').getByText('value: one').waitFor();
    await diff.locator('.modified').getByText('value: three').waitFor();
  });

  it('restores a version after a question, and undoes that', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item('versions'), 'Show History');
    const first = page.getByRole('option', { name: /version 1 · 10 bytes/ });
    await first.hover();
    await first.getByRole('button', { name: /Restore this version/ }).click();
    await workbench.dialog.getByText(/Restore \/versions of local as it was at revision/).waitFor();
    await workbench.answer('Restore');
    await untilEtcdHas(server, '/versions', 'value: one');
    await workbench.commandChoice('etcd: Undo', /^Restored \/versions/);
    await workbench.messages.told('1 key was restored.');
    assert.equal(await valueInEtcd(server, '/versions'), 'value: three');
  });

  it('undoes a delete, leaving alone what others have created again', async () => {
    await workbench.dismissMessages();
    await workbench.menu(workbench.item(/^folder/), 'Delete');
    await workbench.dialog.getByText(/This can be undone until VS Code closes/).waitFor();
    await workbench.answer('Delete');
    await workbench.item(/^folder/).waitFor({ state: 'detached' });
    assert.deepEqual(await keysInEtcd('/folder/'), []);
    await server.etcdctl(['put', '/folder/a', 'not ours']);
    await workbench.messages.told('Deleted /folder/ from local');
    await workbench.messages.press('Undo');
    await workbench.messages.told(/2 keys were restored\. Skipped .*: \/folder\/a\./);
    await workbench.picture('undone');
    await workbench.item(/^folder/).waitFor();
    assert.deepEqual(await keysInEtcd('/folder/'), ['/folder/a', '/folder/odd name %', '/folder/sub/b']);
    assert.equal(await valueInEtcd(server, '/folder/a'), 'not ours');
    assert.equal(await valueInEtcd(server, '/folder/sub/b'), 'kept');
  });

  it('shows the history of a deleted key, by its path, through its lives', async () => {
    const { page } = workbench;
    const key = '/gone/odd %2F/ключ';
    for (const value of ['first life', 'second life']) {
      await server.etcdctl(['put', key, value]);
      await server.etcdctl(['del', key]);
    }
    await workbench.item(/^local/).click();
    await workbench.dismissMessages();
    await workbench.command('View: Close All Editors');
    await workbench.command('etcd: Show History');
    await workbench.fill(key);
    await workbench.choose(`Look for the deleted key ${key}`);
    await page
      .getByRole('option', { name: /^Deleted at revision/ })
      .nth(1)
      .waitFor();
    await page.getByRole('option', { name: /The key did not exist before that/ }).waitFor();
    await workbench.picture('history-deleted');
    await workbench.choose(/version 1 · 10 bytes/);
    const diff = page.locator('.monaco-diff-editor');
    await diff.locator('.original').getByText('first life').waitFor();
    await page.getByRole('tab', { name: /: no such key\)/ }).waitFor();
  });

  it('shows the deleted keys of a folder, and brings back the chosen ones with their leases', async () => {
    const { page } = workbench;
    const granted = await server.etcdctl(['lease', 'grant', '600']);
    const [, lease] = /lease (\w+) granted/.exec(granted.stdout) ?? [];
    assert.ok(lease);
    await server.etcdctl(['put', '/folder/leased', 'with a lease', `--lease=${lease}`]);
    await server.etcdctl(['put', '/folder/two', '2']);
    for (const key of ['/folder/leased', '/folder/two', '/folder/odd name %']) await server.etcdctl(['del', key]);
    await server.etcdctl(['put', '/folder/two', 'back by another']);
    await workbench.expand(/^local/);
    await workbench.menu(workbench.item(/^folder/), 'Show Deleted Keys');
    const odd = page.getByRole('checkbox', { name: /^\/folder\/odd name %, deleted at revision/ });
    await odd.waitFor();
    assert.equal(await page.getByRole('checkbox', { name: /folder\/two/ }).count(), 0);
    await workbench.picture('deleted-keys');
    await odd.click();
    await page.getByRole('checkbox', { name: /^\/folder\/leased, deleted/ }).click();
    await page.getByRole('button', { name: 'OK', exact: true }).click();
    await workbench.dialog.getByText('Restore 2 keys of local?').waitFor();
    await workbench.picture('deleted-keys-restore');
    await workbench.answer('Restore');
    await untilEtcdHas(server, '/folder/odd name %', 'kept');
    await untilEtcdHas(server, '/folder/leased', 'with a lease');
    assert.match((await server.etcdctl(['lease', 'timetolive', lease, '--keys'])).stdout, /\/folder\/leased/);
    assert.equal(await valueInEtcd(server, '/folder/two'), 'back by another');
  });

  it('shows what v2 remembers of a key, and says that this is all', async () => {
    const { page } = workbench;
    const v2 = outsideV2(server.endpoint);
    for (const value of ['v2 one', 'v2 two']) await v2.put('/v2%20name%20%25', { value });
    await workbench.expand(/^of v2/);
    await workbench.menu(workbench.item('v2 name %'), 'Show History');
    await page.getByRole('option', { name: /^etcd remembers only the last 1,000 events/ }).waitFor();
    await workbench.picture('history-v2');
    const [newest, first] = [page.getByRole('option', { name: /6 bytes · now/ }), page.getByRole('option').nth(1)];
    await newest.waitFor();
    await first.hover();
    await first.getByRole('button', { name: 'Open this version' }).click();
    await page.locator('.editor-instance .view-lines').getByText('v2 one').first().waitFor();
    await workbench.menu(workbench.item('v2 name %'), 'Show History');
    await first.hover();
    await first.getByRole('button', { name: /Restore this version/ }).click();
    await workbench.answer('Restore');
    await until('the restored v2 key', async () => (await v2.get('/v2%20name%20%25')).node.value === 'v2 one');
  });

  it('brings back deleted v2 keys from the events that v2 remembers, and says where these begin', async () => {
    const { page } = workbench;
    const v2 = outsideV2(server.endpoint);
    for (const [name, value] of [
      ['a%20%25', 'was a'],
      ['sub/b', 'was b'],
      ['alive', 'is there'],
    ] as const)
      await v2.put(`/deleted/${name}`, { value });
    await v2.delete('/deleted/a%20%25');
    await v2.delete('/deleted/sub?recursive=true');
    await workbench.expand(/^of v2/);
    await workbench.item(/^deleted/).waitFor();
    await workbench.menu(workbench.item(/^deleted/), 'Show Deleted Keys');
    const odd = page.getByRole('checkbox', { name: /^\/deleted\/a %, deleted at revision/ });
    await odd.waitFor();
    await page.getByText(/etcd remembers the last 1,000 events of all v2 keys, from index 1 on/).waitFor();
    await workbench.picture('deleted-keys-v2');
    await odd.click();
    await page.getByRole('checkbox', { name: /^\/deleted\/sub\/b, deleted/ }).click();
    await page.getByRole('button', { name: 'OK', exact: true }).click();
    await workbench.dialog.getByText('Restore 2 keys of of v2?').waitFor();
    await workbench.answer('Restore');
    // Without transactions, v2 writes one after the other.
    for (const name of ['sub/b', 'a%20%25'])
      await until(`the restored ${name}`, async () => (await v2.status(`/deleted/${name}`)) === 200);
    assert.equal((await v2.get('/deleted/a%20%25')).node.value, 'was a');
    await v2.delete('/deleted/a%20%25');
    await workbench.item('a %').waitFor({ state: 'detached' });
    await workbench.command('View: Close All Editors');
    await workbench.item(/^of v2/).click();
    await workbench.command('etcd: Show History');
    await page.getByText('Show History (of v2)').waitFor();
    await workbench.fill('/deleted/a %');
    await workbench.choose('Look for the deleted key /deleted/a %');
    await page
      .getByRole('option', { name: /^Deleted at revision/ })
      .first()
      .waitFor();
    await workbench.picture('history-deleted-v2');
    await page
      .getByRole('option', { name: /^Revision \d+/ })
      .first()
      .click();
    const diff = page.locator('.monaco-diff-editor');
    await diff.locator('.original').getByText('was a').waitFor();
    await page.getByRole('tab', { name: /: no such key\)/ }).waitFor();
  });

  it('comes to an end by itself where nothing was deleted and etcd does not say where the present begins', async () => {
    const { page } = workbench;
    await server.etcdctl(['put', '/quiet/since then', '']);
    const { stdout } = await server.etcdctl(['get', '/quiet/since then', '--write-out=json']);
    const { header } = JSON.parse(stdout) as { header: { revision: number } };
    await server.etcdctl(['compaction', String(header.revision)]);
    await server.etcdctl(['put', '/elsewhere', '']);
    await workbench.expand(/^gateway/);
    await workbench.item('since then').waitFor();
    await workbench.menu(workbench.item(/^gateway connected/), 'Show Deleted Keys');
    await page.getByText(/^Deleted keys of gateway/).waitFor();
    await page.getByText('etcd has no record of deleted keys here.').waitFor();
    await page.getByText(/This etcd does not say when its record ends/).waitFor();
    await page.getByText(`Deletions up to revision ${header.revision} are compacted.`).waitFor();
    await workbench.picture('deleted-keys-end');
    await page.keyboard.press('Escape');
  });
});
