import assert from 'node:assert/strict';
import {
  commands,
  env,
  FilePermission,
  TabInputText,
  TabInputTextDiff,
  Uri,
  window,
  workspace,
  type TextDocument,
} from 'vscode';
import { podObject, type Meta, type Node, type Workload } from '../../scripts/demo/kubernetes/objects.ts';
import { formUriParts, type ValueForm } from '../../src/documents/addresses/keyUri.ts';
import { ObjectStore } from '../../src/documents/keyFile/objectStore.ts';
import { bytes } from '../etcd/connecting.ts';
import { CONNECTION, uriOf } from './documentUris.ts';
import { Outside } from './outside.ts';
import { setConnections } from './settings.ts';

const KEY = '/registry/pods/default/web';
const CRON_TAB = '/registry/stable.example.com/crontabs/default/a';

const meta: Meta = { name: 'web', namespace: 'default', uid: 'u1', ageMinutes: 10, manager: 'kubelet' };
const node: Node = { name: 'node-1', address: '10.0.0.1', podCidr: '10.1.0.0/24', zone: 'a' };

function pod(image: string): Uint8Array {
  const workload: Workload = { app: 'web', image, port: 8080, replicas: 1, memory: '64Mi' };
  return podObject(meta, workload, node, '10.1.0.7');
}

describe('Kubernetes objects as documents', () => {
  let outside: Outside;

  before(async () => {
    outside = await Outside.connect();
    await setConnections({ name: CONNECTION, endpoints: [process.env['ETCD_TEST_ENDPOINT'] ?? ''] });
  });
  after(async () => {
    await setConnections();
    await outside.deletePrefix('/registry/');
    outside.close();
  });
  afterEach(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  const inForm = (key: string, form: ValueForm) =>
    Uri.from(formUriParts({ connectionId: CONNECTION, key: bytes(key) }, form));

  async function open(key: string): Promise<TextDocument> {
    await commands.executeCommand('etcd.open', uriOf(key));
    const document = window.activeTextEditor?.document;
    assert.ok(document);
    return document;
  }

  async function shows(document: TextDocument, text: RegExp): Promise<void> {
    while (!text.test(document.getText())) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const listener = workspace.onDidChangeTextDocument(() => resolve());
      await promise;
      listener.dispose();
    }
  }

  it('a pod opens as the YAML that kubectl prints, read-only, and follows etcd', async () => {
    await outside.put([KEY, pod('web:1')]);
    const document = await open(KEY);
    assert.equal(document.uri.toString(), inForm(KEY, 'yaml').toString());
    assert.equal(document.languageId, 'yaml');
    assert.match(document.getText(), /^apiVersion: v1\nkind: Pod\nmetadata:\n/);
    assert.match(document.getText(), /\n {4}image: web:1\n/);
    assert.equal((await workspace.fs.stat(document.uri)).permissions, FilePermission.Readonly);
    await outside.put([KEY, pod('web:2')]);
    await shows(document, /image: web:2\n/);
  });

  it('its versions are compared as YAML', async () => {
    await outside.put([KEY, pod('web:1')]);
    const { revision } = await outside.store.get(bytes(KEY));
    await outside.put([KEY, pod('web:2')]);
    const past = Uri.from({ ...inForm(KEY, 'yaml'), scheme: 'etcd-revision-yaml', query: `{"rev":"${revision}"}` });
    assert.match((await workspace.openTextDocument(past)).getText(), /image: web:1\n/);
    await commands.executeCommand('etcd.open', past);
    const input = window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof TabInputText || input instanceof TabInputTextDiff);
    assert.equal((input instanceof TabInputText ? input.uri : input.modified).scheme, 'etcd-revision-yaml');
  });

  it('Copy Value copies the YAML', async () => {
    await outside.put([KEY, pod('web:1')]);
    await commands.executeCommand('etcd.copyValue', inForm(KEY, 'yaml'));
    assert.match(await env.clipboard.readText(), /^apiVersion: v1\nkind: Pod\n/);
  });

  it('a custom resource opens as YAML', async () => {
    await outside.put([CRON_TAB, '{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"a"}}\n']);
    const document = await open(CRON_TAB);
    assert.equal(document.getText(), 'apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata:\n  name: a\n');
  });

  it('what cannot be read is a hex dump that says why', async () => {
    const cut = pod('web:1').subarray(0, 200);
    await outside.put([KEY, cut], ['/registry/secrets/default/s', 'k8s:enc:aescbc:v1:key1:abc\0']);
    assert.match((await open(KEY)).getText(), /^# Shown as bytes: The value is damaged.*\n00000000 {2}6b 38 73 00/);
    const secret = await open('/registry/secrets/default/s');
    assert.match(secret.getText(), /^# Shown as bytes: The API server has encrypted this value \(aescbc, key key1\)\./);
  });

  describe('as a store of YAML', () => {
    const key = bytes(KEY);
    const problems: (string | undefined)[] = [];
    const objects = (isEditable: boolean) =>
      new ObjectStore(outside.store, {
        isEditable: () => isEditable,
        onRead: () => undefined,
        onCheck: (_key, problem) => void problems.push(problem && `${problem.place.line} ${problem.sentence}`),
      });
    const yamlNow = async () => {
      const { kv } = await objects(true).get(key);
      assert.ok(kv);
      return { expected: { modRevision: kv.modRevision }, yaml: Buffer.from(kv.value).toString(), kv };
    };

    it('patches the stored object, and nothing that changed since', async () => {
      await outside.put([KEY, pod('web:1')]);
      const { yaml, expected } = await yamlNow();
      const edited = Buffer.from(yaml.replace('image: web:1', 'image: web:2'));
      assert.equal((await objects(true).put(key, edited, expected)).outcome, 'written');
      const { kv } = await outside.store.get(key);
      assert.deepEqual(kv && Buffer.from(kv.value), Buffer.from(pod('web:2')));
      assert.equal((await objects(true).put(key, edited, expected)).outcome, 'conflict');
    });

    it('refuses what is not valid, with its line, and creates nothing', async () => {
      await outside.put([KEY, pod('web:1')]);
      const { yaml, expected } = await yamlNow();
      const wrong = Buffer.from(yaml.replace('kind: Pod\n', 'kind: Pod\nspek: 1\n'));
      const refusal = /Line 3: spek is not a field of Pod\. Nothing was written\./;
      await assert.rejects(objects(true).put(key, wrong, expected), refusal);
      await assert.rejects(objects(true).check(key, wrong, expected), refusal);
      assert.deepEqual(problems.slice(-1), ['2 spek is not a field of Pod.']);
      await assert.rejects(objects(true).put(key, Buffer.from(yaml), 'absent'), /only the API server can create it/);
    });

    it('is locked unless the setting allows edits', async () => {
      await outside.put([KEY, pod('web:1')]);
      const { yaml, expected, kv } = await yamlNow();
      assert.equal(kv.isLocked, false);
      assert.equal((await objects(false).get(key)).kv?.isLocked, true);
      await assert.rejects(objects(false).put(key, Buffer.from(yaml), expected), /"etcd.kubernetes.edit" is off/);
    });
  });
});
