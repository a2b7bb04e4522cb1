import assert from 'node:assert/strict';
import { gunzipSync, gzipSync } from 'node:zlib';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until } from './until.ts';
import { Workbench } from './workbench.ts';

const TOKEN = ['{"alg":"none"}', '{"sub":"me"}', 'signature']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.');

describe('values in other views', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    await server.etcdctl(['put', '/app/token', TOKEN]);
    await put('/app/packed', gzipSync('color: blue\n'));
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.expand(/^app/);
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  /** Writes bytes that are no text. */
  async function put(key: string, value: Uint8Array): Promise<void> {
    const body = JSON.stringify({
      key: Buffer.from(key).toString('base64'),
      value: Buffer.from(value).toString('base64'),
    });
    assert.ok((await fetch(`${server.endpoint}/v3/kv/put`, { method: 'POST', body })).ok);
  }

  async function bytesOf(key: string): Promise<Buffer> {
    const body = JSON.stringify({ key: Buffer.from(key).toString('base64') });
    const answer = await fetch(`${server.endpoint}/v3/kv/range`, { method: 'POST', body });
    const { kvs } = (await answer.json()) as { kvs: { value: string }[] };
    return Buffer.from(kvs[0]?.value ?? '', 'base64');
  }

  it('show packed text, which is packed again when it is saved', async () => {
    await workbench.menu(workbench.item('packed'), 'View Value As…');
    await workbench.choose(/^gzip, unpacked/);
    await workbench.editorText.getByText('color: blue').waitFor();
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type('size: 1');
    await workbench.picture('view-gzip');
    await workbench.save();
    await until('etcd has what was typed, packed', async () => {
      const value = await bytesOf('/app/packed');
      return gunzipSync(value).toString() === 'color: blue\nsize: 1';
    });
    await workbench.page.locator('.tab.dirty').first().waitFor({ state: 'detached' });
  });

  it('show a token and say that nobody has verified it', async () => {
    await workbench.menu(workbench.item('token'), 'View Value As…');
    await workbench.choose(/^JSON Web Token, not verified/);
    await workbench.editorText.getByText('"sub": "me"').waitFor();
    await workbench.editorText.getByText('The signature was NOT verified').waitFor();
    await workbench.picture('view-token');
  });
});
