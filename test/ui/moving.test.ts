import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until } from './until.ts';
import { Workbench } from './workbench.ts';

/** Keys with names that a careless client mangles, one character per byte. */
const ODD = ['a//b', 'dir/../up', 'latin caf\xe9', 'x', 'x/below', 'ends/'];

describe('moving and copying keys', () => {
  let here: EtcdServer;
  let there: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    [here, there] = [await startEtcd(), await startEtcd({ version: '3.4' })];
    for (const key of ['/one/a', '/one/b', '/two/b', '/drag/me', '/onto/k', '/cut/k1', '/cut/k2', '/paste/k'])
      await put(here, key, `value of ${key}`);
    for (const name of ODD) await put(here, `/odd/${name}`, name);
    await put(there, '/far/k', 'far');
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [
          { name: 'here', endpoints: [here.endpoint] },
          { name: 'prod', endpoints: [there.endpoint], production: true },
        ],
      },
    });
    await workbench.openView();
    await workbench.expand(/^here/);
    await workbench.item(/^one/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await here?.stop();
    await there?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
    // A message of one test must not be mistaken for one of the next.
    await workbench.page.keyboard.press('Escape');
    await workbench.dismissMessages();
  });

  async function put(server: EtcdServer, key: string, value: string): Promise<void> {
    const bytes = (text: string) => Buffer.from(text, 'latin1').toString('base64');
    const response = await fetch(`${server.endpoint}/v3/kv/put`, {
      method: 'POST',
      body: JSON.stringify({ key: bytes(key), value: bytes(value) }),
    });
    assert.equal(response.status, 200);
  }

  /** Returns the keys below a prefix, one character per byte. */
  async function keys(server: EtcdServer, prefix: string): Promise<string[]> {
    const key = Buffer.from(prefix).toString('base64');
    const end = Buffer.from(prefix.slice(0, -1) + '0').toString('base64');
    const response = await fetch(`${server.endpoint}/v3/kv/range`, {
      method: 'POST',
      body: JSON.stringify({ key, range_end: end, keys_only: true }),
    });
    const { kvs = [] } = (await response.json()) as { kvs?: { key: string }[] };
    return kvs.map((kv) => Buffer.from(kv.key, 'base64').toString('latin1'));
  }

  async function valueOf(server: EtcdServer, key: string): Promise<string> {
    const response = await fetch(`${server.endpoint}/v3/kv/range`, {
      method: 'POST',
      body: JSON.stringify({ key: Buffer.from(key, 'latin1').toString('base64') }),
    });
    const { kvs = [] } = (await response.json()) as { kvs?: { value: string }[] };
    return Buffer.from(kvs[0]?.value ?? '', 'base64').toString('latin1');
  }

  /** Chooses a command by its whole title: "Copy" is not "Copy Key". */
  async function menu(item: Locator, title: string): Promise<void> {
    await workbench.menu(item, new RegExp(`^${title}$`));
  }

  function option(text: string | RegExp) {
    return workbench.page.getByRole('option', { name: text }).first();
  }

  it('cuts and pastes keys of a selection, and undoes that', async () => {
    await workbench.expand(/^cut/);
    await workbench.item('k1').click();
    await workbench.item('k2').click({ modifiers: ['Shift'] });
    await workbench.page.keyboard.press('Control+X');
    await workbench.page.getByText('Cut: 2 keys and folders').waitFor();
    // Exactly the cut keys are dimmed.
    const dimmed = workbench.tree.locator('.monaco-tl-row:has([class*="monaco-decoration-itemColor"])');
    await until('two dimmed keys', async () => (await dimmed.count()) === 2);
    await workbench.picture('cut');
    await workbench.item(/^one/).locator('.codicon-symbol-folder').waitFor();
    assert.deepEqual(
      (await dimmed.allInnerTexts()).map((text) => text.trim()),
      ['k1', 'k2'],
    );
    await workbench.expand(/^paste/);
    await workbench.page.keyboard.press('Control+V');
    await option('Move 2 keys').waitFor();
    await workbench.picture('paste-preview');
    await workbench.choose('Move 2 keys');
    await workbench.messages.told('Moved 2 keys and folders to /paste/ in here');
    assert.deepEqual(await keys(here, '/paste/'), ['/paste/k', '/paste/k1', '/paste/k2']);
    assert.deepEqual(await keys(here, '/cut/'), []);
    await workbench.messages.press('Undo');
    await workbench.messages.told('2 keys were restored. 2 new keys were removed again.');
    assert.deepEqual(await keys(here, '/paste/'), ['/paste/k']);
    assert.deepEqual(await keys(here, '/cut/'), ['/cut/k1', '/cut/k2']);
    // Below /cut/ both rows may be shown again: it stays expanded if the tree never saw it missing.
    await workbench.item(/^cut/).waitFor();
    await until('/paste/ shows only its own key', async () => {
      const own = workbench.item('k').first();
      return (await own.getAttribute('aria-setsize')) === '1';
    });
  });

  it('shows what would be overwritten, compares it, and overwrites it', async () => {
    await menu(workbench.item(/^one/), 'Copy');
    await workbench.page.getByText('Copied: /one/').waitFor();
    await workbench.expand(/^two/);
    await workbench.command('etcd: Paste');
    await option(/two\/one\/a/).waitFor();
    await workbench.page.keyboard.press('Escape');
    await menu(workbench.item(/^one/), 'Rename…');
    await workbench.enter('/two/');
    await option(/Move 2 keys, overwrite existing keys/).waitFor();
    await workbench.picture('move-preview');
    await workbench.choose(/Compare what would be overwritten/);
    await workbench.page.getByRole('tab', { name: /What would be overwritten in here/ }).waitFor();
    await workbench.page.getByText('value of /one/b').first().waitFor();
    await workbench.picture('move-compare');
    await workbench.messages.press('Decide…');
    await workbench.choose(/Open Full Preview/);
    await workbench.editorText.getByText(/\/two\/a\s+←\s\/one\/a/).waitFor();
    await workbench.picture('move-document');
    await workbench.messages.press('Decide…');
    await workbench.choose(/Move 2 keys, overwrite existing keys/);
    await workbench.messages.told('Moved /one/ to /two/ in here');
    assert.deepEqual(await keys(here, '/two/'), ['/two/a', '/two/b']);
    assert.deepEqual(await keys(here, '/one/'), []);
    assert.match((await here.etcdctl(['get', '/two/b', '--print-value-only'])).stdout, /value of \/one\/b/);
  });

  it('drags a key to another folder', async () => {
    await workbench.expand(/^drag/);
    await workbench.drag(workbench.item('me'), workbench.item(/^onto/));
    await workbench.dialog.getByText('Move or copy /drag/me to /onto/ in here?').waitFor();
    await workbench.picture('drag-question');
    // One question is enough for one key whose name is free.
    await workbench.answer('Move');
    await workbench.messages.told('Moved /drag/me to /onto/me in here');
    assert.deepEqual(await keys(here, '/onto/'), ['/onto/k', '/onto/me']);
    assert.deepEqual(await keys(here, '/drag/'), []);
  });

  it('copies a folder with difficult names to another connection, typed since that is production', async () => {
    await menu(workbench.item(/^odd/), 'Copy');
    await workbench.page.getByText('Copied: /odd/').waitFor();
    await workbench.expand(/^prod/);
    await workbench.item(/^far/).waitFor();
    await menu(workbench.item(/^prod/), 'Paste');
    await workbench.choose('Copy 6 keys');
    await workbench.page.getByText('Copy /odd/ in here to /odd/ in prod?').waitFor();
    await workbench.picture('copy-to-production');
    await workbench.confirmByTyping('/odd/');
    await workbench.messages.told('Copied /odd/ in here to /odd/ in prod');
    assert.deepEqual(await keys(there, '/odd/'), await keys(here, '/odd/'));
    assert.deepEqual((await keys(there, '/odd/')).toSorted(), ODD.map((name) => `/odd/${name}`).toSorted());
  });

  it('shows what of difficult names would be overwritten elsewhere, and overwrites that', async () => {
    await put(there, '/odd/latin caf\xe9', 'changed there');
    await menu(workbench.item(/^prod/), 'Paste');
    await option(/Copy 1 key, overwrite existing keys/).waitFor();
    await option(/5 exist there with the same value/).waitFor();
    await option(/^\/odd\/latin caf\\xe9, ← \/odd\/latin caf\\xe9 · exists/).waitFor();
    await workbench.picture('overwrite-difficult');
    await workbench.choose(/Copy 1 key, overwrite existing keys/);
    await workbench.page.getByText(/overwritten: 1/).waitFor();
    await workbench.confirmByTyping('/odd/');
    await workbench.messages.told('Copied /odd/ in here to /odd/ in prod');
    assert.equal(await valueOf(there, '/odd/latin caf\xe9'), 'latin caf\xe9');
  });

  it('drags a key whose name is no UTF-8 and keeps both where its name is taken', async () => {
    await put(here, '/onto/latin caf\xe9', 'was here');
    // Waits for the tree to show it: an earlier click could hit a row that moves.
    await workbench.item('latin caf\\xe9').nth(1).waitFor();
    await workbench.item(/^odd/).first().click();
    // In the folder itself, in the folder that it is dragged to, and in prod.
    await workbench.item('latin caf\\xe9').nth(2).waitFor();
    await workbench.drag(workbench.item('latin caf\\xe9').first(), workbench.item(/^onto/));
    await workbench.answer('Copy');
    await workbench.choose(/Copy 1 key, keep both under new names/);
    await workbench.messages.told(/Copied \/odd\/latin/);
    assert.deepEqual((await keys(here, '/onto/')).slice(1, 3), ['/onto/latin caf\xe9', '/onto/latin caf\xe9 copy']);
  });

  it('cuts a folder .. and pastes it', async () => {
    await workbench.item(/^dir/).first().click();
    await workbench.item(/^\.\./).first().click();
    await workbench.page.keyboard.press('Control+X');
    await workbench.page.getByText('Cut: /odd/dir/../').waitFor();
    const dimmed = workbench.tree.locator('.monaco-tl-row:has([class*="monaco-decoration-itemColor"])');
    await until('the folder and its key are dimmed', async () => (await dimmed.allInnerTexts()).join().includes('..'));
    await workbench.picture('cut-folder');
    await menu(workbench.item(/^paste/), 'Paste');
    await workbench.choose('Move 1 key');
    await workbench.messages.told('Moved /odd/dir/../ to /paste/../ in here');
    assert.deepEqual(await keys(here, '/paste/'), ['/paste/../up', '/paste/k']);
    assert.deepEqual(await keys(here, '/odd/dir/'), []);
  });

  it('resumes a move between connections that stopped', async () => {
    await menu(workbench.item(/^cut/), 'Cut');
    await workbench.page.getByText('Cut: /cut/').waitFor();
    await menu(workbench.item(/^prod/), 'Paste');
    await workbench.choose('Move 2 keys');
    await workbench.page.getByText('Move /cut/ in here to /cut/ in prod?').waitFor();
    await there.kill();
    await workbench.confirmByTyping('/cut/');
    await workbench.messages.told(/Move \/cut\/ in here to \/cut\/ in prod: /);
    await workbench.picture('resume');
    assert.deepEqual(await keys(here, '/cut/'), ['/cut/k1', '/cut/k2']);
    await there.restart();
    await workbench.messages.press('Resume');
    await workbench.messages.told('Moved /cut/ in here to /cut/ in prod');
    assert.deepEqual(await keys(here, '/cut/'), []);
    assert.deepEqual(await keys(there, '/cut/'), ['/cut/k1', '/cut/k2']);
  });

  it('copies a key by a command to a folder of another connection that does not exist yet', async () => {
    await menu(workbench.item('k').first(), 'Copy To…');
    await workbench.choose(/^prod/);
    await workbench.fill('/fresh/folder/');
    await workbench.choose('Copy into /fresh/folder/');
    await workbench.choose('Copy 1 key');
    await workbench.page.getByText(/Copy .* to \/fresh\/folder\/k in prod\?/).waitFor();
    await workbench.page.keyboard.press('Escape');
    assert.deepEqual(await keys(there, '/fresh/'), []);
  });
});

