import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { until, untilEtcdHas, valueInEtcd } from './until.ts';
import { comes, goes } from './visible.ts';
import { Workbench } from './workbench.ts';

const MINIFIED = '{"host":"db","port":1}';

describe('what a save writes', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const [key, value] of [
      ['/port', '8080'],
      ['/limits.yaml', 'max: 1'],
      ['/service.json', MINIFIED],
      ['/first.json', MINIFIED],
    ] as const)
      await server.etcdctl(['put', key, value]);
    workbench = await Workbench.open({ settings: settings() });
    await show();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  function settings(name = 'live') {
    return {
      'etcd.connections': [{ name, endpoints: [server.endpoint] }],
      'files.autoSave': 'off',
      'files.insertFinalNewline': true,
      '[json]': { 'editor.formatOnSave': true, 'editor.defaultFormatter': 'vscode.json-language-features' },
    };
  }

  async function show(name = 'live'): Promise<void> {
    await workbench.openView();
    await workbench.expand(new RegExp(`^${name}`));
    await workbench.item('port').waitFor();
  }

  /** Types behind the text of a key's editor. */
  async function typeAtEnd(name: string, text: string): Promise<void> {
    const editor = workbench.page.getByRole('textbox', { name: new RegExp(`^${name}`) });
    await editor.waitFor({ state: 'attached' });
    await editor.focus();
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type(text);
    await workbench.unsaved(name).waitFor();
  }

  /** Waits until the editor shows what was written, in place of what the settings made of it. */
  const oneLine = async () => await workbench.page.locator('.view-line').nth(1).waitFor({ state: 'detached' });
  const sentence = (text: string) => workbench.page.locator('.statusbar').getByText(text);

  /** Formats a document until VS Code has started the formatter; a save before that would write unformatted text. */
  async function startFormatter(): Promise<void> {
    await openKey(workbench, 'first.json');
    await until('the formatter runs', async () => {
      await workbench.command('Format Document');
      return await comes(workbench.editorText.getByText('"port": 1', { exact: true }));
    });
    await workbench.command('File: Revert File');
    await workbench.unsaved('first.json').waitFor({ state: 'detached' });
  }

  it('is what was typed, without a newline from the settings, as the document shows then', async () => {
    await openKey(workbench, 'port');
    await typeAtEnd('port', '1');
    await workbench.save();
    await workbench.messages.told(/Only what you typed was saved to \/port/);
    await workbench.picture('kept-bytes');
    await untilEtcdHas(server, '/port', '80801');
    await workbench.unsaved('port').waitFor({ state: 'detached' });
    const { stdout } = await server.etcdctl(['get', '/port', '-w', 'json']);
    assert.ok(stdout.includes(`"${btoa('80801')}"`), stdout);
    await oneLine();
    await typeAtEnd('port', '2');
    await workbench.save();
    await untilEtcdHas(server, '/port', '808012');
    await oneLine();
  });

  it('is asked for once where a formatter may have changed more', async function () {
    this.timeout('3m');
    await startFormatter();
    await openKey(workbench, 'service.json');
    await typeAtEnd('service.json', ' ');
    await workbench.save();
    await workbench.dialog.getByText('Save only what you typed into /service.json?').waitFor();
    await workbench.picture('kept-bytes-question');
    await workbench.answer('Save What I Typed');
    await untilEtcdHas(server, '/service.json', MINIFIED);
    await workbench.unsaved('service.json').waitFor({ state: 'detached' });
    await workbench.editorText.getByText(MINIFIED).waitFor();
    await typeAtEnd('service.json', ' ');
    await workbench.save();
    await workbench.unsaved('service.json').waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd(server, '/service.json'), MINIFIED);
  });

  it('is what was typed, also if the window was loaded again before', async () => {
    await openKey(workbench, 'port');
    await typeAtEnd('port', '3');
    const isKept = async () => (await workbench.backups()).some((text) => text.endsWith('8080123'));
    await until('VS Code keeps the unsaved text', isKept);
    await workbench.reload();
    await show();
    await openKey(workbench, 'port');
    await workbench.unsaved('port').waitFor();
    await until('the text is saved', async () => {
      // An editor that is still being restored may miss the key.
      await workbench.save();
      return await goes(workbench.unsaved('port'));
    });
    await untilEtcdHas(server, '/port', '8080123');
    const { stdout } = await server.etcdctl(['get', '/port', '-w', 'json']);
    assert.ok(stdout.includes(`"${btoa('8080123')}"`), stdout);
  });

  it('is nothing after a cancel, which is no error', async () => {
    await openKey(workbench, 'limits.yaml');
    await typeAtEnd('limits.yaml', ': [');
    await workbench.dismissMessages();
    await workbench.save();
    await workbench.dialog.getByText(/no longer valid YAML/).waitFor();
    await workbench.answer('Cancel');
    await sentence('The text is not valid').waitFor();
    await workbench.messages.cameWithoutToast();
    await workbench.picture('canceled-save');
    await workbench.unsaved('limits.yaml').waitFor();
    assert.equal(await valueInEtcd(server, '/limits.yaml'), 'max: 1');
  });

  it('stays in the editor where its connection was removed, which the message says', async () => {
    const isKept = async () => (await workbench.backups()).some((text) => text.includes('max: 1: ['));
    await until('VS Code keeps the unsaved text', isKept);
    await workbench.setUserSettings(settings('renamed'));
    await show('renamed');
    await workbench.unsaved('limits.yaml').click();
    await workbench.save();
    await workbench.messages.told(/The settings have no connection "live"/);
    await workbench.picture('removed-connection');
    await workbench.unsaved('limits.yaml').waitFor();
  });
});
