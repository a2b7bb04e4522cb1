import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { until, untilEtcdHas, valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

describe('saving keys, and what documents remember', () => {
  let server: EtcdServer;
  let workbench: Workbench;
  const ODD = '/odd name/%2F~';

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of ['/beside/here', '/confirmed', ODD, '/plain', '/template.tmpl'])
      await server.etcdctl(['put', key, 'one']);
    await server.etcdctl(['put', '/binary'], { input: '\u0000\u0001binary' });
    workbench = await Workbench.open({ settings: settings() });
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
    await workbench.dismissMessages();
  });

  function settings() {
    const endpoints = [server.endpoint];
    return {
      'etcd.connections': [
        { name: 'live', endpoints },
        { name: 'guarded', endpoints, production: true },
      ],
      'etcd.languages': { '*.tmpl': 'html' },
      'window.title': '${activeEditorLong}',
      // For the settings editor.
      'editor.autoClosingBrackets': 'never',
      'editor.autoClosingQuotes': 'never',
    };
  }

  async function show(connection: string): Promise<void> {
    await workbench.openView();
    await workbench.command('etcd: Focus on Keys View');
    await workbench.expand(new RegExp(`^${connection}`));
    await workbench.item('confirmed').waitFor();
  }

  const status = (name: string) => workbench.page.locator('.statusbar').getByRole('button', { name, exact: true });

  it('to production shows the change and asks, as often as it is not confirmed', async () => {
    const { page } = workbench;
    const diff = page.locator('.monaco-diff-editor');
    await show('guarded');
    await openKey(workbench, 'confirmed');
    await workbench.type('confirmed', 'two');
    await workbench.save();
    await workbench.dialog.getByText('Save this change of /confirmed to guarded?').waitFor();
    await workbench.picture('confirm-save');
    await workbench.answer('Review Diff');
    await workbench.messages.told(/you did not confirm it/);
    await diff.locator('.original').getByText('one').waitFor();
    await diff.locator('.modified').getByText('two').waitFor();
    assert.equal(await valueInEtcd(server, '/confirmed'), 'one');
    await diff.locator('.modified .view-lines').click();
    await workbench.save();
    await workbench.dialog.getByText('Save this change of /confirmed to guarded?').waitFor();
    await workbench.answer('Save');
    await untilEtcdHas(server, '/confirmed', 'two');
    await diff.waitFor({ state: 'detached' });
    await workbench.unsaved('confirmed').waitFor({ state: 'detached' });
    await workbench.item(/^guarded/).click();
  });

  it('is undone by Undo, with which the open document goes', async () => {
    const { page } = workbench;
    await show('live');
    await workbench.expand(/^odd name/);
    await openKey(workbench, '%2F~7e', workbench.item('%2F~'));
    await workbench.type('%2F~7e', 'two');
    await workbench.save();
    await workbench.unsaved('%2F~7e').waitFor({ state: 'detached' });
    await untilEtcdHas(server, ODD, 'two');
    await workbench.picture('label');
    await workbench.command('etcd: Undo');
    await page.getByRole('option', { name: `Saved ${ODD}` }).waitFor();
    await workbench.picture('undo-save');
    await workbench.choose(`Saved ${ODD}`);
    await workbench.messages.told('1 key was restored.');
    assert.equal(await valueInEtcd(server, ODD), 'one');
    await workbench.editorText.getByText('one').waitFor();
  });

  it('knows a key’s language by a pattern, and remembers the one that was chosen by hand', async () => {
    const { page } = workbench;
    await openKey(workbench, 'template.tmpl');
    await status('HTML').waitFor();
    await openKey(workbench, 'plain');
    await status('Plain Text').click();
    await workbench.fill('Markdown');
    await page.getByRole('option', { name: /^Markdown/ }).waitFor();
    await workbench.enter();
    await status('Markdown').waitFor();
    // What the extension opens next shows that it has noticed the choice.
    await openKey(workbench, 'template.tmpl');
    await status('HTML').waitFor();
    await workbench.command('View: Close All Editors');
    await status('HTML').waitFor({ state: 'detached' });
    await workbench.reloadInOrder();
    await show('live');
    await openKey(workbench, 'plain');
    await status('Markdown').waitFor();
    await workbench.picture('language');
  });

  it('under another key asks for no folder where keys are beside it, and for one where none are', async () => {
    const { page } = workbench;
    const offer = page.locator('.quick-input-widget').getByText(/does not exist/);
    const saveAs = async (from: string, path: string) => {
      await workbench.command('File: Save As');
      // The dialog writes the present path itself when it is ready.
      await until('the dialog has the path', async () => (await workbench.input.inputValue()) === from);
      await until('the dialog keeps the new path', async () => {
        await workbench.fill(path);
        await page.waitForTimeout(300);
        return (await workbench.input.inputValue()) === path;
      });
      await workbench.enter();
    };
    await show('live');
    await openKey(workbench, 'plain');
    await workbench.editorText.getByText('one').waitFor();
    await saveAs('/plain', '/beside/new');
    await untilEtcdHas(server, '/beside/new', 'one');
    await workbench.picture('save-as');
    await saveAs('/beside/new', '/nowhere/new');
    await offer.waitFor();
    await page.keyboard.press('Escape');
    await offer.waitFor({ state: 'detached' });
  });

  it('says where bytes can be edited', async () => {
    const { page } = workbench;
    await openKey(workbench, 'binary.hexdump', workbench.item('binary'));
    await page.getByRole('button', { name: 'Open in Hex Editor' }).click();
    await workbench.messages.told(/edited by the extension Hex Editor \(ms-vscode.hexeditor\), which is not installed/);
    await workbench.page.getByRole('button', { name: 'Install', exact: true }).waitFor();
    await workbench.picture('hex');
  });

  it('locks and unlocks an open document with its connection', async () => {
    await openKey(workbench, 'plain');
    await workbench.editorText.getByText('one').waitFor();
    await workbench.command('Preferences: Open User Settings (JSON)');
    const before = await workbench.userSettings();
    const label = workbench.page.locator('.tab[data-resource-name="plain"] .monaco-icon-label');
    for (const [readOnly, text] of [
      [true, 'live/plain • Read-only'],
      [false, 'live/plain'],
    ] as const) {
      const connections = settings()['etcd.connections'].map((each) => ({ ...each, readOnly }));
      // With the settings editor, because a change of the file from outside may not be noticed.
      await workbench.type('settings.json', JSON.stringify({ ...before, 'etcd.connections': connections }));
      await workbench.save();
      await workbench.unsaved('settings.json').waitFor({ state: 'detached' });
      await label.and(workbench.page.locator(`[aria-label="${text}"]`)).waitFor();
    }
  });
});
