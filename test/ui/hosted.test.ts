import assert from 'node:assert/strict';
import { startHostedEtcd, writeHostedWorkspace, type HostedEtcd } from '../../scripts/demo/hostedEtcd.ts';
import { openKey } from './openKey.ts';
import { Workbench } from './workbench.ts';

describe('a hosted etcd: three peers behind self-signed TLS, one of them down, v2 and v3, user and password', () => {
  let hosted: HostedEtcd;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    hosted = await startHostedEtcd(() => undefined);
    workbench = await Workbench.open({ prepare: (folder) => writeHostedWorkspace(folder, hosted) });
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await workbench.openView();
  });
  after(async () => {
    await workbench?.close();
    await hosted?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function clear(): Promise<void> {
    await workbench.dismissMessages();
  }

  it("is connected to by pasting the console's etcdctl line", async () => {
    const { page } = workbench;
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(hosted.commandLine)})`);
    await workbench.command('etcd: Add Connection from Clipboard');
    await workbench.dialog.getByText(/Endpoints: /).waitFor();
    await workbench.picture('hosted-pasted');
    await workbench.answer('Continue');
    await page.getByText(/Name of the connection/).waitFor();
    await workbench.enter('hosted');
    await workbench.choose(/User settings/);
    await workbench.item(/^config /).waitFor();
    await workbench.item(/^hosted connected/).waitFor();
    const settings = JSON.stringify(await workbench.userSetting('etcd.connections'));
    assert.ok(!settings.includes(hosted.password));
    for (const endpoint of hosted.endpoints) assert.ok(settings.includes(endpoint));
  });

  it('edits a v3 key while a member is down', async () => {
    await clear();
    await workbench.expand(/^config /);
    await workbench.expand(/^app 1?\d/);
    await openKey(workbench, 'worker.ini');
    await workbench.type('worker.ini', '[worker]\nthreads = 3\n');
    await workbench.save();
    await workbench.unsaved('worker.ini').waitFor({ state: 'detached' });
    await workbench.picture('hosted-v3');
  });

  it('shows the v2 keys beside them, with the same user, and edits one', async () => {
    await workbench.item(/^hosted connected/).click();
    await workbench.expand(/^hosted \(v2 keys\)/);
    await workbench.expand(/^legacy/);
    await workbench.expand(/^app/);
    await openKey(workbench, 'version');
    await workbench.editorText.getByText('1.9.4').waitFor();
    await workbench.type('version', '2.0.0');
    await workbench.save();
    await workbench.unsaved('version').waitFor({ state: 'detached' });
    await workbench.picture('hosted-v2');
  });
});
