import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { HeldPort } from './heldPort.ts';
import { Workbench } from './workbench.ts';

const ODD = ['/odd/100% [sure]?', '/odd/two words', '/odd//double', '/odd/back\\slash', '/odd/naïve ☃'];

describe('finding keys', () => {
  let server: EtcdServer;
  let port: HeldPort;
  let workbench: Workbench;
  let results: Locator;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of [...ODD, '/app/one.json', '/app/deep/two.json', '/app/Three.yaml'])
      await server.etcdctl(['put', '--', key, `first line\nneedle of ${key}\n`]);
    await putMany(2500);
    port = await HeldPort.open(server.port);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [port.endpoint] }] },
    });
    results = workbench.page.getByRole('tree', { name: 'Search Results' });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.item(/^odd/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    port?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  /** Writes keys with etcdctl, 100 per transaction. */
  async function putMany(count: number): Promise<void> {
    for (let at = 0; at < count; at += 100) {
      const puts = Array.from({ length: 100 }, (_, index) => `put /many/${String(at + index).padStart(5, '0')} x`);
      const { code } = await server.etcdctl(['txn'], { input: `\n${puts.join('\n')}\n\n\n` });
      assert.equal(code, 0);
    }
  }

  function hit(name: string | RegExp): Locator {
    return results.getByRole('treeitem', { name });
  }

  /** Waits for the sentence above the results. */
  function says(text: string | RegExp): Promise<void> {
    return workbench.page.locator('.tree-explorer-viewlet-tree-view .message').getByText(text).first().waitFor();
  }

  /** Types a pattern and chooses its meaning. */
  async function find(pattern: string, meaning: RegExp): Promise<void> {
    await workbench.page.getByText(/^Find Keys in/).waitFor();
    await workbench.fill(pattern);
    await workbench.choose(meaning);
  }

  it('finds text by the palette, in a view of its own that tells how many', async () => {
    assert.equal(await results.count(), 0);
    await workbench.command('etcd: Find Keys');
    await find('DOUBLE', /^Keys that contain this text, ignores case · keys only/);
    await hit('/odd//double').waitFor();
    await says('1 found; 2,508 keys searched.');
    await workbench.picture('search-text');
    await hit('/odd//double').click();
    await workbench.editorText.getByText('needle of /odd//double').waitFor();
  });

  it('finds by a glob in a folder, from its menu', async () => {
    await workbench.menu(workbench.item(/^app/), 'Find Keys');
    await workbench.page.getByText('Find Keys in /app/ of local').waitFor();
    await find('**/*.json', /^Keys that match this glob, matches case/);
    await says('2 found; 3 keys searched.');
    await hit('/app/one.json').waitFor();
    await hit('/app/deep/two.json').waitFor();
    await workbench.picture('search-glob');
  });

  it('finds odd names by a regular expression with a fixed beginning, and reads only from there on', async () => {
    await workbench.command('etcd: Find Keys');
    await workbench.fill('(');
    await workbench.page.getByRole('option', { name: /Invalid regular expression/ }).waitFor();
    await find('^/odd/.*(%|☃|\\\\)', /^Keys that match this regular expression, .* · reads only keys from \/odd\/ on/);
    await says('3 found; 5 keys searched.');
    for (const key of ['/odd/100% [sure]?', '/odd/back\\\\slash', '/odd/naïve ☃']) await hit(key).waitFor();
    await workbench.picture('search-regex');
  });

  it('finds in values without showing them, opens the line, and shows lines when told to', async () => {
    await workbench.command('etcd: Find Keys');
    await workbench.page.getByRole('button', { name: 'Search Values Too' }).click();
    await find('needle of /odd/two', /^Keys that contain this text, .* · keys and values/);
    await hit('/odd/two words, value, line 2').waitFor();
    assert.equal(await results.getByText('needle').count(), 0);
    await hit(/two words/).click();
    await workbench.editorText.getByText('needle of /odd/two words').waitFor();
    await workbench.page.getByRole('button', { name: /Ln 2, Col 19 \(18 selected\)/ }).waitFor();
    await workbench.command('etcd: Show Matching Lines');
    await hit('/odd/two words, value, line 2: needle of /odd/two words').waitFor();
    await workbench.picture('search-values');
  });

  it('stops at a limit, and goes on when asked', async () => {
    await workbench.command('etcd: Find Keys');
    await find('/many/*', /^Keys that match this glob/);
    await says(/^The first 1,000 that were found; .* of 2,500 keys searched\.$/);
    await hit('/many/00000').waitFor();
    await results.focus();
    await workbench.page.keyboard.press('End');
    await hit(/^Continue Search/).click();
    await says(/^The first 2,000 that were found/);
    await workbench.command('etcd: Continue Search');
    await says('2,500 found; 2,500 keys searched.');
  });

  it('says how far it is, and stops when told to', async () => {
    port.hold();
    await workbench.command('etcd: Find Keys');
    await find('many', /^Keys that contain this text/);
    await says('Searching…');
    await workbench.picture('search-running');
    await workbench.page.getByRole('button', { name: 'Stop Search' }).click();
    await says('Stopped: 0 found; 0 of 0 keys searched.');
    port.release();
    await workbench.page.getByRole('button', { name: 'Search Again' }).click();
    await says(/^The first 1,000 that were found/);
  });

  it('deletes what was found, copies its name, and shows it in the tree of keys', async () => {
    await server.etcdctl(['put', '/odd/to delete', 'x']);
    await workbench.command('etcd: Find Keys');
    await find('/odd/*e*', /^Keys that match this glob/);
    await workbench.menu(hit('/odd/to delete'), 'Delete');
    await workbench.answer('Delete');
    await hit('/odd/to delete').waitFor({ state: 'detached' });
    assert.equal((await server.etcdctl(['get', '/odd/to delete'])).stdout, '');
    await workbench.dismissMessages();
    await workbench.menu(hit('/odd/naïve ☃'), 'Reveal in Keys View');
    await workbench.item('naïve ☃').waitFor();
    await workbench.picture('search-reveal');
  });

  it('searches again, and clears', async () => {
    await server.etcdctl(['put', '/odd/new key', 'x']);
    await workbench.command('etcd: Search Again');
    await hit('/odd/new key').waitFor();
    await workbench.command('etcd: Clear Search Results');
    await hit('/odd/new key').waitFor({ state: 'detached' });
    await workbench.page.getByRole('button', { name: 'Find Keys' }).first().waitFor();
  });
});
