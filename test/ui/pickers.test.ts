import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Workbench } from './workbench.ts';

/** Everything is typed key by key, because setting a whole text hides where the caret was. */
describe('what is typed into a key picker', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of ['/config/app/owner', '/config/app/own/deep', '/config/app/owned', '/other'])
      await server.etcdctl(['put', key, `value of ${key}`]);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.expand(/^config/);
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  const options = async () => await workbench.page.getByRole('option').allInnerTexts();

  async function openPicker(title: string): Promise<void> {
    await workbench.page.getByText(title).waitFor();
    await workbench.focusQuestion();
  }

  it('goes on after the folder of New Key Here', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^app/), 'New Key Here…');
    await openPicker('New Key (local)');
    await page.keyboard.type('hello');
    assert.equal(await workbench.input.inputValue(), '/config/app/hello');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: /^hello/ }).waitFor();
    await workbench.type('hello', 'there');
    await workbench.save();
    await workbench.unsaved('hello').waitFor({ state: 'detached' });
    assert.equal((await server.etcdctl(['get', '/config/app/hello', '--print-value-only'])).stdout, 'there\n');
  });

  it('is nothing yet after a folder, whose first key Enter does not open', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^app/), 'New Key Here…');
    await openPicker('New Key (local)');
    await page.getByRole('option', { name: /^Type a name/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('late');
    assert.equal(await workbench.input.inputValue(), '/config/app/late');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: /^late/ }).waitFor();
  });

  it('is what Enter creates, beside longer keys that exist', async () => {
    const { page } = workbench;
    await workbench.command('etcd: New Key');
    await openPicker('New Key (local)');
    await page.keyboard.type('/config/app/own', { delay: 20 });
    await page.getByRole('option', { name: /Create \/config\/app\/own/ }).waitFor();
    assert.deepEqual(
      (await options()).map((text) => text.replace(/\n.*|\d+ keys?$/s, '')),
      ['Create /config/app/own', '/config/app/own/', '/config/app/owned', '/config/app/owner'],
      'the typed key, then folders, then keys in their order',
    );
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: /^own$/ }).waitFor();
    assert.equal(await page.getByRole('tab', { name: /^owner/ }).count(), 0);
  });

  it('is what Enter creates before the completions of an earlier text are replaced', async () => {
    const { page } = workbench;
    await workbench.command('etcd: New Key');
    await openPicker('New Key (local)');
    await page.keyboard.type('/config/app/owne');
    await page.getByRole('option', { name: /Create \/config\/app\/owne/ }).waitFor();
    await page.keyboard.type('z');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: /^ownez$/ }).waitFor();
    assert.equal(await page.getByRole('tab', { name: /^owne$|^owner/ }).count(), 0);
  });

  it('replaces the name, and keeps the folder, of what is renamed', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item('other'), 'Rename');
    await openPicker('Rename /other');
    await page.keyboard.type('another');
    assert.equal(await workbench.input.inputValue(), '/another');
    await page.keyboard.press('Escape');
  });
});
