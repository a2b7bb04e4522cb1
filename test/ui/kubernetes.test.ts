import assert from 'node:assert/strict';
import { podObject, type Meta, type Node, type Workload } from '../../scripts/demo/kubernetes/objects.ts';
import { storedObjectYaml, readStoredObject } from '../../src/etcd/kubernetes/storedObject.ts';
import { concat, delimited } from '../../src/etcd/kubernetes/wire.ts';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { bytes, settingsFor } from '../etcd/connecting.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { stored } from '../unit/kubernetes/stored.ts';
import { openKey } from './openKey.ts';
import { until } from './until.ts';
import { Workbench } from './workbench.ts';

const POD = '/registry/pods/default/web';
const SETTINGS = '/registry/configmaps/default/settings';
/** A field that only a newer Kubernetes knows. */
const UNKNOWN = delimited(900, bytes('from a newer Kubernetes'));

const meta: Meta = { name: 'web', namespace: 'default', uid: 'u1', ageMinutes: 10, manager: 'kubelet' };
const node: Node = { name: 'node-1', address: '10.0.0.1', podCidr: '10.1.0.0/24', zone: 'a' };
const workload: Workload = { app: 'web', image: 'web:1', port: 8080, replicas: 1, memory: '64Mi' };

/** A config map whose first and last entries have several lines between them. */
function configMap(first: string, last: string): Uint8Array {
  const entries = Object.entries({ a: first, b: '-', c: '-', d: '-', e: last }).map(([key, value]) =>
    delimited(2, concat([delimited(1, bytes(key)), delimited(2, bytes(value))])),
  );
  return stored('v1', 'ConfigMap', concat([delimited(1, delimited(1, bytes('settings'))), ...entries, UNKNOWN]));
}

function yamlOf(first: string, last: string): string {
  return storedObjectYaml(readStoredObject(configMap(first, last)));
}

describe('Kubernetes objects in the workbench', () => {
  let server: EtcdServer;
  let workbench: Workbench;
  let connection: Awaited<ReturnType<typeof connectV3>>;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    connection = await connectV3(settingsFor(server.endpoint));
    await put(POD, podObject(meta, workload, node, '10.1.0.7'));
    await put(SETTINGS, configMap('one', 'x'));
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }],
        'etcd.kubernetes.edit': true,
        // VS Code's defaults for YAML go before the editor's own.
        '[yaml]': { 'editor.autoIndent': 'none' },
      },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    for (const folder of [/^registry/, /^configmaps/, /^default/]) await workbench.expand(folder);
    await workbench.item(/^settings/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    connection?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
    await workbench.dismissMessages();
  });

  async function valueOf(key: string): Promise<Uint8Array> {
    const { kv } = await connection.store.get(bytes(key));
    assert.ok(kv);
    return kv.value;
  }

  async function put(key: string, value: Uint8Array): Promise<void> {
    const { kv } = await connection.store.get(bytes(key));
    const { outcome } = await connection.store.put(bytes(key), value, kv ? { modRevision: kv.modRevision } : 'absent');
    assert.equal(outcome, 'written');
  }

  async function untilStored(first: string, last: string): Promise<void> {
    const wanted = Buffer.from(configMap(first, last));
    await until(`${first} and ${last}`, async () => wanted.equals(await valueOf(SETTINGS)));
  }

  const row = (text: string) => workbench.editorText.getByText(text, { exact: true });

  it('are edited as YAML after one warning, and everything else keeps its bytes', async () => {
    await openKey(workbench, 'settings.yaml', workbench.item(/^settings/));
    await row('a: one').waitFor();
    await workbench.page
      .locator('.statusbar')
      .getByText(/ConfigMap.*v1.*protobuf/)
      .waitFor();
    await workbench.type('settings.yaml', yamlOf('two', 'x'));
    await workbench.save();
    await workbench.dialog.getByText(`Write ${SETTINGS} to etcd directly?`).waitFor();
    await workbench.picture('kubernetes-warning');
    await workbench.answer('Write');
    await untilStored('two', 'x');
    await workbench.unsaved('settings.yaml').waitFor({ state: 'detached' });
  });

  it('are refused with the line of what is wrong', async () => {
    await workbench.type('settings.yaml', yamlOf('two', 'x').replace('a: two', 'a: 2'));
    await workbench.save();
    await workbench.messages.told(/Line 3: data\.a must be a text/);
    await workbench.picture('kubernetes-problem');
    await untilStored('two', 'x');
    await workbench.command('File: Revert File');
    await row('a: two').waitFor();
  });

  it('meet a conflict, which is merged as YAML', async () => {
    await workbench.type('settings.yaml', yamlOf('mine', 'x'));
    await put(SETTINGS, configMap('two', 'theirs'));
    await workbench.save();
    await workbench.messages.told(/content of the file is newer/);
    await untilStored('two', 'theirs');
    await workbench.page.locator('.codelens-decoration').getByText('Merge', { exact: true }).first().click();
    const editor = workbench.page.locator('.merge-editor');
    await editor.getByText('0 Conflicts Remaining').waitFor();
    await workbench.picture('kubernetes-merge');
    await workbench.page.getByRole('button', { name: /^Complete Merge/ }).click();
    await editor.waitFor({ state: 'detached' });
    await untilStored('mine', 'theirs');
    await workbench.unsaved('settings.yaml').waitFor({ state: 'detached' });
  });

  it('show their history as YAML', async () => {
    await workbench.command('View: Close All Editors');
    const { page } = workbench;
    await workbench.menu(workbench.item(/^settings/), 'Show History');
    await workbench.choose(/version 1 ·/);
    const diff = page.locator('.monaco-diff-editor');
    await diff.locator('.original').getByText('a: one').waitFor();
    await diff.locator('.modified').getByText('e: theirs').waitFor();
    await workbench.picture('kubernetes-history');
  });

  it('of pods, too, are YAML', async () => {
    await workbench.item(/^configmaps/).click();
    await workbench.expand(/^pods/);
    await workbench.expand(/^default/);
    await openKey(workbench, 'web.yaml', workbench.item(/^web/));
    await row('kind: Pod').waitFor();
    await workbench.page
      .locator('.statusbar')
      .getByText(/Pod.*v1.*protobuf/)
      .waitFor();
    await workbench.picture('kubernetes-pod');
  });
});