describe('copying v3 keys to v2', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
    for (const key of ['/app/a', '/app/b//c', '/app/d', '/app/d/e'])
      await server.etcdctl(['put', key, `value of ${key}`]);
    await fetch(`${server.endpoint}/v2/keys/old`, { method: 'PUT', body: new URLSearchParams({ value: 'v2' }) });
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'both', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^both/);
    await workbench.item(/^both \(v2 keys\)/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  it('says what v2 has no room for, and copies the rest', async () => {
    await workbench.expand(/^app/);
    await workbench.page.keyboard.press('Control+C');
    await workbench.page.getByText('Copied: /app/').waitFor();
    await workbench.menu(workbench.item(/^both \(v2 keys\)/), 'Paste');
    const copy = workbench.page.getByRole('option', { name: 'Copy 2 keys' });
    await copy.waitFor();
    await workbench.page.getByRole('option', { name: 'Skipped because they cannot be stored there: 2.' }).waitFor();
    await workbench.page.getByRole('option', { name: /^\/app\/d\/e, .*nothing can be below it/ }).waitFor();
    await workbench.picture('copy-to-v2');
    await copy.click();
    await workbench.messages.told(/2 keys done\. Skipped because they cannot be stored there: /);
    const answer = await fetch(`${server.endpoint}/v2/keys/app?recursive=true`);
    const { node } = (await answer.json()) as { node: { nodes: { key: string; value: string }[] } };
    assert.deepEqual(
      node.nodes.map(({ key, value }) => [key, value]).toSorted(),
      ['/app/a', '/app/d'].map((key) => [key, `value of ${key}`]),
    );
  });
});
