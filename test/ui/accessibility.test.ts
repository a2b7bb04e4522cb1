import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { axeFindings } from './axe.ts';
import { openKey } from './openKey.ts';
import { THEMES } from './themes.ts';
import { until } from './until.ts';
import { Workbench } from './workbench.ts';

const QUESTION = '.quick-input-widget';
/** The views below each other need this much to show rows. */
const TALL = { width: 1280, height: 1600 };
/** What a browser window of 1280 by 800 has left at 200 %. */
const ZOOMED = { width: 640, height: 400 };
const OVERFLOWS = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
/** VS Code's preview has no landmark, and its background is outside the frame, where axe does not see it. */
const OF_THE_PREVIEW = /^(region|color-contrast): /;
/** Script in a page that counts what moves there. */
const MOVING = `document.getAnimations().filter(({ playState, effect }) =>
  playState === 'running' && effect.getComputedTiming().activeDuration > 1).length`;

describe('accessibility', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of ['/config/app', '/config/other', '/pinned/x']) await server.etcdctl(['put', key, 'x']);
    const { stdout } = await server.etcdctl(['lease', 'grant', '6000']);
    const [, lease] = /lease (\w+) granted/.exec(stdout) ?? [];
    await server.etcdctl(['put', '/config/leased', 'x', `--lease=${lease}`]);
    workbench = await Workbench.open({
      prepare: (folder) => writeFile(join(folder, 'keys.env'), '/config/app=y\n/config/new=z\n'),
    });
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function open(theme: string): Promise<void> {
    await workbench.page.setViewportSize(TALL);
    await workbench.setUserSettings({
      'workbench.colorTheme': theme,
      'etcd.connections': [
        { name: 'local', endpoints: [server.endpoint], production: true, color: 'purple' },
        { name: 'gone', endpoints: ['http://127.0.0.1:1'], readOnly: true },
      ],
      'etcd.pinnedFolders': { local: ['/pinned/'] },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.expand(/^config/);
  }

  async function check(part: string): Promise<void> {
    assert.deepEqual(await axeFindings(workbench.page, part), []);
  }

  const row = (view: string) => workbench.page.getByRole('tree', { name: view }).getByRole('treeitem').first();

  /** Checks a question that is open, and leaves it. */
  async function checkQuestion(ready: Locator): Promise<void> {
    await ready.first().waitFor();
    await check(QUESTION);
    await workbench.page.keyboard.press('Escape');
    await ready.first().waitFor({ state: 'hidden' });
  }

  async function frame(): Promise<Frame> {
    const body = await workbench.report.locator('body').elementHandle();
    return (await body?.ownerFrame()) ?? assert.fail('the page has no frame');
  }

  async function openOverview(): Promise<Frame> {
    await workbench.menu(workbench.item(/^local/), 'Show Cluster');
    await row('Cluster').waitFor();
    await workbench.command('etcd: Show Cluster Overview');
    await workbench.report.getByRole('heading', { name: 'Cluster Overview: local' }).waitFor();
    return await frame();
  }

  for (const theme of THEMES)
    describe(`in ${theme}`, () => {
      before(() => open(theme));

      it('has no fault in the status bar, beside an open key', async () => {
        await openKey(workbench, 'app');
        const items = '.statusbar-item[id*="etcd"]';
        await workbench.page.locator(items).first().waitFor();
        await check(items);
      });

      it('has no fault in the pickers', async () => {
        const { page } = workbench;
        const question = page.locator(QUESTION);
        const local = workbench.item(/^local/);
        const config = workbench.item(/^config/);
        const ask = async (item: Locator, command: string, ready: Locator) => {
          await workbench.menu(item, command);
          await checkQuestion(ready);
        };
        await ask(local, 'Go to Key', page.getByRole('option', { name: /^\/, / }));
        await ask(local, 'Browse as of Revision', page.getByRole('option', { name: /revision/i }));
        await ask(local, 'Edit Connection', page.getByRole('option', { name: /^Endpoints/ }));
        await ask(config, 'New Key Here', page.getByRole('option', { name: 'Type a name' }));
        await ask(config, 'Find Keys', question.getByText(/^Find Keys in/));
        await ask(config, 'Copy To', page.getByRole('option', { name: 'Type a name' }));
        await ask(workbench.item('app'), 'Show History', page.getByRole('option', { name: /version 1/ }));
        await ask(workbench.item('app'), 'Set Time to Live', page.getByRole('option', { name: /^Expire After/ }));
        await workbench.command('etcd: Add Connection');
        await checkQuestion(question.getByText(/endpoint/i));
      });

      it('has no fault in the dialog before a change', async () => {
        await workbench.menu(workbench.item(/^local/), 'Remove Connection');
        await workbench.dialog.getByText('Remove the connection local?').waitFor();
        await check('.monaco-dialog-box');
        await workbench.answer('Cancel');
      });

      it('has no fault in the report of Diagnose', async () => {
        await workbench.menu(workbench.item(/^local/), 'Diagnose Connection');
        await workbench.report.getByRole('heading').first().waitFor();
        const found = await axeFindings(await frame(), 'body');
        assert.deepEqual(
          found.filter((finding) => !OF_THE_PREVIEW.test(finding)),
          [],
        );
        await workbench.command('View: Close All Editors');
      });

      it('has no fault in the walkthrough', async () => {
        await workbench.command('etcd: Get Started');
        await workbench.page.locator('.getting-started-step.expanded').waitFor();
        // The rest of the page is VS Code's own.
        await check('.getting-started-step.expanded .step-container');
        await workbench.command('View: Close All Editors');
      });

      it('has no fault in the views', async () => {
        const { page } = workbench;
        await workbench.item(/^gone/).click();
        await workbench.item(/^gone failed/).waitFor();
        await workbench.item(/^leased expires with its lease/).waitFor();
        await workbench.menu(workbench.item(/^config/), 'Watch Prefix');
        await row('Watch').waitFor();
        await workbench.menu(workbench.item(/^config/), 'Find Keys');
        await workbench.fill('app');
        await page.getByRole('option', { name: /^Keys that contain this text/ }).click();
        await row('Search Results').waitFor();
        await workbench.menu(workbench.item(/^config/), 'Select for Compare');
        await workbench.menu(workbench.item(/^\/pinned\//), 'Compare with Selected');
        await row('Comparison').waitFor();
        await workbench.menu(workbench.item(/^local/), 'Show Cluster');
        await row('Cluster').waitFor();
        await workbench.menu(workbench.item(/^local/), /^Import/);
        await workbench.choose(/^File/);
        await workbench.fileDialog(['keys.env']);
        await page.getByText(/^Prefix to add to the keys/).waitFor();
        await workbench.enter();
        await row('Import Preview').waitFor();
        await workbench.picture(`accessibility-${theme}`);
        await check('.part.sidebar');
      });
    });

  it('shows rows, questions and pages at 200 %', async () => {
    const { page } = workbench;
    await open(THEMES[0]);
    const overview = await openOverview();
    await page.setViewportSize(ZOOMED);
    await until('the page fits', async () => !(await overview.evaluate<boolean>(OVERFLOWS)));
    assert.deepEqual(await axeFindings(overview, 'body'), []);
    await workbench.picture('zoom-overview');
    await workbench.command('View: Close All Editors');
    await workbench.command('etcd: Focus on Keys View');
    await openKey(workbench, 'app');
    await workbench.editorText.getByText('x').waitFor();
    const [bar, status] = [page.locator('.part.statusbar'), page.locator('.statusbar-item[id$="etcd.key"]')];
    await status.getByText(/^\s*local · production/).waitFor();
    await until('the status bar has room for the cluster', async () => {
      const [whole, part] = [await bar.boundingBox(), await status.boundingBox()];
      return whole !== null && part !== null && part.x >= 0 && part.y + part.height <= whole.y + whole.height;
    });
    await workbench.picture('zoom-editor');
    await workbench.menu(workbench.item(/^local/), 'Edit Connection');
    await page.getByRole('option', { name: /^Endpoints/ }).waitFor();
    const [box, width] = [await page.locator(QUESTION).boundingBox(), ZOOMED.width];
    assert.ok(
      box && box.x >= 0 && box.x + box.width <= width && box.y + box.height <= ZOOMED.height,
      JSON.stringify(box),
    );
    // The last choice is reached by the keyboard.
    await page.keyboard.press('ArrowUp');
    await page.getByRole('option', { name: /^Open settings\.json/ }).waitFor();
    await workbench.picture('zoom-picker');
    await page.keyboard.press('Escape');
  });

  it('moves nothing of its own if motion is to be reduced', async () => {
    const { page } = workbench;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await open(THEMES[0]);
    const overview = await openOverview();
    await overview.getByRole('table').first().waitFor();
    await until('nothing moves in the overview', async () => (await overview.evaluate<number>(MOVING)) === 0);
    await until('nothing moves around it', async () => (await page.evaluate<number>(MOVING)) === 0);
    await page.emulateMedia({ reducedMotion: null });
  });
});
