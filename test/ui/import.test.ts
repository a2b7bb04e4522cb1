import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selfSigned, type Identity } from '../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Workbench } from './workbench.ts';

const PASSWORD = 'correct-horse';

describe('a connection pasted and copied', () => {
  let server: EtcdServer;
  let tls: Identity;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    tls = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
    server = await startEtcd({ tls, auth: { rootPassword: PASSWORD } });
    await server.etcdctl(['put', '/greeting', 'hello']);
    workbench = await Workbench.open({ prepare: (folder) => writeFile(join(folder, 'servercert.crt'), tls.certPem) });
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await workbench.openView();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  const clipboard = {
    write: (text: string) => workbench.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`),
    read: () => workbench.page.evaluate<string>('navigator.clipboard.readText()'),
  };

  async function enterName(name: string): Promise<void> {
    await workbench.page.getByText(/Name of the connection/).waitFor();
    await workbench.enter(name);
  }

  it("goes from etcdctl's line to the keys, with the password in the secret storage", async () => {
    const line = `etcdctl --ca-file servercert.crt --no-sync --peers ${server.endpoint},https://127.0.0.1:1 -u root:${PASSWORD} ls /`;
    await clipboard.write(line);
    await workbench.command('etcd: Add Connection from Clipboard');
    await workbench.dialog.getByText(`Endpoints: ${server.endpoint}, https://127.0.0.1:1`).waitFor();
    assert.ok(!(await workbench.dialog.innerText()).includes(PASSWORD));
    await workbench.answer('Continue');
    await enterName('pasted');
    await workbench.choose(/User settings/);
    await workbench.item('greeting').waitFor();
    assert.deepEqual(await workbench.userSetting('etcd.connections'), [
      {
        name: 'pasted',
        endpoints: [server.endpoint, 'https://127.0.0.1:1'],
        username: 'root',
        caFile: join(workbench.folder, 'servercert.crt'),
      },
    ]);
  });

  it('is copied as a command without its password, and with it only when that is chosen', async () => {
    await workbench.menu(workbench.item('greeting'), 'Copy as Command');
    await workbench.choose(/^etcdctl.*v3/);
    await workbench.choose(/ETCD_PASSWORD/);
    await workbench.page.getByText('Copied.').first().waitFor();
    const variable = await clipboard.read();
    assert.match(variable, /^etcdctl --cacert .*--user root:"\$ETCD_PASSWORD" get \/greeting$/);
    await workbench.menu(workbench.item(/^pasted/), 'Copy as Command');
    await workbench.choose(/Connection strings/);
    await workbench.choose(/The password itself/);
    await workbench.messages.told(/This form has no words for caFile/);
    assert.ok((await clipboard.read()).startsWith(`https://root:${PASSWORD}@127.0.0.1:`));
    await workbench.dismissMessages();
  });

  it("goes from a hosting console's whole text to the keys, and keeps the certificate as a file", async () => {
    const origin = `https://root:${PASSWORD}@127.0.0.1:${server.port}`;
    const text = `Connection strings\n${origin}\n\nSSL certificate\n${tls.certPem}\nTry it:\ncurl -kL ${origin}/v2/keys/ --cacert ./hosted.crt\n`;
    await writeFile(join(workbench.folder, 'hosted.crt'), 'another');
    await clipboard.write(text);
    await workbench.command('etcd: Remove Connection');
    await workbench.answer('Remove');
    await workbench.item(/^pasted/).waitFor({ state: 'detached' });
    await workbench.command('etcd: Add Connection from Clipboard');
    await workbench.dialog.getByText(/-k is not offered: verification stays on/).waitFor();
    await workbench.answer('Continue');
    await workbench.choose(/As a file/);
    await workbench.page.getByText(/Path of the certificate file/).waitFor();
    assert.equal(await workbench.input.inputValue(), 'hosted.crt');
    await workbench.enter();
    await enterName('console');
    await workbench.choose(/User settings/);
    await workbench.dialog.getByText('Replace hosted.crt?').waitFor();
    assert.equal(await readFile(join(workbench.folder, 'hosted.crt'), 'utf8'), 'another');
    await workbench.answer('Replace');
    await workbench.item('greeting').waitFor();
    assert.equal(await readFile(join(workbench.folder, 'hosted.crt'), 'utf8'), tls.certPem.trim() + '\n');
  });

  it('gives a certificate that is copied alone to a connection', async () => {
    const bare = { name: 'bare', endpoints: [server.endpoint], username: 'root' };
    await workbench.setUserSettings({ 'etcd.connections': [bare] });
    await workbench.openView();
    await clipboard.write(tls.certPem);
    await workbench.commandChoice('etcd: Add Connection from Clipboard', /^bare/);
    await workbench.choose(/As text in the settings/);
    await workbench.enterPassword(PASSWORD);
    await workbench.item('greeting').waitFor();
    assert.deepEqual(await workbench.userSetting('etcd.connections'), [{ ...bare, ca: tls.certPem.trim() }]);
  });

  it('lists what it does not use before anything is kept, and keeps nothing that is canceled', async () => {
    const before = await workbench.userSetting('etcd.connections');
    await clipboard.write(
      `etcdctl --insecure-skip-tls-verify --discovery-srv=example.com --endpoints=${server.endpoint} --user root:$PW get /`,
    );
    await workbench.command('etcd: Add Connection from Clipboard');
    for (const note of [
      /--insecure-skip-tls-verify is not offered: verification stays on/,
      /Endpoints are not looked up in DNS \(example\.com\)/,
      /The password stands in the variable PW, which is not known here/,
    ])
      await workbench.dialog.getByText(note).waitFor();
    await workbench.picture('pasted-unused');
    await workbench.answer('Cancel');
    assert.deepEqual(await workbench.userSetting('etcd.connections'), before);
  });

  it('names placeholders, which the user completes key by key', async () => {
    const { page } = workbench;
    await clipboard.write(
      'etcdctl --endpoints=https://hostname:port,https://host2:port2 --cacert servercert.crt --user root get /',
    );
    await workbench.command('etcd: Add Connection from Clipboard');
    await workbench.dialog.getByText(/^Endpoints to complete: .*hostname:port.*host2:port2/).waitFor();
    await workbench.dialog
      .getByText(/"\S*hostname:port" is not an endpoint: it is a placeholder\. Complete it\./)
      .waitFor();
    await workbench.picture('pasted-placeholders');
    await workbench.answer('Continue');
    await page.getByText(/Endpoint of etcd/).waitFor();
    assert.match(await workbench.input.inputValue(), /hostname:port/);
    await workbench.focusQuestion();
    await page.keyboard.press('Control+A');
    await page.keyboard.type(server.endpoint);
    await workbench.enter();
    await enterName('completed');
    await workbench.choose(/User settings/);
    await workbench.passwordInput.waitFor();
    await workbench.focusQuestion();
    await page.keyboard.type(PASSWORD);
    await workbench.enter();
    await workbench.item(/^completed connected/).waitFor();
  });

  it('asks which of several connections to add', async () => {
    const { page } = workbench;
    await clipboard.write('etcdctl --endpoints=http://127.0.0.1:1 ls\netcdctl --endpoints=http://127.0.0.1:2 ls\n');
    await workbench.command('etcd: Add Connection from Clipboard');
    await page.getByPlaceholder('The text contains several connections. Which one do you want to add?').waitFor();
    await page.getByRole('option', { name: 'http://127.0.0.1:1' }).waitFor();
    await workbench.choose('http://127.0.0.1:2');
    await workbench.dialog.getByText('Endpoints: http://127.0.0.1:2').waitFor();
    await workbench.answer('Cancel');
  });

  it('asks for the text if the clipboard holds none', async () => {
    await clipboard.write('');
    await workbench.command('etcd: Add Connection from Clipboard');
    await workbench.page.getByText(/Paste a connection string/).waitFor();
    await workbench.enter('etcdctl --endpoints=http://127.0.0.1:3 ls');
    await workbench.dialog.getByText('Endpoints: http://127.0.0.1:3').waitFor();
    await workbench.answer('Cancel');
  });

  it('does not read the clipboard unasked in a browser', async () => {
    const { page } = workbench;
    await clipboard.write(tls.certPem);
    await workbench.command('etcd: Add Connection');
    await page.getByText(/Endpoint of etcd/).waitFor();
    await workbench.enter('https://127.0.0.1:3');
    await page.getByRole('option', { name: /A certificate file/ }).waitFor();
    assert.equal(await page.getByRole('option', { name: /certificate on the clipboard/ }).count(), 0);
    await page.keyboard.press('Escape');
  });

  it('says what it looked for where the clipboard holds none', async () => {
    await clipboard.write('nothing');
    await workbench.command('etcd: Add Connection from Clipboard');
    await workbench.messages.told(/The clipboard holds no etcd connection/);
  });
});
