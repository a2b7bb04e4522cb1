import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Workbench } from './workbench.ts';

describe('comparing revisions and folders', () => {
  let server: EtcdServer;
  let workbench: Workbench;
  let then: bigint;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    const put = async (key: string, value: string) => await server.etcdctl(['put', '--', key, value]);
    for (const [key, value] of [
      ['/config/same', 'same'],
      ['/config/app.yaml', 'port: 1\n'],
      ['/config/odd name %2F?#', 'was here'],
      ['/config//empty/../seg', 'one'],
      ['/other/app.yaml', 'port: 2\n'],
      ['/other/only here', '1'],
    ] as const)
      await put(key, value);
    await server.etcdctl(['put', '/config/binary'], { input: 'a\u0000b' });
    then = await revision();
    await put('/config/app.yaml', 'port: 2\n');
    await put('/config//empty/../seg', 'two');
    await server.etcdctl(['put', '/config/binary'], { input: 'a\u0000c' });
    await put('/config/новый', 'new');
    await server.etcdctl(['del', '--', '/config/odd name %2F?#']);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.item(/^config/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.picture(this.currentTest.title.replaceAll(/\W+/g, '-'));
  });

  async function revision(): Promise<bigint> {
    const { stdout } = await server.etcdctl(['get', '/', '-w', 'json']);
    return BigInt((JSON.parse(stdout) as { header: { revision: number } }).header.revision);
  }

  async function valueInEtcd(key: string): Promise<string> {
    return (await server.etcdctl(['get', '--print-value-only', '--', key])).stdout.trim();
  }

  const found = (name: string | RegExp) =>
    workbench.page.getByRole('tree', { name: 'Comparison' }).getByRole('treeitem', { name });

  const side = (name: 'original' | 'modified') => workbench.page.locator(`.monaco-diff-editor .${name}`);

  it('shows what was changed, added and deleted since a revision, with counts', async () => {
    assert.equal(await workbench.page.getByRole('heading', { name: /Comparison/ }).count(), 0);
    await workbench.menu(workbench.item(/^config/), 'Compare with Revision');
    await workbench.input.fill(String(then));
    await workbench.page.getByRole('option', { name: new RegExp(`^Revision ${then}`) }).click();
    await workbench.page.getByRole('option', { name: /^Now/ }).click();
    await found(/^Changed 3/).waitFor();
    await found(/^Added 1/).waitFor();
    await found(/^Deleted 1/).waitFor();
    assert.equal(await found(/^same/).count(), 0);
    await workbench.picture('comparison');
  });

  it('opens the difference of a changed, an added, a deleted and a binary key', async () => {
    await found(/^app\.yaml/).click();
    await side('original').getByText('port: 1').waitFor();
    await side('modified').getByText('port: 2').waitFor();
    await workbench.picture('comparison-changed');
    await found(/^новый/).click();
    await side('modified').getByText('new').waitFor();
    await workbench.page.getByRole('tab', { name: /revision \d+: no such key ↔ now/ }).waitFor();
    await found(/^odd name %2F\?#/).click();
    await side('original').getByText('was here').waitFor();
    await workbench.picture('comparison-deleted');
    await found(/^\/empty\/\.\.\/seg/).click();
    await side('original').getByText('one').waitFor();
    await side('modified').getByText('two').waitFor();
    await found(/^binary/).click();
    await side('original')
      .getByText(/61.00.62/)
      .waitFor();
    await side('modified')
      .getByText(/61.00.63/)
      .waitFor();
    await workbench.picture('comparison-binary');
  });

  it('shows the history of a key in it', async () => {
    await workbench.menu(found(/^app\.yaml/), 'Show History');
    await workbench.page.getByRole('option', { name: /version 2 · 8 bytes · now/ }).waitFor();
    await workbench.page.keyboard.press('Escape');
  });

  it('restores a deleted key, and a changed one, after a question', async () => {
    const deleted = found(/^odd name %2F\?#/);
    await workbench.icon(deleted, /^Restore/, workbench.dialog);
    await workbench.dialog.getByText(/The key does not exist now\. It is created/).waitFor();
    await workbench.picture('comparison-restore');
    await workbench.answer('Restore');
    await found(/^Deleted/).waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd('/config/odd name %2F?#'), 'was here');
    await workbench.menu(found(/^app\.yaml/), 'Restore');
    await workbench.answer('Restore');
    await found(/^Changed 4/).waitFor();
    assert.equal(await valueInEtcd('/config/app.yaml'), 'port: 1');
  });

  it('restores several keys at once, saying how many, and undoes what was overwritten', async () => {
    await found(/^\/empty\/\.\.\/seg/).click();
    await side('modified').getByText('two').waitFor();
    await found(/^binary/).click({ modifiers: ['Control'] });
    await workbench.menu(found(/^binary/), 'Restore');
    await workbench.dialog.getByText('Restore 2 keys of local?').waitFor();
    await workbench.picture('comparison-restore-many');
    await workbench.answer('Restore');
    const restored = workbench.toasts.getByText('2 keys were restored.');
    await restored.waitFor();
    assert.equal(await valueInEtcd('/config//empty/../seg'), 'one');
    await workbench.command('Notifications: Clear All Notifications');
    await restored.waitFor({ state: 'detached' });
    await workbench.command('etcd: Undo');
    await workbench.page.getByRole('option', { name: /^Restored 2 keys of local/ }).click();
    await restored.waitFor();
    assert.equal(await valueInEtcd('/config//empty/../seg'), 'two');
  });

  it('compares two folders by their values', async () => {
    await workbench.menu(workbench.item(/^config/), 'Select for Compare');
    await workbench.page.getByText('Selected to be compared: local /config/').first().waitFor();
    await workbench.menu(workbench.item(/^other/), 'Compare with Selected');
    await found(/^Added 1/).waitFor();
    await found(/^only here/).waitFor();
    await found(/^app\.yaml/).click();
    await side('original').getByText('port: 1').waitFor();
    await side('modified').getByText('port: 2').waitFor();
    await workbench.picture('comparison-folders');
  });

  it('explains what is compacted by now', async () => {
    await workbench.menu(workbench.item(/^config/), 'Compare with Revision');
    await workbench.input.fill(String(then));
    await workbench.page.getByRole('option', { name: new RegExp(`^Revision ${then}`) }).click();
    await server.etcdctl(['compaction', String(then + 1n)]);
    await workbench.page.getByRole('option', { name: /^Now/ }).click();
    await found(new RegExp(`^Revision ${then} is compacted: .* from revision ${then + 1n} on`)).waitFor();
    await workbench.picture('comparison-compacted');
  });

  it('is closed again', async () => {
    await workbench.command('etcd: Close Comparison');
    await workbench.page.getByRole('tree', { name: 'Comparison' }).waitFor({ state: 'detached' });
  });
});
