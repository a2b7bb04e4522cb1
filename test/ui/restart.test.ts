import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { until, untilEtcdHas, valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

describe('unsaved text that comes back after a restart', () => {
  let server: EtcdServer;
  let workbench: Workbench;
  const keys = ['/same length', '/deleted', '/created anew', '/untouched %2F', '/compacted'];

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of keys) await server.etcdctl(['put', key, 'loaded']);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    const { page } = workbench;
    await workbench.openView();
    await workbench.expand(/^local/);
    for (const key of keys) {
      await openKey(workbench, key.slice(1));
      await workbench.type(key.slice(1), 'mine 1');
    }
    const backups = async () => (await workbench.backups()).filter((backup) => backup.endsWith('\nmine 1')).length;
    await until('a backup of each text', async () => (await backups()) === keys.length);
    await workbench.reloadInOrder();
    // VS Code might lose documents that it has not restored when it is left.
    for (const key of keys) await workbench.unsaved(key.slice(1)).waitFor();
    const url = page.url();
    await page.goto('about:blank');
    for (const key of ['/same length', '/compacted']) await server.etcdctl(['put', key, 'theirs']);
    await server.etcdctl(['del', '/deleted']);
    await server.etcdctl(['del', '/created anew']);
    await server.etcdctl(['put', '/created anew', 'theirs']);
    await page.goto(url);
    await workbench.etcdTab.waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
    await workbench.dismissMessages();
  });

  async function saveAgain(name: string): Promise<void> {
    await workbench.unsaved(name).click();
    await workbench.editorText.getByText('mine 1').waitFor();
    await workbench.page.getByRole('textbox', { name: new RegExp(`^${name}`) }).focus();
    await workbench.save();
  }

  for (const [key, what] of [
    ['/same length', 'changed to a value of the same length'],
    ['/deleted', 'deleted'],
    ['/created anew', 'deleted and created anew, with the same version number,'],
  ] as const)
    it(`is not written over a key that was ${what} meanwhile`, async () => {
      const before = await valueInEtcd(server, key);
      await saveAgain(key.slice(1));
      await workbench.messages.told(/The content of the file is newer/);
      await workbench.picture('restart-conflict');
      assert.equal(await valueInEtcd(server, key), before);
      await workbench.unsaved(key.slice(1)).waitFor();
    });

  it('is merged with what its key became, from what it was made from', async () => {
    await workbench.unsaved('same length').click();
    await workbench.page.getByRole('button', { name: /^Merge/ }).click();
    const mergeEditor = workbench.page.locator('.merge-editor');
    await mergeEditor.getByText('1 Conflict Remaining').waitFor();
    await mergeEditor.getByText('loaded').first().waitFor();
    await workbench.picture('restart-merge');
    await mergeEditor.getByText('Accept Yours', { exact: true }).first().click();
    await mergeEditor.getByText('0 Conflicts Remaining').waitFor();
    await workbench.page.getByRole('button', { name: /^Complete Merge/ }).click();
    await workbench.unsaved('same length').waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd(server, '/same length'), 'mine 1');
  });

  it('is written without a question where its key has not changed', async () => {
    await saveAgain('untouched %2F');
    await workbench.unsaved('untouched %2F').waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd(server, '/untouched %2F'), 'mine 1');
  });

  it('is compared with what its key became where what it was made from is compacted', async () => {
    const { page } = workbench;
    const { stdout } = await server.etcdctl(['put', '/elsewhere', '', '--write-out=json']);
    const { header } = JSON.parse(stdout) as { header: { revision: number } };
    await server.etcdctl(['compaction', String(header.revision)]);
    await workbench.unsaved('compacted').click();
    await page.getByRole('button', { name: /^Merge/ }).click();
    await workbench.messages.told(/The version of \/compacted that you started from is no longer known/);
    const diff = page.locator('.monaco-diff-editor');
    await diff.locator('.original').getByText('theirs').waitFor();
    await diff.locator('.modified').getByText('mine 1').waitFor();
    await workbench.picture('restart-compacted');
    assert.equal(await valueInEtcd(server, '/compacted'), 'theirs');
    await diff.locator('.modified .view-lines').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' and theirs');
    await workbench.save();
    await workbench.messages.press('Overwrite');
    await untilEtcdHas(server, '/compacted', 'mine 1 and theirs');
  });
});
