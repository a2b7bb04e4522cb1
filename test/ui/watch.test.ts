import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { outsideV2 } from '../etcd/v2/outsideV2.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Workbench } from './workbench.ts';

describe('watching', () => {
  let server: EtcdServer;
  let workbench: Workbench;
  let view: Locator;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2=true'] });
    await put('/app/db host', 'old value');
    await put('/single', '1');
    await outsideV2(server.endpoint).put('/two/key', { value: 'before' });
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    view = workbench.page.getByRole('tree', { name: 'Watch' });
    await workbench.openView();
    await workbench
      .item(/^local(?!.*v2)/)
      .first()
      .click();
    await workbench.item(/^app/).first().waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function put(key: string, value: string): Promise<void> {
    assert.equal((await server.etcdctl(['put', '--', key, value])).code, 0);
  }

  function row(name: string | RegExp): Locator {
    return view.getByRole('treeitem', { name });
  }

  it('shows puts and deletes of other clients below a folder, the newest first', async () => {
    await workbench.menu(workbench.item(/^app/).first(), 'Watch Prefix');
    await row(/^\/app\/ local · 0 events$/).waitFor();
    await put('/app/db host', 'new value');
    await put('/app/ünï%/a b', 'created');
    await put('/application', 'not below');
    await server.etcdctl(['del', '/app/ünï%/a b']);
    await row(/^\/app\/ local · 3 events$/).waitFor();
    await row(/^db host changed · [\d:.]+ · revision \d+ · 9 bytes$/).waitFor();
    await row(/^ünï%\/a b created · [\d:.]+ · revision \d+ · 7 bytes$/).waitFor();
    await row(/^ünï%\/a b deleted/).waitFor();
    const rows = await view
      .getByRole('treeitem')
      .evaluateAll((items) => items.map((item) => item.getAttribute('aria-label') ?? ''));
    assert.deepEqual(
      rows.slice(1).map((text) => /created|changed|deleted/.exec(text)?.[0]),
      ['deleted', 'created', 'changed'],
    );
    await workbench.picture('watch');
  });

  it('shows what an event has changed', async () => {
    const { page } = workbench;
    await row(/^db host changed/).click();
    const diff = page.locator('.monaco-diff-editor');
    await diff.locator('.original').getByText('old value').waitFor();
    await diff.locator('.modified').getByText('new value').waitFor();
    await workbench.picture('watch-diff');
    await row(/^ünï%\/a b deleted/).click();
    await page.getByRole('tab', { name: /ünï.*no such key/ }).waitFor();
    await diff.locator('.original').getByText('created').waitFor();
  });

  it('holds back and counts what comes while it is paused', async () => {
    const watching = row(/^\/app\/ local/);
    await workbench.menu(watching, 'Pause Watch');
    await row(/^\/app\/ local · 3 events · paused/).waitFor();
    for (let n = 0; n < 3; n++) await put(`/app/while paused ${n}`, String(n));
    await row(/^\/app\/ local · 3 events · paused, 3 waiting$/).waitFor();
    assert.equal(await row(/^while paused/).count(), 0);
    await workbench.picture('watch-paused');
    await workbench.menu(watching, 'Continue Watch');
    await row(/^\/app\/ local · 6 events$/).waitFor();
    assert.equal(await row(/^while paused/).count(), 3);
  });

  it('filters by text, and saves what is shown', async () => {
    const { page } = workbench;
    const watching = row(/^\/app\/ local/);
    await workbench.menu(watching, 'Filter Events');
    await workbench.enter('DB HOST');
    await row(/^\/app\/ local · 6 events · filter: DB HOST$/).waitFor();
    await row(/^while paused/)
      .first()
      .waitFor({ state: 'detached' });
    await put('/app/db host', 'third value');
    await row(/^\/app\/ local · 7 events/).waitFor();
    assert.equal(await row(/^db host changed/).count(), 2);
    await workbench.menu(watching, 'Save Events');
    await workbench.picture('watch-save');
    await workbench.choose(/^With values/);
    await page.waitForFunction(`document.querySelector('.quick-input-widget input')?.value.startsWith('/')`);
    await page.getByRole('option', { name: '..', exact: true }).waitFor();
    await page.locator('.quick-input-widget').getByRole('button', { name: 'OK', exact: true }).click();
    await workbench.messages.told(/Saved 2 events to .*etcd-events\.jsonl/);
    const text = await readFile(join(workbench.folder, 'etcd-events.jsonl'), 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ event, key, size, value, previousValue }) => [
        event,
        key,
        size,
        decoded(value),
        decoded(previousValue),
      ]),
      [
        ['changed', '/app/db host', 9, 'new value', 'old value'],
        ['changed', '/app/db host', 11, 'third value', 'new value'],
      ],
    );
    await workbench.menu(watching, 'Filter Events');
    await workbench.enter('');
    await row(/^while paused/)
      .first()
      .waitFor();
    await workbench.menu(watching, 'Clear Events');
    await row(/^\/app\/ local · 0 events$/).waitFor();
  });

  it('tells by a notification that a key was changed, and shows how', async () => {
    await workbench.dismissMessages();
    await workbench.menu(workbench.item('single'), 'Notify on Change');
    await row(/^\/single local · 0 events$/).waitFor();
    await put('/single', 'changed by another');
    await workbench.messages.told('/single was written (local, 18 bytes).');
    await workbench.picture('watch-notice');
    await workbench.messages.press('Show Diff');
    const diff = workbench.page.locator('.monaco-diff-editor');
    await diff.locator('.modified').getByText('changed by another').waitFor();
  });

  it('takes ten thousand events and more without falling behind, and keeps the latest', async function () {
    this.timeout('5m');
    await workbench.menu(row(/^\/single local/), 'Stop Watch');
    await row(/^\/single local/).waitFor({ state: 'detached' });
    for (let at = 0; at < 12_000; at += 100) {
      const puts = Array.from({ length: 100 }, (_, index) => `put /app/flood/${at + index} x`);
      assert.equal((await server.etcdctl(['txn'], { input: `\n${puts.join('\n')}\n\n\n` })).code, 0);
    }
    await row(/^\/app\/ local · 12,000 events, the latest 10,000 kept$/).waitFor();
    await row(/^flood\/11999 created/).waitFor();
    await workbench.picture('watch-flood');
    await workbench.menu(row(/^\/app\/ local/), 'Stop Watch');
    await view.waitFor({ state: 'detached' });
  });

  it('follows v2 keys too, and shows what has changed there', async () => {
    await workbench.expand(/^local.*v2/);
    await workbench.menu(workbench.item(/^two/), 'Watch Prefix');
    await row(/^\/two\/ local.* · 0 events$/).waitFor();
    const outside = outsideV2(server.endpoint);
    await outside.put('/two/key', { value: 'after' });
    await outside.put('/two/dir/x', { value: 'x' });
    await outside.delete('/two/dir?recursive=true');
    await row(/^dir\/ directory deleted/).waitFor();
    await row(/^key changed · [\d:.]+ · revision \d+ · 5 bytes$/).click();
    const diff = workbench.page.locator('.monaco-diff-editor');
    await diff.locator('.original').getByText('before').waitFor();
    await diff.locator('.modified').getByText('after').waitFor();
    await workbench.picture('watch-v2');
  });
});

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
