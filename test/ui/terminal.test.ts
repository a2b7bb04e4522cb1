import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ensureEtcd } from '../../scripts/setup/etcd.ts';
import { selfSigned } from '../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { filesBelow } from './files.ts';
import { until, valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

const PASSWORD = 'correct-horse';

describe('a terminal with etcdctl', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    const tls = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
    server = await startEtcd({ tls, auth: { rootPassword: PASSWORD } });
    const { etcdctl } = await ensureEtcd('3.5');
    workbench = await Workbench.open({
      env: { PATH: [dirname(etcdctl), process.env['PATH']].join(delimiter) },
      settings: {
        'etcd.connections': [{ name: 'secure', endpoints: [server.endpoint], username: 'root', ca: tls.certPem }],
      },
    });
    await workbench.openView();
    await workbench.item(/^secure/).click();
    await workbench.enterPassword(PASSWORD);
    await workbench.item(/^secure connected/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
    await workbench.command('Terminal: Kill All Terminals');
    await until('no file of a certificate is left', async () => (await certificates()).length === 0);
  });

  async function certificates(): Promise<string[]> {
    return (await filesBelow(workbench.storage)).filter((path) => path.endsWith('.crt'));
  }

  async function put(key: string): Promise<void> {
    await type(`etcdctl put ${key} typed`, async () => (await valueInEtcd(server, key)) === 'typed');
  }

  /** Types a command once the terminal takes it, until it has had its effect. */
  async function type(line: string, isDone: () => Promise<boolean>): Promise<void> {
    const { page } = workbench;
    const input = page.locator('.terminal-wrapper.active textarea').first();
    await input.waitFor({ state: 'attached' });
    await until(`"${line}" has run`, async () => {
      await input.focus();
      await page.keyboard.type(line);
      await page.keyboard.press('Enter');
      for (let tries = 0; tries < 40; tries++) {
        if (await isDone()) return true;
        await page.waitForTimeout(100);
      }
      return false;
    });
  }

  /** Opens the terminal of VS Code's menu of profiles. */
  async function openProfile(): Promise<void> {
    await workbench.commandChoice('Create New Terminal (With Profile)', /etcdctl/);
  }

  it('connects as its connection does, with a certificate that only its owner may read', async () => {
    await workbench.menu(workbench.item(/^secure/), 'Open Terminal with etcdctl');
    await workbench.choose(/^Put the password into ETCDCTL_PASSWORD/);
    await put('/from/terminal');
    await workbench.picture('terminal');
    const [file, ...others] = await certificates();
    assert.ok(file !== undefined && others.length === 0);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('leaves the terminals beside it as they are', async () => {
    await workbench.menu(workbench.item(/^secure/), 'Open Terminal with etcdctl');
    await workbench.choose(/^Put the password into ETCDCTL_PASSWORD/);
    await put('/from/beside');
    const folder = await mkdtemp(join(tmpdir(), 'etcd-terminal-'));
    try {
      const file = join(folder, 'variables');
      await workbench.command('Terminal: Create New Terminal');
      await workbench.page.locator('.terminal-tabs-entry').nth(1).waitFor();
      const content = () => readFile(file, 'utf8').catch(() => '');
      await type(`(env | grep -c ^ETCDCTL_; echo done) > ${file}`, async () => (await content()).includes('done'));
      assert.equal(await content(), '0\ndone\n');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is also a profile in the menu of terminals', async () => {
    await openProfile();
    await workbench.choose(/^Put the password into ETCDCTL_PASSWORD/);
    await put('/from/profile');
    assert.equal((await certificates()).length, 1);
  });

  it('is not opened from the menu of terminals if the question is canceled, which is no error', async () => {
    await openProfile();
    await workbench.page.getByRole('option', { name: /^Let etcdctl ask for the password/ }).waitFor();
    await workbench.page.keyboard.press('Escape');
    await workbench.page.getByRole('option', { name: /^Let etcdctl ask/ }).waitFor({ state: 'detached' });
    await openProfile();
    await workbench.choose(/^Let etcdctl ask for the password/);
    await workbench.page.locator('.terminal-wrapper.active textarea').first().waitFor({ state: 'attached' });
    assert.equal(await workbench.messages.count(), 0);
    assert.equal((await certificates()).length, 1);
  });

  it('lets etcdctl ask for the password, which the terminal then does not have', async () => {
    await workbench.menu(workbench.item(/^secure/), 'Open Terminal with etcdctl');
    await workbench.choose(/^Let etcdctl ask for the password/);
    const { page } = workbench;
    const input = page.locator('.terminal-wrapper.active textarea').first();
    await input.waitFor({ state: 'attached' });
    await until('the password is asked for, and then the key is put', async () => {
      await input.focus();
      await page.keyboard.type('etcdctl put /from/asked "password:${ETCDCTL_PASSWORD:-none}"');
      await page.keyboard.press('Enter');
      await page.waitForTimeout(1500);
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press('Enter');
      await page.waitForTimeout(1000);
      return (await valueInEtcd(server, '/from/asked')) === 'password:none';
    });
  });
});
