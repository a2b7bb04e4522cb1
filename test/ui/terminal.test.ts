import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { delimiter, dirname } from 'node:path';
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

  /** Types a command once the terminal takes it. */
  async function put(key: string): Promise<void> {
    const { page } = workbench;
    const input = page.locator('.terminal-wrapper.active textarea').first();
    await input.waitFor({ state: 'attached' });
    await until(`${key} was put`, async () => {
      await input.focus();
      await page.keyboard.type(`etcdctl put ${key} typed`);
      await page.keyboard.press('Enter');
      for (let tries = 0; tries < 40; tries++) {
        if ((await valueInEtcd(server, key)) === 'typed') return true;
        await page.waitForTimeout(100);
      }
      return false;
    });
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
