import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selfSigned } from '../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until } from './until.ts';
import { Workbench } from './workbench.ts';

describe('a workspace of several folders', () => {
  let servers: EtcdServer[];
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    const identities = await Promise.all(
      ['one', 'two'].map(() => selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] })),
    );
    servers = await Promise.all(identities.map((tls) => startEtcd({ tls })));
    for (const [index, server] of servers.entries()) await server.etcdctl(['put', `/key-${index + 1}`, 'value']);
    workbench = await Workbench.open({
      workspaceFile: 'both.code-workspace',
      prepare: async (folder) => {
        for (const [index, name] of ['one', 'two'].entries()) {
          await mkdir(join(folder, name, '.vscode'), { recursive: true });
          await writeFile(join(folder, name, 'server.crt'), identities[index]?.certPem ?? '');
          const connection = { name: 'same name', endpoints: [servers[index]?.endpoint], caFile: './server.crt' };
          const text = `{\n  // Kept.\n  "etcd.connections": [${JSON.stringify(connection)}]\n}\n`;
          await writeFile(join(folder, name, '.vscode', 'settings.json'), text);
        }
        const workspace = {
          folders: [{ path: 'one' }, { path: 'two' }],
          settings: {
            'etcd.connections': [{ name: 'shared', endpoints: [servers[0]?.endpoint], caFile: 'server.crt' }],
          },
        };
        await writeFile(join(folder, 'both.code-workspace'), JSON.stringify(workspace));
      },
    });
    await workbench.openView();
  });
  after(async () => {
    await workbench?.close();
    for (const server of servers) await server.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  const settingsOf = (name: string) => readFile(join(workbench.folder, name, '.vscode', 'settings.json'), 'utf8');

  it('shows the connections of each folder, whose paths begin there', async () => {
    await workbench.item(/^shared not connected · workspace/).waitFor();
    for (const [name, key] of [
      ['one', 'key-1'],
      ['two', 'key-2'],
    ] as const) {
      const row = workbench.item(new RegExp(`^same name not connected · ${name}`));
      await row.click();
      await workbench.dialog.getByText('server.crt').waitFor();
      await workbench.answer('Connect');
      await workbench.item(key).waitFor();
    }
    await workbench.picture('multi-root');
  });

  it('changes a connection in the settings of its folder, and keeps what else is written there', async () => {
    const other = await settingsOf('one');
    await workbench.menu(workbench.item(/^same name connected · two/), 'Edit Connection');
    await workbench.choose(/^Name/);
    await workbench.enter('renamed');
    await until('the folder has the new name', async () => (await settingsOf('two')).includes('"renamed"'));
    await workbench.page.keyboard.press('Escape');
    await workbench.item(/^renamed .*two/).waitFor();
    assert.match(await settingsOf('two'), /\/\/ Kept\./);
    assert.equal(await settingsOf('one'), other);
  });

  it('removes a connection from the settings of its folder', async () => {
    await workbench.menu(workbench.item(/^renamed .*two/), 'Remove Connection');
    await workbench.dialog.getByText(/the settings of the folder two/).waitFor();
    await workbench.answer('Remove');
    await workbench.item(/^renamed/).waitFor({ state: 'detached' });
    assert.doesNotMatch(await settingsOf('two'), /renamed/);
    await workbench.item(/^same name .*one/).waitFor();
  });
});
