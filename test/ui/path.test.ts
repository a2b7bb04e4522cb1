import assert from 'node:assert/strict';
import { writeDemoWorkspace } from '../../scripts/demo/workspace.ts';
import { selfSigned } from '../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

const PASSWORD = 'correct-horse';

describe("a person's path: from a workspace's settings to saved and deleted keys", () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    const tls = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
    server = await startEtcd({ tls, auth: { rootPassword: PASSWORD } });
    for (const [key, value] of [
      ['/config/app.yaml', 'port: 1'],
      ['/config/plain', 'hello'],
      ['/a/1', 'one'],
      ['/a/2', 'two'],
      ['/ab', 'neighbour'],
    ] as const)
      await server.etcdctl(['put', key, value]);
    workbench = await Workbench.open({
      prepare: (folder) =>
        writeDemoWorkspace(folder, { endpoint: server.endpoint, certPem: tls.certPem, userName: 'root' }),
    });
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function keysInEtcd(prefix: string): Promise<string[]> {
    const { stdout } = await server.etcdctl(['get', prefix, '--prefix', '--keys-only']);
    return stdout.split('\n').filter(Boolean);
  }

  it('asks before it contacts what the workspace names, then for the password, and says why it asks again', async () => {
    const { page } = workbench;
    await workbench.openView();
    await workbench.item(/^hosted/).click();
    await workbench.dialog.getByText(server.endpoint).waitFor();
    await workbench.answer('Connect');
    await workbench.enterPassword('wrong');
    await page
      .getByText(/did not accept this user name and password/)
      .first()
      .waitFor();
    await workbench.enterPassword(PASSWORD);
    await workbench.item(/^config/).waitFor();
    await workbench.item(/^hosted connected/).waitFor();
  });

  it('opens a key in an editor of its language, saves it, and etcd has it', async () => {
    await workbench.expand(/^config/);
    await openKey(workbench, 'app.yaml');
    await workbench.editorText.getByText('port: 1').waitFor();
    await workbench.page.getByRole('button', { name: 'YAML', exact: true }).waitFor();
    await workbench.type('app.yaml', 'port: 2');
    await workbench.save();
    await workbench.unsaved('app.yaml').waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd(server, '/config/app.yaml'), 'port: 2');
  });

  it('meets a conflict: overwrites nothing, keeps the text, compares, and overwrites only when told to', async () => {
    await workbench.type('app.yaml', 'port: 3');
    await server.etcdctl(['put', '/config/app.yaml', 'port: 9']);
    await workbench.save();
    await workbench.messages.told(/content of the file is newer/);
    assert.equal(await valueInEtcd(server, '/config/app.yaml'), 'port: 9');
    await workbench.messages.press('Compare');
    await workbench.page.locator('.monaco-diff-editor .line-insert').first().waitFor();
    await workbench.page.getByText('port: 9').first().waitFor();
    await workbench.page.getByRole('button', { name: /overwrite/i }).click();
    await workbench.unsaved('app.yaml').waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd(server, '/config/app.yaml'), 'port: 3');
  });

  it('creates a new key only when it is saved', async () => {
    const { page } = workbench;
    await workbench.command('etcd: New Key');
    await workbench.fill('/config/fresh.yaml');
    await page.getByRole('option', { name: /Create \/config\/fresh\.yaml/ }).waitFor();
    await workbench.enter();
    await page.getByRole('tab', { name: /^fresh\.yaml/ }).waitFor();
    assert.deepEqual(await keysInEtcd('/config/fresh'), []);
    await workbench.type('fresh.yaml', 'a: 1');
    await workbench.save();
    await workbench.unsaved('fresh.yaml').waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd(server, '/config/fresh.yaml'), 'a: 1');
    await workbench.item('fresh.yaml').waitFor();
  });

  it('deletes a folder after saying what and how much, and leaves its neighbour', async () => {
    await workbench.menu(workbench.item(/^a \d|^a$/), 'Delete…');
    await workbench.dialog.getByText('Delete all 2 keys that start with /a/ from hosted?').waitFor();
    await workbench.answer('Delete');
    await workbench.item(/^a \d|^a$/).waitFor({ state: 'detached' });
    assert.deepEqual(await keysInEtcd('/a'), ['/ab']);
  });

  it('remembers the password when the window is loaded again', async () => {
    await workbench.reload();
    await workbench.openView();
    await workbench.item(/^hosted/).click();
    await workbench.item(/^hosted connected/).waitFor();
  });
});
