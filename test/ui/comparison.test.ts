import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until, untilEtcdHas } from './until.ts';
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
    await put('/config/same', 'same');
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
    await workbench.keepFailure(this.currentTest);
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
    await workbench.fill(String(then));
    await workbench.choose(new RegExp(`^Revision ${then}`));
    await workbench.choose(/^Now/);
    await found(/^Changed 3/).waitFor();
    await found(/^Added 1/).waitFor();
    await found(/^Deleted 1/).waitFor();
    await found(/^Rewritten, Same Value 1/).click();
    await found(/^same/).waitFor();
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
    await workbench.dialog.getByText(/The key does not exist now\. It will be created/).waitFor();
    await workbench.picture('comparison-restore');
    await workbench.answer('Restore');
    await found(/^Deleted/).waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd('/config/odd name %2F?#'), 'was here');
    await workbench.menu(found(/^app\.yaml/), 'Restore');
    await workbench.answer('Restore');
    await untilEtcdHas(server, '/config/app.yaml', 'port: 1');
    // The status bar shows this only for a moment.
    await until('the log has what was done', async () => (await workbench.log()).includes('1 key was restored.'));
    // Both have their earlier values again.
    await found(/^Changed 2/).waitFor();
    await found(/^Rewritten, Same Value 3/).waitFor();
  });

  it('restores several keys at once, saying how many, and undoes what was overwritten', async () => {
    await found(/^\/empty\/\.\.\/seg/).click();
    await side('modified').getByText('two').waitFor();
    await found(/^binary/).click({ modifiers: ['Control'] });
    await workbench.menu(found(/^binary/), 'Restore');
    await workbench.dialog.getByText('Restore 2 keys of local?').waitFor();
    await workbench.picture('comparison-restore-many');
    await workbench.answer('Restore');
    await workbench.messages.told('2 keys were restored.');
    assert.equal(await valueInEtcd('/config//empty/../seg'), 'one');
    await workbench.dismissMessages();
    await workbench.commandChoice('etcd: Undo', /^Restored 2 keys of local/);
    await workbench.messages.told('2 keys were restored.');
    assert.equal(await valueInEtcd('/config//empty/../seg'), 'two');
  });

  it('compares two folders by their values', async () => {
    await workbench.menu(workbench.item(/^config/), 'Select for Compare');
    await workbench.page.getByText('Selected for compare: local /config/').first().waitFor();
    await workbench.menu(workbench.item(/^other/), 'Compare with Selected');
    await found(/^Added 1/).waitFor();
    await found(/^only here/).waitFor();
    await found(/^app\.yaml/).click();
    await side('original').getByText('port: 1').waitFor();
    await side('modified').getByText('port: 2').waitFor();
    await workbench.picture('comparison-folders');
  });

  it('applies differences to the other side, which Undo takes back', async () => {
    for (const [key, value] of [
      ['/stage/changed', 'new'],
      ['/stage/created', 'new'],
      ['/live/changed', 'old'],
      ['/live/removed', 'old'],
    ] as const)
      await server.etcdctl(['put', key, value]);
    await workbench.menu(workbench.item(/^stage/), 'Select for Compare');
    await workbench.page.getByText('Selected for compare: local /stage/').first().waitFor();
    await workbench.menu(workbench.item(/^live/), 'Compare with Selected');
    await found(/^created/).waitFor();
    await workbench.menu(found(/^Changed 1/), 'Apply to Right');
    await workbench.dialog.getByText('Make local /live/ like local /stage/: 1 key?').waitFor();
    await workbench.dialog.getByText('Will be overwritten, keeping their leases (1): /live/changed').waitFor();
    await workbench.answer('Apply');
    await untilEtcdHas(server, '/live/changed', 'new');
    await found(/^Changed/).waitFor({ state: 'detached' });
    await workbench.messages.press('Undo', 'local /live/: 0 created, 1 overwritten, 0 deleted.');
    await untilEtcdHas(server, '/live/changed', 'old');
    await workbench.dismissMessages();
    await workbench.command('etcd: Compare Again');
    await found(/^changed/).click();
    await found(/^created/).click({ modifiers: ['Control'] });
    await found(/^removed/).click({ modifiers: ['Control'] });
    await workbench.menu(found(/^removed/), 'Apply to Right');
    await workbench.dialog.getByText('Make local /live/ like local /stage/: 3 keys?').waitFor();
    for (const line of ['Will be created (1): /live/created', 'Will be deleted (1): /live/removed'])
      await workbench.dialog.getByText(line).waitFor();
    await workbench.picture('comparison-apply');
    await workbench.answer('Apply');
    await found('No key differs.').waitFor();
    assert.equal((await server.etcdctl(['get', '/live/removed'])).stdout, '');
    await workbench.messages.press('Undo', 'local /live/: 1 created, 1 overwritten, 1 deleted.');
    await untilEtcdHas(server, '/live/removed', 'old');
    assert.equal((await server.etcdctl(['get', '/live/created'])).stdout, '');
    await workbench.dismissMessages();
  });

  it('explains what is compacted by now', async () => {
    await workbench.menu(workbench.item(/^config/), 'Compare with Revision');
    await workbench.fill(String(then));
    await workbench.choose(new RegExp(`^Revision ${then}`));
    await server.etcdctl(['compaction', String(then + 1n)]);
    await workbench.choose(/^Now/);
    await found(new RegExp(`^Revision ${then} is compacted. The oldest .* is ${then + 1n}`)).waitFor();
    await workbench.picture('comparison-compacted');
  });

  it('is closed again', async () => {
    await workbench.command('etcd: Close Comparison');
    await workbench.page.getByRole('tree', { name: 'Comparison' }).waitFor({ state: 'detached' });
  });
});
