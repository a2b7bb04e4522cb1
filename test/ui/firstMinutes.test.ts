import assert from 'node:assert/strict';
import { delimiter, dirname } from 'node:path';
import { ensureEtcd } from '../../scripts/setup/etcd.ts';
import { listensLocally } from '../../src/etcd/connect/localEtcd.ts';
import { startEtcd } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { until } from './until.ts';
import { THEMES } from './themes.ts';
import { Workbench } from './workbench.ts';

/** etcd's default port. */
const LOCAL_PORT = 2379;

describe('the first minutes', () => {
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    const { etcd } = await ensureEtcd('any');
    workbench = await Workbench.open({ env: { PATH: [dirname(etcd), process.env['PATH']].join(delimiter) } });
    await workbench.openView();
  });
  after(async () => {
    await workbench?.close();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  const step = (title: string) => workbench.page.locator('.getting-started-step').filter({ hasText: title });

  it('have a walkthrough, whose pictures suit the theme', async function () {
    this.timeout('3m');
    const { page } = workbench;
    // A narrow window has no room for pictures.
    await page.setViewportSize({ width: 1800, height: 1000 });
    for (const theme of THEMES) {
      await workbench.setUserSettings({ 'workbench.colorTheme': theme });
      await workbench.openView();
      await page.getByText('Get Started', { exact: true }).click();
      await step('Connect to etcd').waitFor();
      for (const title of ['Browse keys', 'Edit safely', 'Go back in time', 'Watch and search'])
        await step(title).waitFor();
      await page.locator('.getting-started-media iframe').first().waitFor({ state: 'attached' });
      await workbench.picture(`walkthrough-${theme}`);
      await workbench.command('View: Close All Editors');
    }
  });

  it('start a local etcd in a terminal and connect to it; the walkthrough notices', async function () {
    // The port is not for this test to choose.
    if (await listensLocally(LOCAL_PORT)) return this.skip();
    const { page } = workbench;
    try {
      await page.getByRole('button', { name: 'Start a Local etcd' }).click();
      await workbench.item(/^local connected/).waitFor();
      await workbench.item(/^No keys/).waitFor();
      await page.locator('.terminal-wrapper.active .xterm').waitFor();
      await workbench.picture('local-etcd');
      await workbench.command('etcd: Get Started');
      await step('Connect to etcd').locator('.codicon-getting-started-step-checked').waitFor();
      await workbench.command('View: Close All Editors');

      await workbench.menu(workbench.item(/^local/), 'Remove Connection…');
      await workbench.answer('Remove');
      await page.getByText('Something answers at 127.0.0.1:2379.').waitFor();
      await page.getByRole('button', { name: 'Connect to Local etcd' }).click();
      await workbench.item(/^local connected/).waitFor();
      const added = await workbench.userSetting('etcd.connections');
      assert.deepEqual(added, [{ name: 'local', endpoints: ['http://127.0.0.1:2379'] }]);
    } finally {
      await workbench.command('Terminal: Kill All Terminals');
      await until('the local etcd has ended', async () => !(await listensLocally(LOCAL_PORT)));
    }
  });

  it('retry a failed connection from its row, and count one that was there before once a key is opened', async () => {
    const server = await startEtcd();
    try {
      await server.etcdctl(['put', '/hello', 'etcd']);
      await workbench.setUserSettings({ 'etcd.connections': [{ name: 'before', endpoints: [server.endpoint] }] });
      await workbench.openView();
      await workbench.item(/^before/).waitFor();
      await server.kill();
      await workbench.expand(/^before/);
      await workbench.item(/^before failed: cannot be reached/).waitFor();
      await server.restart();
      await workbench.icon(workbench.item(/^before/), 'Retry', workbench.item(/^before connected/));
      // VS Code never completes a step whose context was there before it knew the step.
      await workbench.reloadInOrder();
      await workbench.openView();
      await workbench.item('hello').waitFor();
      // VS Code counts nothing before it has shown the steps once.
      await workbench.command('etcd: Get Started');
      await step('Browse keys').waitFor();
      // What an earlier test has done.
      const checked = '.codicon-getting-started-step-checked';
      const connected = step('Connect to etcd').locator(checked);
      if (await connected.isVisible()) await connected.click();
      await connected.waitFor({ state: 'detached' });
      await openKey(workbench, 'hello');
      await workbench.command('etcd: Get Started');
      for (const title of ['Connect to etcd', 'Browse keys']) await step(title).locator(checked).waitFor();
      await workbench.command('View: Close All Editors');
    } finally {
      await server.stop();
    }
  });

  it('say above the connections that none could be opened', async () => {
    await workbench.setUserSettings({ 'etcd.connections': [{ name: 'gone', endpoints: ['http://127.0.0.1:1'] }] });
    await workbench.openView();
    await workbench.item(/^gone/).click();
    await workbench.page.getByText('No connection could be opened.').waitFor();
    await workbench.item(/^gone failed: cannot be reached/).waitFor();
    await workbench.messages.told(/connection refused/);
    await workbench.picture('all-failed');
  });
});
