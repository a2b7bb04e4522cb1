import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { until, untilEtcdHas, valueInEtcd } from './until.ts';
import { comes } from './visible.ts';
import { Workbench } from './workbench.ts';

describe('what is asked before a document is saved', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const [key, value] of [
      ['/limits.yaml', 'max: 1'],
      ['/broken.yaml', 'max: [1'],
      ['/plain', 'one'],
    ] as const)
      await server.etcdctl(['put', key, value]);
    workbench = await Workbench.open({ settings: settings({}) });
    await show('live');
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  function settings(more: object) {
    const endpoints = [server.endpoint];
    const connections = [
      { name: 'live', endpoints },
      { name: 'guarded', endpoints, production: true },
      { name: 'looking', endpoints, readOnly: true },
    ];
    return { 'etcd.connections': connections, 'files.autoSave': 'off', ...more };
  }

  async function show(connection: string): Promise<void> {
    await workbench.openView();
    await workbench.expand(new RegExp(`^${connection}`));
    // The connection's tooltip would cover its keys if the pointer rested on it.
    await workbench.page.mouse.move(900, 500);
    await workbench.item('limits.yaml').last().waitFor();
  }

  /**
   * Types a text. With auto save on, VS Code shows no document as unsaved, so the text itself shows that VS Code has
   * it.
   */
  async function type(name: string, text: string): Promise<void> {
    const editor = workbench.page.getByRole('textbox', { name: new RegExp(`^${name}`) });
    await editor.waitFor({ state: 'attached' });
    await until(`${name} shows ${text}`, async () => {
      await editor.focus();
      await workbench.page.keyboard.press('Control+A');
      await workbench.page.keyboard.insertText(text);
      return (await workbench.editorText.innerText()).replaceAll('\u00a0', ' ').trim() === text;
    });
  }

  it('a text that was valid YAML and is no longer is written only after a yes', async () => {
    await openKey(workbench, 'limits.yaml');
    await workbench.type('limits.yaml', 'max: a: 1');
    await workbench.save();
    await workbench.dialog.getByText('Save /limits.yaml even though it is no longer valid YAML?').waitFor();
    await workbench.picture('validate');
    await workbench.answer('Cancel');
    await workbench.messages.told(/The text is not valid: .*Nothing was written/);
    assert.equal(await valueInEtcd(server, '/limits.yaml'), 'max: 1');
    await workbench.unsaved('limits.yaml').waitFor();
    await workbench.dismissMessages();
    await workbench.type('limits.yaml', 'max: a: 2');
    await workbench.save();
    await workbench.dialog.getByText(/even though it is no longer valid YAML/).waitFor();
    await workbench.answer('Save');
    await workbench.unsaved('limits.yaml').waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd(server, '/limits.yaml'), 'max: a: 2');
  });

  it('nothing, where the text was not valid before', async () => {
    await openKey(workbench, 'broken.yaml');
    await workbench.type('broken.yaml', 'max: a: 2');
    await workbench.save();
    await workbench.unsaved('broken.yaml').waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd(server, '/broken.yaml'), 'max: a: 2');
  });

  it('auto save writes nothing, until that is allowed, and never to production', async () => {
    const automatic = { 'files.autoSave': 'afterDelay', 'files.autoSaveDelay': 100 };
    await workbench.setUserSettings(settings(automatic));
    await show('live');
    await openKey(workbench, 'plain');
    await type('plain', 'two');
    await workbench.messages.told(/Auto save does not write to etcd unless/);
    await workbench.picture('auto-save');
    assert.equal(await valueInEtcd(server, '/plain'), 'one');
    await workbench.save();
    await untilEtcdHas(server, '/plain', 'two');
    await workbench.unsaved('plain').waitFor({ state: 'detached' });
    await workbench.command('View: Close All Editors');
    // If the window is loaded again before VS Code has the answer, the text comes back as unsaved.
    await until('no text is unsaved', async () => (await workbench.backups()).length === 0);
    await workbench.setUserSettings(settings({ ...automatic, 'etcd.autoSave': true }));
    await show('live');
    await openKey(workbench, 'plain');
    await type('plain', 'three');
    await untilEtcdHas(server, '/plain', 'three');
    await workbench.item(/^live/).click();
    await show('guarded');
    await openKey(workbench, 'limits.yaml');
    await type('limits.yaml', 'max: 5');
    await workbench.messages.told(/Auto save does not write to production/);
    assert.equal(await valueInEtcd(server, '/limits.yaml'), 'max: a: 2');
    await workbench.command('File: Revert File');
  });

  it('a read-only connection opens its keys locked', async () => {
    await workbench.setUserSettings(settings({}));
    await show('looking');
    await until('the key of the last connection is shown', async () => {
      // The connection that was shown before is expanded again, and has a key of this name, too.
      await workbench.item('plain').last().click();
      return await comes(workbench.page.locator('.statusbar').getByText(/looking · read-only/));
    });
    await workbench.editorText.getByText(await valueInEtcd(server, '/plain')).waitFor();
    await workbench.editorText.click();
    await workbench.page.keyboard.press('x');
    // Once a command ran, the key press before it was handled.
    await workbench.dismissMessages();
    assert.equal((await workbench.editorText.innerText()).trim(), await valueInEtcd(server, '/plain'));
  });
});
