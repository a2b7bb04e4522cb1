import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { attempt } from '../../scripts/setup/command.mjs';
import { ensureEtcd } from '../../scripts/setup/etcd.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { allTitlesInMenu } from './rowMenu.ts';
import { until } from './until.ts';
import { Workbench } from './workbench.ts';

const KEYS: Readonly<Record<string, string>> = {
  '/app/db host': 'one\ntwo\n',
  '/app/a%41?': 'odd',
  '/app/dir': 'a key',
  '/app/dir/b': 'and a folder',
  '/app/ü\n': 'line break in the key',
  '/other': 'not exported',
};

describe('export and import', () => {
  let server: EtcdServer;
  let workbench: Workbench;
  let folder: string;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const [key, value] of Object.entries(KEYS)) await server.etcdctl(['put', '--', key, value]);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    ({ folder } = workbench);
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.item(/^app/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  it('exports a folder with difficult names as JSON', async () => {
    await workbench.menu(workbench.item(/^app/).last(), 'Export');
    await workbench.page.getByText('Export /app/').waitFor();
    await workbench.picture('export-form');
    await workbench.choose(/^JSON.*keys and values/);
    await workbench.picture('export-dialog');
    await workbench.fileDialog([], 'OK');
    await workbench.messages.told(/5 keys were exported to .*app\.json as they were at revision \d+\./);
    await workbench.picture('exported');
    const { prefix, revision, keys } = JSON.parse(await readFile(join(folder, 'app.json'), 'utf8'));
    assert.deepEqual([prefix, revision], ['/app/', '7']);
    assert.deepEqual(
      Object.fromEntries(keys.map(({ key, value }: { key: string; value: string }) => [key, value])),
      Object.fromEntries(Object.entries(KEYS).filter(([key]) => key.startsWith('/app/'))),
    );
    assert.deepEqual(await readdir(folder), ['app.json']);
  });

  it('exports one file per key into a new folder', async () => {
    await workbench.dismissMessages();
    await workbench.menu(workbench.item(/^app/).last(), 'Export');
    await workbench.choose(/^Folder/);
    await workbench.fileDialog([], 'Export Here');
    await workbench.messages.told(/5 keys were exported to/);
    assert.deepEqual(
      (await readdir(join(folder, 'app'), { recursive: true })).toSorted(),
      ['dir%_', 'dir%_/b', '.etcd-keys.json', 'a%2541%3F', 'db host', 'dir', 'ü%0A'].toSorted(),
    );
    assert.equal(await readFile(join(folder, 'app', 'db host'), 'utf8'), 'one\ntwo\n');
    const { revision, keys } = JSON.parse(await readFile(join(folder, 'app', '.etcd-keys.json'), 'utf8'));
    assert.equal(revision, '7');
    assert.deepEqual(
      keys.map((each: Record<string, unknown>) => [each['key'], each['file'], each['modRevision']]),
      [
        ['/app/a%41?', 'a%2541%3F', '3'],
        ['/app/db host', 'db host', '2'],
        ['/app/dir', 'dir', '4'],
        ['/app/dir/b', 'dir%_/b', '5'],
        ['/app/ü\n', 'ü%0A', '6'],
      ],
    );
  });

  async function valueInEtcd(key: string): Promise<string> {
    return (await server.etcdctl(['get', '--print-value-only', '--', key])).stdout.slice(0, -1);
  }

  function preview(name: string | RegExp) {
    return workbench.page.getByRole('tree', { name: 'Import Preview' }).getByRole('treeitem', { name });
  }

  async function importFile(name: string): Promise<void> {
    await workbench.commandChoice('etcd: Import', /^File/);
    await workbench.fileDialog([name]);
    await workbench.page.getByText(/Enter the new prefix|Prefix to add/).waitFor();
  }

  it('previews an import: what is added, changed, unchanged and conflicting, each with its difference', async () => {
    const { page } = workbench;
    const file = join(folder, 'app.json');
    const content = JSON.parse(await readFile(file, 'utf8'));
    for (const entry of content.keys) {
      if (entry.key === '/app/db host') entry.value = 'one\nthree\n';
      if (entry.key === '/app/ü\n') entry.value = 'mine';
    }
    content.keys.push({ key: '/app/new 100%', value: 'added' }, { key: '/app/zero', valueBase64: 'AAE=' });
    await writeFile(file, JSON.stringify(content));
    await server.etcdctl(['put', '/app/ü\n', 'theirs, since the export']);
    await workbench.dismissMessages();
    await importFile('app.json');
    await workbench.picture('import-prefix');
    await workbench.enter();
    await page.getByText('Nothing is written yet').waitFor();
    for (const group of [/^Added 2/, /^Changed 1/, /^Unchanged 3/, /^Conflicting 1/]) await preview(group).waitFor();
    await page.getByText('app.json into local: 3 of 7 keys chosen. Nothing is written yet.').waitFor();
    await preview(/^\/app\/db host/).click();
    const diff = page.locator('.monaco-diff-editor');
    await diff.locator('.original').getByText('two').waitFor();
    await diff.locator('.modified').getByText('three').waitFor();
    await workbench.picture('import-preview');
    await preview(/^\/app\/zero/).click();
    await diff.locator('.modified').getByText('00 01').waitFor();
  });

  it('writes what is chosen, and nothing over what others write meanwhile', async () => {
    const { page } = workbench;
    const chosen = (count: number) => page.getByText(`app.json into local: ${count} of 7 keys chosen.`);
    await workbench.tick(preview(/^\/app\/zero/), false, chosen(2));
    await workbench.tick(preview(/^Conflicting 1/), true, chosen(3));
    await server.etcdctl(['put', '/app/new 100%', 'created meanwhile']);
    await workbench.viewIcon('Import Preview', 'Import Chosen Keys…');
    await workbench.dialog.getByText('Import 3 keys from app.json into local?').waitFor();
    await workbench.dialog
      .getByText(/New keys: 1\. Overwritten: 2\. Of these, written by others since the export: 1\./)
      .waitFor();
    await workbench.picture('import-question');
    await workbench.answer('Import');
    await workbench.messages.told(
      /2 keys were imported into local\. Skipped because others changed them: \/app\/new 100%\./,
    );
    await workbench.picture('imported');
    assert.equal(await valueInEtcd('/app/db host'), 'one\nthree\n');
    assert.equal(await valueInEtcd('/app/ü\n'), 'mine');
    assert.equal(await valueInEtcd('/app/new 100%'), 'created meanwhile');
    assert.equal(await valueInEtcd('/app/zero'), '');
    await page.locator('.monaco-diff-editor').waitFor({ state: 'detached' });
    await workbench.messages.press('Undo');
    await workbench.messages.told('2 keys were restored.');
    assert.equal(await valueInEtcd('/app/db host'), 'one\ntwo\n');
    assert.equal(await valueInEtcd('/app/ü\n'), 'theirs, since the export');
  });

  it('imports a folder below another prefix', async () => {
    const { page } = workbench;
    await workbench.dismissMessages();
    await workbench.menu(workbench.item(/^local/), 'Import');
    await workbench.choose(/^Folder/);
    await workbench.fileDialog(['app'], 'Compare');
    await page.getByText('Enter the new prefix').waitFor();
    await workbench.enter('/copy/');
    await preview(/^Added 5/).waitFor();
    await workbench.viewIcon('Import Preview', 'Import Chosen Keys…');
    await workbench.answer('Import');
    await workbench.messages.told('5 keys were imported into local.');
    await workbench.item(/^copy/).waitFor();
    for (const [key, value] of Object.entries(KEYS).filter(([name]) => name.startsWith('/app/')))
      assert.equal(await valueInEtcd(key.replace('/app/', '/copy/')), key === '/app/ü\n' ? KEYS['/app/ü\n'] : value);
  });

  it('says what is wrong with a file, and shows nothing', async () => {
    await writeFile(join(folder, 'bad.json'), '{"keys": [{"key": "/a", "value"');
    await workbench.dismissMessages();
    await workbench.commandChoice('etcd: Import', /^File/);
    await workbench.fileDialog(['bad.json']);
    await workbench.messages.told(/This file cannot be imported: it is not valid JSON/);
  });

  for (const [form, label] of [
    ['etcdctl put', /^etcdctl put/],
    ['curl', /^curl …\/kv\/put/],
  ] as const)
    it(`copies a folder as ${form} lines, which write the same keys where they are run`, async () => {
      await workbench.dismissMessages();
      await workbench.menu(workbench.item(/^app/).last(), 'Copy as Command');
      await workbench.page.getByRole('option', { name: label }).first().waitFor();
      await workbench.picture('copy-as');
      await workbench.choose(label);
      let copied = '';
      await until(`the clipboard has ${form} lines`, async () => {
        copied = await workbench.page.evaluate<string>('navigator.clipboard.readText()');
        return copied.includes(`${form} `);
      });
      const before = await server.etcdctl(['get', '/app/', '--prefix']);
      assert.match(before.stdout, /^\/app\/a%41\?\n/, before.stderr);
      await server.etcdctl(['del', '/app/', '--prefix']);
      const { etcdctl } = await ensureEtcd('any');
      const env = { PATH: [dirname(etcdctl), process.env['PATH']].join(delimiter) };
      const { code, stderr } = await attempt('sh', [], { env, input: `set -eu\n${copied}\n` });
      assert.equal(code, 0, `${copied}\n${stderr}`);
      assert.equal((await server.etcdctl(['get', '/app/', '--prefix'])).stdout, before.stdout);
    });

  it('has an import into production typed, and offers none where the connection is read-only', async () => {
    const { page } = workbench;
    const endpoints = [server.endpoint];
    await workbench.setUserSettings({
      'etcd.connections': [
        { name: 'live', endpoints, production: true },
        { name: 'frozen', endpoints, readOnly: true },
      ],
    });
    await workbench.openView();
    await workbench.expand(/^frozen/);
    const titles = await allTitlesInMenu(page, workbench.item(/^frozen connected/));
    assert.ok(titles.includes('Export…') && !titles.includes('Import…'), titles.join(', '));
    await workbench.menu(workbench.item(/^live/), 'Import');
    await workbench.choose(/^File/);
    await workbench.fileDialog(['app.json']);
    await page.getByText('Enter the new prefix').waitFor();
    await workbench.enter('/typed/');
    await preview(/^Added 7/).waitFor();
    await workbench.viewIcon('Import Preview', 'Import Chosen Keys…');
    await page.getByText('Import 7 keys from app.json into live?').waitFor();
    await workbench.picture('import-production');
    await workbench.confirmByTyping('/typed/');
    await workbench.messages.told('7 keys were imported into live.');
    await workbench.messages.press('Undo');
    await workbench.answer('Undo');
    await workbench.messages.told('7 new keys were removed again.');
    assert.equal((await server.etcdctl(['get', '/typed/', '--prefix', '--keys-only'])).stdout, '');
  });
});
