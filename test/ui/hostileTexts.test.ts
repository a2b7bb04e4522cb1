import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import {
  createServer as createSilentServer,
  type AddressInfo,
  type Server as SilentServer,
  type Socket,
} from 'node:net';
import { join } from 'node:path';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until } from './until.ts';
import { comes } from './visible.ts';
import { Workbench } from './workbench.ts';

const HOSTILE = '[Show](command:pwn) [Web](https://pwn.example) $(zap) \u202e';
/** One segment, without slashes. */
const KEY = '[Show](command:pwn) $(zap) \u202e';
/** A file's name, in which VS Code's own dialog would show an icon. */
const FILE = '[Show](command:pwn).json';
const FORGED = `prod" to https://etcd.corp.example:2379.${'\n'.repeat(70)}\u202e${HOSTILE}`;

describe('texts of others, in the workbench', function () {
  this.timeout('3m');
  let server: EtcdServer;
  let refusing: Server;
  /** Accepts connections and answers nothing. */
  let silent: SilentServer;
  const sockets = new Set<Socket>();
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    await put(`/app/${KEY}`, HOSTILE);
    refusing = createServer(({ url }, response) => {
      const isVersion = url === '/version';
      response.statusCode = isVersion ? 200 : 400;
      response.setHeader('content-type', 'application/json');
      const version = { etcdserver: server.version, etcdcluster: '3.5.0' };
      response.end(JSON.stringify(isVersion ? version : { error: HOSTILE, message: HOSTILE, code: 3 }));
    });
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    silent = createSilentServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const at = (each: Server | SilentServer) => `http://127.0.0.1:${(each.address() as AddressInfo).port}`;
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [
          { name: `refusing ${HOSTILE}`, endpoints: [at(refusing)], api: 'v3' },
          { name: `silent ${HOSTILE}`, endpoints: [at(silent)], api: 'v3' },
          { name: `careful ${HOSTILE}`, endpoints: [server.endpoint], production: true },
        ],
      },
      prepare: async (folder) => {
        await mkdir(join(folder, '.vscode'));
        const entry = { name: FORGED, endpoints: [server.endpoint] };
        await writeFile(join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'etcd.connections': [entry] }));
        const keys = [
          { key: `/app/${KEY}`, value: 'changed' },
          { key: `/app/added ${KEY}`, value: HOSTILE },
        ];
        await writeFile(join(folder, FILE), JSON.stringify({ keys }));
      },
    });
    await workbench.openView();
  });
  after(async () => {
    await workbench?.close();
    refusing?.close();
    silent?.close();
    for (const socket of sockets) socket.destroy();
    await server?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.picture(this.currentTest.title.replaceAll(/\W+/g, '-'));
  });

  async function put(key: string, value: string): Promise<void> {
    assert.equal((await server.etcdctl(['put', '--', key, value])).code, 0);
  }

  /** Checks that the window has no link to click, no icon and no reversed text from the key. */
  async function isInert(): Promise<void> {
    const found: unknown = await workbench.page.evaluate(`(() => {
      const links = [...document.querySelectorAll('a, [data-href]')]
        .map((each) => (each.getAttribute('href') ?? '') + (each.getAttribute('data-href') ?? ''))
        .filter((address) => address.includes('pwn'));
      const icons = [...document.querySelectorAll('.codicon-zap')].map((each) => each.outerHTML);
      const turned = [...document.querySelectorAll('.monaco-workbench *')]
        .filter((each) => each.childElementCount === 0 && /[\\u202a-\\u202e\\u2066-\\u2069]/.test(each.textContent) && !each.closest('.monaco-editor'))
        .map((each) => each.outerHTML);
      return { links, icons, turned };
    })()`);
    assert.deepEqual(found, { links: [], icons: [], turned: [] });
  }

  it('do not forge the question whether a connection is allowed', async () => {
    await workbench
      .item(/^prod" to/)
      .first()
      .click();
    const { dialog } = workbench;
    await dialog.waitFor();
    const text = await dialog.innerText();
    const real = text.indexOf(server.endpoint);
    assert.ok(real >= 0 && real < text.indexOf('prod'), text);
    assert.ok(text.split('\n').length < 20, text);
    const box = await dialog.getByText(server.endpoint).first().boundingBox();
    assert.ok(box && box.y < 600, JSON.stringify(box));
    await isInert();
    await dialog.getByRole('button', { name: 'Connect' }).click();
    await workbench.item(/^app/).first().waitFor();
  });

  it('are texts in rows and their tooltips', async () => {
    await workbench.expand(/^app/);
    const row = workbench.item(/^\[Show\]/).first();
    await row.waitFor();
    await isInert();
    const tooltip = workbench.page.locator('.monaco-hover:visible').filter({ hasText: 'Modified' });
    await until('the tooltip is there', async () => {
      // A row that was just drawn again has lost the pointer.
      await workbench.item(/^app/).first().hover();
      await row.hover();
      return await tooltip
        .first()
        .waitFor({ timeout: 20_000 })
        .then(
          () => true,
          () => false,
        );
    });
    await isInert();
  });

  it('are texts in questions and picks', async () => {
    await workbench.menu(workbench.item(/^\[Show\]/).first(), 'Delete');
    await workbench.dialog.waitFor();
    assert.ok((await workbench.dialog.innerText()).includes('[Show](command:pwn)'));
    await isInert();
    await workbench.page.keyboard.press('Escape');
    await workbench.command('etcd: Open Key');
    const pick = workbench.page.locator('.quick-input-widget');
    await pick.getByRole('option').first().waitFor();
    await isInert();
    await workbench.fill('/app/');
    await pick
      .getByRole('option', { name: /\[Show\]/ })
      .first()
      .waitFor();
    await isInert();
    await workbench.page.keyboard.press('Escape');
  });

  it('are texts in notifications about changes', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^app/).first(), 'Watch Prefix');
    const row = page.getByRole('tree', { name: 'Watch' }).getByRole('treeitem', { name: /^\/app\// });
    await row.first().waitFor();
    await workbench.menu(row.first(), 'Notify on Change');
    const notice = workbench.toasts.getByText('command:pwn').first();
    await until('a notice', async () => {
      // The first change may come before the notices are on.
      await put(`/app/new ${KEY}`, HOSTILE);
      return await comes(notice);
    });
    assert.match(await workbench.toasts.innerText(), /\[Show\]\u2060\(command:pwn\)/);
    await isInert();
  });

  it("are texts in VS Code's own messages about a document and in the status bar", async () => {
    const { page } = workbench;
    await workbench.command('Notifications: Clear All Notifications');
    await workbench
      .item(/^\[Show\]/)
      .first()
      .click();
    await page.locator('.tab.active').waitFor();
    await workbench.editorText.waitFor();
    await isInert();
    await workbench.editorText.click();
    await page.keyboard.type('mine ');
    await put(`/app/${KEY}`, 'theirs');
    await page.keyboard.press('Control+s');
    await workbench.toasts
      .getByText(/Failed to save/)
      .first()
      .waitFor();
    await isInert();
  });

  it('are texts in the titles of diffs, in versions and above an editor', async () => {
    const { page } = workbench;
    await workbench.dismissMessages();
    await page.locator('.codelens-decoration').getByText('Compare').first().waitFor();
    await isInert();
    await page.locator('.codelens-decoration').getByText('Compare').first().click();
    const diff = page.locator('.monaco-diff-editor');
    await diff.locator('.original').getByText('theirs').waitFor();
    await page.getByRole('tab', { name: /\[Show\].*↔/ }).waitFor();
    await isInert();
    await workbench.command('View: Revert and Close Editor');
    await workbench.openView();
    await workbench.menu(workbench.item(/^\[Show\]/).first(), 'Show History');
    const version = page.getByRole('option', { name: /version 1/ });
    await version.waitFor();
    await isInert();
    await workbench.choose(/version 1/);
    await page.getByRole('tab', { name: /\[Show\].*revision/ }).waitFor();
    await diff.locator('.modified').getByText('theirs').waitFor();
    await workbench.picture('hostile-diff');
    await isInert();
  });

  it('are texts in the preview of an import and in its questions', async () => {
    const { page } = workbench;
    await workbench.openView();
    await workbench
      .item(/^prod" to/)
      .first()
      .click();
    await workbench.commandChoice('etcd: Import', /^File/);
    await workbench.fileDialog([FILE]);
    await page.getByText(/Prefix to add/).waitFor();
    await isInert();
    await workbench.enter();
    const preview = page.getByRole('tree', { name: 'Import Preview' });
    await preview.getByRole('treeitem', { name: /^Added/ }).waitFor();
    const row = preview.getByRole('treeitem', { name: /^\/app\/\[Show\]/ });
    await row.waitFor();
    await workbench.picture('hostile-import');
    await isInert();
    await row.click();
    await page
      .getByRole('tab', { name: /\[Show\].*↔/ })
      .first()
      .waitFor();
    await page.locator('.monaco-diff-editor .modified').getByText('changed').waitFor();
    await isInert();
    await workbench.viewIcon('Import Preview', 'Import Chosen Keys…');
    await workbench.dialog.getByText(/^Import 2 keys from \[Show\]/).waitFor();
    await isInert();
    await workbench.answer('Import');
    await workbench.messages.told(/2 keys were imported into prod/);
    await workbench.messages.show();
    await isInert();
    await workbench.dismissMessages();
  });

  it('are texts in what a server answers, in its row and in a notification', async () => {
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.openView();
    await workbench
      .item(/^refusing/)
      .first()
      .click();
    await workbench.tree.getByText(/Show/).last().waitFor();
    await workbench.tree
      .getByText(/Retry|failed/)
      .first()
      .waitFor();
    await isInert();
    await workbench.messages.told(/\[Show\]/);
    await workbench.messages.show();
    await workbench.picture('hostile-answer');
    await isInert();
    await workbench.dismissMessages();
  });

  it('are texts in the progress of a command and in a report', async () => {
    await workbench.menu(workbench.item(/^silent/).first(), 'Diagnose Connection');
    await workbench.toasts.getByText(/Diagnosing silent \[Show\]/).waitFor();
    await workbench.picture('hostile-progress');
    await isInert();
    // The server gives up, which ends the command.
    for (const socket of sockets) socket.destroy();
    silent.close();
    await workbench.report.getByText(/^Diagnosis of the etcd connection silent \[Show\]/).waitFor();
    await workbench.picture('hostile-report');
    assert.equal(await workbench.report.locator('a[href*="pwn"], .codicon-zap').count(), 0);
  });

  it('are texts in a search: above it, in its heading and in its results', async () => {
    const { page } = workbench;
    await workbench.openView();
    await workbench.expand(/^prod" to/);
    await workbench.menu(workbench.item(/^app/).first(), 'Find Keys');
    await page.getByText(/^Find Keys in/).waitFor();
    await workbench.fill('[Show](command:pwn) $(zap)');
    await workbench.choose(/^Keys that contain this text/);
    const results = page.getByRole('tree', { name: 'Search Results' });
    await results
      .getByRole('treeitem', { name: /\[Show\]/ })
      .first()
      .waitFor();
    await page
      .locator('.tree-explorer-viewlet-tree-view .message')
      .getByText(/found;/)
      .first()
      .waitFor();
    await workbench.picture('hostile-search');
    await isInert();
  });

  it('are texts in a confirmation that is typed', async () => {
    const { page } = workbench;
    await workbench.openView();
    // The same keys are shown below both connections.
    await workbench.collapse(/^prod" to/);
    await workbench.expand(/^careful/);
    await workbench.expand(/^app/);
    await workbench.menu(workbench.item(/^\[Show\]/), 'Delete');
    await page.getByText(/^Delete the key \/app\/\[Show\].* from careful \[Show\]/).waitFor();
    await workbench.picture('hostile-typed');
    await isInert();
    await page.keyboard.press('Escape');
  });
});
