import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { axeFindings } from './axe.ts';
import { THEMES } from './themes.ts';
import { Workbench } from './workbench.ts';

const QUESTION = '.quick-input-widget';

describe('accessibility', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of ['/config/app', '/config/other']) await server.etcdctl(['put', key, 'x']);
    workbench = await Workbench.open();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function check(part: string): Promise<void> {
    assert.deepEqual(await axeFindings(workbench.page, part), []);
  }

  /** Checks a question that a command asks, and leaves it. */
  async function checkQuestion(command: string, ready: Locator): Promise<void> {
    await workbench.command(command);
    await ready.first().waitFor();
    await check(QUESTION);
    await workbench.page.keyboard.press('Escape');
    await ready.first().waitFor({ state: 'hidden' });
  }

  for (const theme of THEMES)
    describe(`in ${theme}`, () => {
      before(async () => {
        await workbench.setUserSettings({
          'workbench.colorTheme': theme,
          'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }],
        });
        await workbench.openView();
        await workbench.expand(/^local/);
        await workbench.expand(/^config/);
      });

      it('has no fault in the views', async () => {
        const { page } = workbench;
        await workbench.menu(workbench.item(/^config/), 'Watch Prefix');
        await page.getByRole('tree', { name: 'Watch' }).getByRole('treeitem').first().waitFor();
        await workbench.command('etcd: Find Keys');
        await workbench.fill('app');
        await page.getByRole('option', { name: /^Keys that contain this text/ }).click();
        await page.getByRole('tree', { name: 'Search Results' }).getByRole('treeitem').first().waitFor();
        await workbench.menu(workbench.item(/^local/), 'Show Cluster');
        await page.getByRole('tree', { name: 'Cluster' }).getByRole('treeitem').first().waitFor();
        await workbench.picture(`accessibility-${theme}`);
        await check('.part.sidebar');
      });

      it('has no fault in the pickers', async () => {
        const { page } = workbench;
        await checkQuestion('etcd: Go to Key', page.getByRole('option', { name: /^\// }));
        await checkQuestion('etcd: Add Connection', page.locator(QUESTION).getByText(/endpoint/i));
        await checkQuestion('etcd: Browse as of Revision', page.getByRole('option', { name: /revision/i }));
      });
    });
});
