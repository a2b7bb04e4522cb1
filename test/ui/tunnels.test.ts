import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { writeKubectl, type KubectlProgram } from '../fixtures/kubectlProgram.ts';
import { Workbench } from './workbench.ts';

const COMMAND = 'kubectl --context=test --namespace=kube-system port-forward --address=127.0.0.1 -- pod/etcd-0 :2379';

describe("the tunnel of a workspace's connection", () => {
  let kubectl: KubectlProgram;
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    kubectl = await writeKubectl();
    server = await startEtcd();
    await server.etcdctl(['put', '/hello', 'world']);
    await kubectl.behave({ pod: { 2379: { host: '127.0.0.1', port: server.port } } });
    workbench = await Workbench.open({
      trustDisabled: false,
      env: { PATH: [kubectl.programs, process.env['PATH']].join(delimiter) },
      settings: { 'security.workspace.trust.startupPrompt': 'never' },
      prepare: async (folder) => {
        await mkdir(join(folder, '.vscode'));
        const tunnel = { kubectl: { context: 'test', namespace: 'kube-system', pod: 'etcd-0' } };
        const connection = { name: 'tunneled', endpoints: ['http://etcd-0.etcd.test:2379'], tunnel };
        await writeFile(join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'etcd.connections': [connection] }));
      },
    });
    await workbench.openView();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
    await kubectl?.remove();
  });

  it('runs only in a trusted workspace, once its command was shown and allowed', async () => {
    const { page } = workbench;
    await page.getByText('This workspace defines connections. They are not used until you trust it.').waitFor();
    await page.getByRole('button', { name: 'Manage Workspace Trust' }).click();
    await page.getByRole('button', { name: 'Trust', exact: true }).click();
    await workbench.item(/^tunneled not connected/).click();
    await workbench.dialog.getByText('It would run this command on this machine').waitFor();
    await workbench.dialog.getByText(COMMAND).waitFor();
    await workbench.picture('tunnel-consent');
    await workbench.answer('Cancel');
    const refused = workbench.item(/you have not allowed it yet/);
    await refused.waitFor();
    assert.deepEqual(await kubectl.starts(), []);
    await workbench.icon(refused, 'Retry', workbench.dialog);
    await workbench.answer('Connect');
    await workbench.item('hello').waitFor();
    assert.equal((await kubectl.starts()).length, 1);
  });
});
