import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { selfSigned, type Identity } from '../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { axeFindings } from './axe.ts';
import { openKey } from './openKey.ts';
import { Workbench } from './workbench.ts';

const PASSWORD = 'correct-horse';

describe('connections, from none to working ones', () => {
  let plain: EtcdServer;
  let secure: EtcdServer;
  let tls: Identity;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    const inTenDays = new Date(Date.now() + 10 * 24 * 60 * 60 * 1000);
    tls = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'], notAfter: inTenDays });
    [plain, secure] = await Promise.all([
      startEtcd({ version: '3.4', extraArgs: ['--enable-v2=true'] }),
      startEtcd({ tls, auth: { rootPassword: PASSWORD } }),
    ]);
    await plain.etcdctl(['put', '/hello', 'world']);
    await putV2('/old/greeting', 'hello');
    await secure.etcdctl(['put', '/secret', 'value']);
    workbench = await Workbench.open({ prepare: (folder) => writeFile(join(folder, 'servercert.crt'), tls.certPem) });
    await workbench.openView();
  });
  after(async () => {
    await workbench?.close();
    await plain?.stop();
    await secure?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function putV2(key: string, value: string): Promise<void> {
    const body = new URLSearchParams({ value });
    assert.ok((await fetch(`${plain.endpoint}/v2/keys${key}`, { method: 'PUT', body })).ok);
  }

  async function valueInV2(key: string): Promise<string> {
    const answer = await fetch(`${plain.endpoint}/v2/keys${key}`);
    return ((await answer.json()) as { node: { value: string } }).node.value;
  }

  it('leads from the welcome view to a local etcd', async () => {
    const { page } = workbench;
    await page.getByText('No etcd connection yet.').waitFor();
    await page.getByRole('button', { name: 'Add Connection', exact: true }).click();
    await page.getByText(/Endpoint of etcd/).waitFor();
    assert.equal(await workbench.input.inputValue(), 'http://127.0.0.1:2379');
    await workbench.enter('127.0.0.1:2379');
    await page
      .getByText(/"127\.0\.0\.1:2379" is not an endpoint/)
      .first()
      .waitFor();
    await workbench.enter(plain.endpoint);
    await page.getByText(/User name in etcd/).waitFor();
    await workbench.enter();
    await page.getByText(/Name of the connection/).waitFor();
    assert.equal(await workbench.input.inputValue(), 'local');
    await workbench.enter();
    await page.getByRole('option', { name: /User settings/ }).waitFor();
    await workbench.enter();
    await workbench.choose(/^Save and connect/);
    await workbench.item(/^local connected/).waitFor();
    await workbench.item('hello').waitFor();
    assert.deepEqual(await workbench.userSetting('etcd.connections'), [{ name: 'local', endpoints: [plain.endpoint] }]);
  });

  it('shows the v2 keys of the same server beside its v3 keys, and edits them as safely', async () => {
    await workbench.expand(/^local \(v2 keys\)/);
    await workbench.item(/^local \(v2 keys\) connected/).waitFor();
    await workbench.expand(/^old/);
    await openKey(workbench, 'greeting');
    await workbench.editorText.getByText('hello').waitFor();
    await workbench.type('greeting', 'good morning');
    await workbench.save();
    await workbench.unsaved('greeting').waitFor({ state: 'detached' });
    assert.equal(await valueInV2('/old/greeting'), 'good morning');
    await workbench.type('greeting', 'mine');
    await putV2('/old/greeting', 'theirs');
    await workbench.save();
    await workbench.messages.told(/content of the file is newer/);
    assert.equal(await valueInV2('/old/greeting'), 'theirs');
    await workbench.command('File: Revert File');
    await workbench.editorText.getByText('theirs').waitFor();
  });

  it('creates a folder of v2 keys that stays only for a while, and offers none for v3 keys', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^old/), 'New Folder…');
    await page.getByText('New Folder (local (v2 keys))').waitFor();
    await workbench.fill('/old/short-lived');
    await page.getByRole('option', { name: 'Create the folder /old/short-lived' }).waitFor();
    await workbench.enter();
    await page.getByText(/Seconds until etcd deletes the folder/).waitFor();
    await workbench.fill('1.5');
    await page.getByText('Enter a whole number of seconds.').first().waitFor();
    await workbench.enter('600');
    await workbench.item(/^short-lived until \d/).waitFor();
    const { node } = (await (await fetch(`${plain.endpoint}/v2/keys/old/short-lived`)).json()) as {
      node: { dir: boolean; ttl: number };
    };
    assert.ok(node.dir && node.ttl > 500 && node.ttl <= 600, JSON.stringify(node));

    await workbench.item(/^local connected/).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'New Key Here…' }).waitFor();
    assert.equal(await page.getByRole('menuitem', { name: 'New Folder…' }).count(), 0);
    await page.keyboard.press('Escape');
  });

  it('opens a hidden v2 key by its path', async () => {
    const { page } = workbench;
    await putV2('/old/_hidden/key', 'found');
    await workbench.menu(workbench.item(/^old/), 'Go to Key…');
    await workbench.fill('/old/_hidden/key');
    await page.getByRole('option', { name: '/old/_hidden/key' }).waitFor();
    await workbench.enter();
    await workbench.editorText.getByText('found').waitFor();
    await putV2('/old/_secret', 'also found');
    await workbench.menu(workbench.item(/^old/), 'Go to Key…');
    await workbench.fill('/old/_secret');
    await page.getByRole('option', { name: '/old/_secret' }).waitFor();
    await workbench.enter();
    await workbench.editorText.getByText('also found').waitFor();
    assert.equal(await workbench.item('_secret').count(), 0);
  });

  it('has no accessibility fault in the sidebar', async () => {
    assert.deepEqual(await axeFindings(workbench.page, '.part.sidebar'), []);
    // VS Code writes a row's label and description without a space in between, which axe does not read as text.
    for (const row of await workbench.tree.getByRole('treeitem').all()) {
      const texts = await row.locator('.label-name, .label-description').allInnerTexts();
      const visible = texts.filter(Boolean).join(' ');
      assert.ok((await row.getAttribute('aria-label'))?.startsWith(visible), visible);
    }
  });

  const warning = /The certificate of etcd at .* ends on/;

  it('says what is wrong with a certificate, and trusts it when told to', async () => {
    const local = { name: 'local', endpoints: [plain.endpoint] };
    const hosted = { name: 'hosted', endpoints: [secure.endpoint], username: 'root' };
    await workbench.setUserSettings({ 'etcd.connections': [local, hosted] });
    await workbench.openView();
    await workbench.item(/^hosted/).click();
    await workbench.enterPassword(PASSWORD);
    const question = workbench.dialog.getByText(/Trust the certificate of .* for hosted\?/);
    const failure = workbench.item(/signs itself, and this connection does not trust it/);
    // A user who compares the fingerprint elsewhere first sees it again, and types no password again.
    for (const again of [false, true, true]) {
      if (again) await workbench.icon(failure, 'Retry', question);
      await question.waitFor();
      await workbench.dialog.getByText(new X509Certificate(tls.certPem).fingerprint256).waitFor();
      await workbench.answer('Cancel');
      await failure.waitFor();
      await workbench.item(/^hosted failed: certificate/).waitFor();
    }
    await workbench.icon(failure, 'Retry', question);
    await workbench.answer('Trust This Certificate');
    await workbench.item('secret').waitFor();
  });

  it('warns once that the certificate ends soon, and tells when in the tooltip', async () => {
    const { page } = workbench;
    await workbench.messages.told(warning);
    await workbench.messages.press('Diagnose Connection', warning);
    await workbench.report.getByText('Everything works.').waitFor();
    await workbench.command('View: Close Editor');
    await workbench.item(/^hosted/).hover();
    const tooltip = page.locator('.monaco-hover:visible').getByText(/Server's\scertificate/);
    await tooltip.waitFor();
    await workbench.menu(workbench.item(/^hosted/), 'Refresh');
    await workbench.item('secret').waitFor();
    assert.equal(await workbench.messages.has(warning), false);
  });

  it('trusts a certificate still when the window is loaded again', async () => {
    await workbench.reloadInOrder();
    await workbench.openView();
    await workbench.expand(/^hosted/);
    await workbench.item('secret').waitFor();
    assert.equal(await workbench.messages.has(warning), false);
  });

  it("connects when a setting names the certificate's file", async () => {
    const local = { name: 'local', endpoints: [plain.endpoint] };
    const hosted = { name: 'hosted', endpoints: [secure.endpoint], username: 'root', caFile: 'servercert.crt' };
    await workbench.setUserSettings({ 'etcd.connections': [local, hosted] });
    await workbench.openView();
    await workbench.item(/^hosted/).click();
    await workbench.enterPassword(PASSWORD);
    await workbench.item('secret').waitFor();
  });

  it('stops at a changed certificate, shows old and new, and trusts the new one only when told to', async () => {
    const local = { name: 'local', endpoints: [plain.endpoint] };
    const hosted = { name: 'hosted', endpoints: [secure.endpoint], username: 'root', pinnedSha256: ['0'.repeat(64)] };
    await workbench.setUserSettings({ 'etcd.connections': [local, hosted] });
    await workbench.openView();
    await workbench.item(/^hosted/).click();
    await workbench.enterPassword(PASSWORD);
    await workbench.dialog.getByText(/presents a different certificate than the one that hosted trusts/).waitFor();
    await workbench.dialog.getByText('0'.repeat(64)).waitFor();
    await workbench.answer('Trust This Certificate');
    // Uses the password that was typed.
    await workbench.item('secret').waitFor();
    const [, { pinnedSha256 }] = (await workbench.userSetting('etcd.connections')) as [
      unknown,
      { pinnedSha256: string[] },
    ];
    const { fingerprint256 } = new X509Certificate(tls.certPem);
    assert.deepEqual(pinnedSha256, ['0'.repeat(64), fingerprint256.replaceAll(':', '').toLowerCase()]);
  });

  it('diagnoses a connection in a report without secrets', async () => {
    await workbench.menu(workbench.item(/^hosted/), 'Diagnose Connection');
    const { report } = workbench;
    await report.getByText('Diagnosis of the etcd connection hosted').waitFor();
    await report.getByText('Everything works.').waitFor();
    await report.getByText('Trusted: 2 pinned certificates').waitFor();
    await workbench.picture('diagnosis');
    assert.ok(!(await report.locator('body').innerText()).includes(PASSWORD));
    await workbench.command('View: Close Editor');
  });

  it('forgets credentials, and asks for them again only when it is told to', async () => {
    await workbench.menu(workbench.item(/^hosted/), 'Forget Credentials');
    await workbench.item(/credentials of hosted were forgotten/).waitFor();
    const failure = workbench.item(/credentials of hosted were forgotten/);
    await workbench.icon(failure, 'Retry', workbench.passwordInput);
    await workbench.enterPassword(PASSWORD);
    await workbench.item('secret').waitFor();
  });

  it('disconnects until it is told to connect again', async () => {
    await workbench.menu(workbench.item(/^hosted/), 'Disconnect');
    await workbench.item(/^hosted not connected/).waitFor();
    const told = workbench.item(/You disconnected from hosted/);
    await told.waitFor();
    await workbench.picture('disconnected');
    await workbench.icon(told, 'Retry', workbench.item('secret'));
    await workbench.item(/^hosted connected/).waitFor();
  });

  it('removes a connection from the settings', async () => {
    await workbench.menu(workbench.item(/^hosted/), 'Remove Connection…');
    await workbench.dialog.getByText('Remove the connection hosted?').waitFor();
    await workbench.answer('Remove');
    await workbench.item(/^hosted/).waitFor({ state: 'detached' });
    assert.deepEqual(await workbench.userSetting('etcd.connections'), [{ name: 'local', endpoints: [plain.endpoint] }]);
  });

  it('offers other credentials where the v2 keys refuse them, and keeps them apart from those of the v3 keys', async () => {
    const { page } = workbench;
    // After a reload, the server may not have been asked yet whether it has v2 keys.
    await expandAnew(workbench.item(/^local (not )?connected/));
    await workbench.item(/^local \(v2 keys\)/).waitFor();
    await v2Auth('users/root', { user: 'root', password: PASSWORD });
    await v2Auth('enable', {});
    const root = { username: 'root', password: PASSWORD };
    await v2Auth('roles/guest', { role: 'guest', revoke: { kv: { read: ['/*'], write: ['/*'] } } }, root);
    await expandAnew(workbench.item(/^local \(v2 keys\)/));
    for (const [failure, answer] of [
      [/requires a user name and a password/, `not ${PASSWORD}`],
      [/either the user name or password is wrong/, PASSWORD],
    ] as const) {
      await workbench.icon(workbench.item(failure), 'Set Credentials…', page.getByText('etcd user name'));
      await workbench.enter('root');
      await workbench.enterPassword(answer);
    }
    await workbench.item(/^old/).waitFor();
    await expandAnew(workbench.item(/^local (not )?connected/));
    await workbench.item('hello').waitFor();
  });

  async function expandAnew(item: Locator): Promise<void> {
    if ((await item.getAttribute('aria-expanded')) === 'true') await workbench.menu(item, 'Refresh');
    else await item.click();
  }

  async function v2Auth(path: string, body: object, user?: { username: string; password: string }): Promise<void> {
    const authorization = user && `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`;
    const answer = await fetch(`${plain.endpoint}/v2/auth/${path}`, {
      method: 'PUT',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
  }
});

describe('a workspace that nobody trusts yet', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    await server.etcdctl(['put', '/hello', 'world']);
    workbench = await Workbench.open({
      trustDisabled: false,
      env: { ETCDCTL_ENDPOINTS: server.endpoint },
      settings: { 'security.workspace.trust.startupPrompt': 'never' },
      prepare: async (folder) => {
        await mkdir(join(folder, '.vscode'));
        const { endpoint, metricsUrl } = server;
        const settings = { 'etcd.connections': [{ name: 'from-workspace', endpoints: [endpoint], metricsUrl }] };
        await writeFile(join(folder, '.vscode', 'settings.json'), JSON.stringify(settings));
      },
    });
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });

  it('shows its connections only when it is trusted, and asks before it contacts them', async () => {
    const { page } = workbench;
    await workbench.openView();
    await page.getByText('This workspace defines connections. They are not used until you trust it.').waitFor();
    assert.equal(await page.getByText('No etcd connection yet.').count(), 0);
    await workbench.picture('restricted-mode');
    await page.getByRole('button', { name: 'Manage Workspace Trust' }).click();
    await page.getByRole('button', { name: 'Trust', exact: true }).click();
    await workbench.item(/^from-workspace not connected/).waitFor();
    await workbench.item(/^from-workspace/).click();
    await workbench.dialog.getByText(server.endpoint).waitFor();
    await workbench.dialog.getByText('It would read the metrics of etcd from:').waitFor();
    await workbench.dialog.getByText(server.metricsUrl).waitFor();
    await workbench.answer('Cancel');
    await workbench.item(/you have not allowed it yet/).waitFor();
    const failure = workbench.item(/you have not allowed it yet/);
    // A question that is canceled is no failure.
    const row = workbench.item(/^from-workspace not connected/);
    await row.waitFor();
    assert.equal(await row.locator('.codicon-error').count(), 0);
    assert.equal(await workbench.messages.count(), 0);
    await workbench.icon(failure, 'Retry', workbench.dialog);
    await workbench.answer('Connect');
    await workbench.item('hello').waitFor();
  });

  it("prefers a pasted connection to that of the editor's environment", async () => {
    const { page } = workbench;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const copy = (line: string) => page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(line)})`);
    await copy('etcdctl --endpoints=http://127.0.0.1:1 get --prefix /');
    await workbench.command('etcd: Add Connection from Clipboard');
    await workbench.dialog.getByText('Endpoints: http://127.0.0.1:1').waitFor();
    assert.ok(!(await workbench.dialog.innerText()).includes(server.endpoint));
    await workbench.answer('Cancel');
  });

  it("offers the connection of the editor's environment, or to enter one", async () => {
    const { page } = workbench;
    const found = page.getByRole('option', { name: /Use the connection of the editor's environment/ });
    const add = page.getByRole('button', { name: 'Add Connection…' }).first();
    await add.click();
    await found.getByText(server.endpoint).waitFor();
    await workbench.choose('Enter a connection step by step');
    await page.getByText(/Endpoint of etcd/).waitFor();
    await page.keyboard.press('Escape');
    await add.click();
    await found.click();
    await workbench.dialog.getByText(`Endpoints: ${server.endpoint}`).waitFor();
    await workbench.answer('Continue');
    await page.getByText(/Name of the connection/).waitFor();
    await workbench.enter('from-environment');
    await workbench.choose(/User settings/);
    await workbench.item(/^from-environment connected/).waitFor();
  });
});
