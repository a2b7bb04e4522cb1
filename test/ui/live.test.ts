import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { Workbench } from './workbench.ts';

describe('following etcd', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    await put('/shop/config', 'port: 1');
    await put('/shop/odd %2F~é', 'odd');
    await put('/shop/orders/1', 'x');
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [
          { name: 'local', endpoints: [server.endpoint] },
          { name: 'prod', endpoints: [server.endpoint], production: true, readOnly: true },
        ],
        'workbench.startupEditor': 'none',
      },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.expand(/^shop/);
    await workbench.item('config').waitFor();
    await pointAway();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function put(key: string, value: string, ...options: readonly string[]): Promise<void> {
    const { code, stderr } = await server.etcdctl(['put', key, value, ...options]);
    assert.equal(code, 0, stderr);
  }

  /** The visible text of an editor; a diff that was left stays in the page. */
  function shownText(text: string) {
    return workbench.page.locator('.editor-instance .view-lines').getByText(text).filter({ visible: true }).first();
  }

  /** Moves the pointer away: resting on a row, it would bring up a tooltip over the rows below. */
  async function pointAway(): Promise<void> {
    await workbench.page.mouse.move(900, 400);
  }

  /** An entry of the status bar, by its text. */
  function status(text: RegExp | string) {
    return workbench.page.locator('.statusbar-item').filter({ hasText: text });
  }

  it('shows by itself what another client creates, changes and deletes', async () => {
    await status('etcd live').waitFor();
    await put('/shop/a new key', '1');
    await put('/shop/orders/2', 'x');
    await put('/shop/stock/red', '1');
    await workbench.item(/^a new key/).waitFor();
    await workbench.item(/^stock 1/).waitFor();
    await workbench.item(/^orders 2/).waitFor();
    // The mark of a change disappears after a moment, so the key is changed until the mark was seen.
    const marked = workbench.tree.locator('.monaco-tl-row', { hasText: 'odd %2F~é' });
    let isSeen = false;
    const seen = marked
      .locator('[class*="monaco-decoration-itemBadge"]')
      .first()
      .waitFor({ state: 'attached' })
      .finally(() => (isSeen = true));
    while (!isSeen) await put('/shop/odd %2F~é', 'changed');
    await seen;
    await workbench.picture('live-tree');
    await server.etcdctl(['del', '/shop/a new key']);
    await server.etcdctl(['del', '/shop/stock/', '--prefix']);
    await workbench.item(/^a new key/).waitFor({ state: 'detached' });
    await workbench.item(/^stock/).waitFor({ state: 'detached' });
  });

  it('means the row that was clicked, or says that it was not known, while the tree is drawn anew all the time', async () => {
    // The row that a command without one would use.
    await openKey(workbench, 'config');
    await shownText('port').waitFor();
    let written = 0;
    const abort = new AbortController();
    const writing = (async () => {
      for (; !abort.signal.aborted && written < 10_000; written++)
        await put(`/shop/busy/${written % 50}/${written}`, '');
    })();
    await workbench.item(/^busy/).waitFor();
    for (let attempt = 0; attempt < 10; attempt++) {
      await workbench.menu(workbench.item(/^orders/), 'Delete');
      await workbench.dialog
        .getByText(/\/shop\/orders\//)
        .first()
        .waitFor();
      await workbench.answer('Cancel');
      // Two clicks on the same row would be a double click, which goes to the editor.
      await workbench.item('config').click();
      await workbench.item(/^odd/).click();
      await workbench.page.keyboard.press('F2');
      await workbench.page.getByText('Rename /shop/odd %2F~é').waitFor();
      await workbench.page.keyboard.press('Escape');
    }
    abort.abort();
    await writing;
    assert.ok(written > 0);
  });

  it('loads an untouched document anew, and tells of its key in the status bar', async () => {
    await openKey(workbench, 'config');
    await workbench.editorText.getByText('port: 1').waitFor();
    await put('/shop/config', 'port: 2222');
    await workbench.editorText.getByText('port: 2222').waitFor();
    await status(/local · rev \d+ · v2 · 10 B/).waitFor();
    const { stdout } = await server.etcdctl(['lease', 'grant', '600']);
    const lease = /lease (\w+)/.exec(stdout)?.[1] ?? '';
    await put('/shop/config', 'port: 3', `--lease=${lease}`);
    await status(/v3 ·\s*(9|10) min \d+ s · 7 B/).waitFor();
    await status(/v3 ·\s*9 min \d+ s · 7 B/).hover();
    await workbench.page
      .getByText(new RegExp(`${lease},\\s9\\smin\\s\\d+\\ss\\sleft`))
      .first()
      .waitFor();
    await workbench.picture('live-status');
    await status(/v3 ·\s*9 min \d+ s · 7 B/).click();
    await workbench.page.getByRole('option', { name: /Show History/ }).waitFor();
    await workbench.picture('live-status-actions');
    await workbench.choose(/Show Lease/);
    await workbench.page
      .getByRole('option', { name: /Keep alive|Revoke/i })
      .first()
      .waitFor();
    await workbench.page.keyboard.press('Escape');
  });

  it('says above unsaved text that the key has changed, before it is saved', async () => {
    const { page } = workbench;
    await workbench.type('config', 'port: mine');
    await put('/shop/config', 'port: theirs');
    const notice = page
      .locator('.codelens-decoration')
      .getByText(/Changed in etcd since you opened it \(revision \d+\)/);
    await notice.waitFor();
    await workbench.picture('live-unsaved');
    await page.locator('.codelens-decoration').getByText('Revert', { exact: true }).click();
    await shownText('port: theirs').waitFor();
    await notice.waitFor({ state: 'detached' });
  });

  it('goes on after etcd has restarted, with nothing missed', async () => {
    await server.restart();
    await put('/shop/after the restart', '1');
    await put('/shop/config', 'port: 4');
    await workbench.item(/^after the restart/).waitFor();
    await shownText('port: 4').waitFor();
    await status('etcd live').waitFor();
  });

  it('compares unsaved text with what etcd has by now', async () => {
    const { page } = workbench;
    await workbench.type('config', 'port: mine');
    await put('/shop/config', 'port: theirs again');
    await page.locator('.codelens-decoration').getByText('Compare', { exact: true }).click();
    const diff = page.locator('.monaco-diff-editor');
    await diff.locator('.original').getByText('port: theirs again').waitFor();
    await diff.locator('.modified').getByText('port: mine').waitFor();
  });

  it('warns of production in the status bar', async () => {
    await workbench.item(/^local/).click();
    await workbench.expand(/^prod/);
    await workbench.expand(/^shop/);
    await pointAway();
    await openKey(workbench, 'config');
    const item = status(/production · read-only · rev \d+/);
    await item.waitFor();
    await workbench.picture('live-production');
    assert.match((await item.getAttribute('class')) ?? '', /warning-kind/);
  });

  it('stops and goes on at a click', async () => {
    await status('etcd live').click();
    await status('etcd off').waitFor();
    await workbench.picture('live-off');
    await put('/shop/while off', '1');
    await status('etcd off').click();
    await status('etcd live').waitFor();
    await workbench
      .item(/^while off/)
      .first()
      .waitFor();
  });
});
