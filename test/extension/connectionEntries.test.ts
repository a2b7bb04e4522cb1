import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { parse } from 'jsonc-parser';
import { commands, ConfigurationTarget, Uri, window, workspace, type TextDocument } from 'vscode';
import { readProfiles, type ConnectionProfile } from '../../src/connections/settings/connectionProfile.ts';
import { ConnectionEntries } from '../../src/connections/settings/connectionSettings.ts';
import { setConnections } from './settings.ts';

const PIN = 'ab'.repeat(32);
const OLD_PIN = 'cd'.repeat(32);

describe('the entries of etcd.connections in a settings file', () => {
  let document: TextDocument;
  let original: string;
  let entries: ConnectionEntries;

  before(async () => {
    await commands.executeCommand('workbench.action.openSettingsJson');
    document = window.activeTextEditor?.document ?? assert.fail('no settings file is shown');
    original = await readFile(document.uri.fsPath, 'utf8');
    await commands.executeCommand('workbench.action.closeAllEditors');
    // VS Code keeps an extension's storage beside the user's settings.
    entries = new ConnectionEntries(Uri.joinPath(document.uri.with({ scheme: 'file' }), '..', 'globalStorage', 'it'));
  });
  after(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
    await setConnections();
    // One by one: VS Code would write back an older text of a file that is replaced. Without these settings, it would
    // save documents of later tests by itself.
    const configuration = workspace.getConfiguration();
    for (const [name, value] of Object.entries(parse(original) as Record<string, unknown>))
      if (configuration.inspect(name)?.defaultValue !== undefined)
        await configuration.update(name, value, ConfigurationTarget.Global);
  });

  /** Writes the file as another editor does. */
  async function writeSettings(text: string): Promise<void> {
    await writeFile(document.uri.fsPath, text);
    // VS Code reads the file after an update, even one that removes a setting that does not exist.
    await workspace.getConfiguration('etcd').update('languages', undefined, ConfigurationTarget.Global);
  }

  async function written(): Promise<string> {
    return await readFile(document.uri.fsPath, 'utf8');
  }

  function profile(index: number): ConnectionProfile {
    const list = workspace.getConfiguration('etcd').inspect('connections')?.globalValue;
    return readProfiles(list, 'user')[index] ?? assert.fail(`no entry ${index}`);
  }

  it('pins one more certificate, and changes nothing else', async () => {
    const text = [
      '{',
      '  // all of ours',
      '  "etcd.connections": [',
      '    /* not this one */ { "name": "other", "endpoints": [ "http://127.0.0.1:1" ] },',
      '    {',
      '      "name": "prod", // the real one',
      '      "endpoints": ["https://127.0.0.1:2", "https://127.0.0.1:3"],',
      '      "caFile": "/none/ca.crt",',
      '      "ours": { "ticket": 7 },',
      '      "pinnedSha256": [',
      `        "${OLD_PIN}" // member 2`,
      '      ],',
      '    },',
      '  ],',
      '  "editor.tabSize": 2',
      '}',
      '',
    ].join('\r\n');
    await writeSettings(text);
    await entries.pin(profile(1), PIN);
    const pinned = text.replace(`"${OLD_PIN}" // member 2`, `"${OLD_PIN}",\r\n        "${PIN}" // member 2`);
    assert.equal(await written(), pinned);
    assert.deepEqual(profile(1).settings.pinnedSha256, [OLD_PIN, PIN]);
  });

  it('pins a certificate for an entry without a name, and for one of two with the same name', async () => {
    const text = (third: string) =>
      `{"etcd.connections": [{"endpoints": ["https://127.0.0.1:1"]}, {"name": "a", "endpoints": []}, ${third}]}`;
    await writeSettings(text('{"name": "a", "endpoints": ["https://127.0.0.1:2"]}'));
    await entries.pin(profile(2), PIN);
    await entries.pin(profile(0), OLD_PIN);
    const list = workspace.getConfiguration('etcd').inspect('connections')?.globalValue;
    assert.deepEqual(list, [
      { endpoints: ['https://127.0.0.1:1'], pinnedSha256: [OLD_PIN] },
      { name: 'a', endpoints: [] },
      { name: 'a', endpoints: ['https://127.0.0.1:2'], pinnedSha256: [PIN] },
    ]);
  });

  it('changes just the properties that were edited, adds and removes entries, with comments kept', async () => {
    await writeSettings(
      '{ "etcd.connections": [ /* one */ { "name": "one", "endpoints": ["http://127.0.0.1:1"], "ours": 1, "username": "root" } /* end */ ] }',
    );
    const { username: _, ...settings } = profile(0).settings;
    await entries.update(profile(0), { ...settings, endpoints: ['http://127.0.0.1:2'], name: 'first' });
    await entries.add({ name: 'two', endpoints: ['http://127.0.0.1:3'] }, 'user');
    const text = await written();
    assert.ok(text.includes('/* one */') && text.includes('/* end */'), text);
    const list = () => workspace.getConfiguration('etcd').inspect('connections')?.globalValue;
    const first = { name: 'first', endpoints: ['http://127.0.0.1:2'], ours: 1 };
    assert.deepEqual(list(), [first, { name: 'two', endpoints: ['http://127.0.0.1:3'] }]);
    await entries.remove(profile(1));
    assert.deepEqual(list(), [first]);
    await assert.rejects(entries.pin({ ...profile(0), id: 'gone' }, PIN), /is no longer in the settings/);
    await entries.remove(profile(0));
    assert.equal(list(), undefined);
  });

  it('keeps properties that it does not know where the settings file is on another machine', async () => {
    await writeSettings(
      '{ "etcd.connections": [{ "name": "far", "endpoints": ["https://127.0.0.1:1"], "ours": [1] }] }',
    );
    await new ConnectionEntries(Uri.file('/none/globalStorage/it')).pin(profile(0), PIN);
    const list = workspace.getConfiguration('etcd').inspect('connections')?.globalValue;
    assert.deepEqual(list, [{ name: 'far', endpoints: ['https://127.0.0.1:1'], ours: [1], pinnedSha256: [PIN] }]);
  });

  it('leaves a settings file alone that has unsaved changes, and says so', async () => {
    const text =
      '{ "files.autoSave": "off", "etcd.connections": [{ "name": "one", "endpoints": ["https://127.0.0.1:1"] }] }';
    await writeSettings(text);
    const editor = await window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(editor.document.lineAt(0).range.end, ' // typed just now'));
    await assert.rejects(entries.pin(profile(0), PIN), /has unsaved changes. Save it, then try again/);
    assert.equal(await written(), text);
    await commands.executeCommand('workbench.action.files.revert');
  });
});
