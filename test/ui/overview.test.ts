import assert from 'node:assert/strict';
import type { Frame, Locator } from 'playwright-core';
import { startCluster } from '../fixtures/etcdCluster.ts';
import type { EtcdServer } from '../fixtures/etcdServer.ts';
import { axeFindings } from './axe.ts';
import { until } from './until.ts';
import { THEMES } from './themes.ts';
import { Workbench } from './workbench.ts';

const CHARTS = ['size', 'lag', 'sync', 'commit', 'calls'];
/** Script in the page that counts the charts that are not blank. */
const DRAWN = `[...document.querySelectorAll('canvas')].filter((canvas) =>
  canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0)).length`;
/** What a request of the overview adds to. */
const STATUS_CALLS = /^grpc_server_handled_total\{grpc_code="OK",grpc_method="Status".*\} (\d+)$/m;

describe('the overview of a cluster', () => {
  let servers: EtcdServer[] = [];
  let first: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    // Times of the log are measured only if it is written to the disk.
    servers = await startCluster({ extraArgs: ['--unsafe-no-fsync=false'] });
    const [server] = servers;
    assert.ok(server);
    first = server;
    workbench = await Workbench.open();
  });
  after(async () => {
    await workbench?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function open(): Promise<void> {
    await workbench.command('etcd: Show Cluster Overview');
    await workbench.report.getByRole('heading', { name: 'Cluster Overview: three' }).waitFor();
  }

  async function frame(): Promise<Frame> {
    const body = await workbench.report.locator('body').elementHandle();
    return (await body?.ownerFrame()) ?? assert.fail('the page has no frame');
  }

  function line(chart: string, name: string | RegExp): Locator {
    return workbench.report.locator(`#${chart}`).getByRole('row', { name });
  }

  async function writeSome(): Promise<void> {
    for (let each = 0; each < 20; each++) await first.etcdctl(['put', `/overview/${each}`, 'x'.repeat(1000)]);
  }

  async function refresh(seconds: string): Promise<void> {
    await workbench.report.getByLabel('Refresh every').selectOption(seconds);
  }

  async function statusCalls(): Promise<number> {
    const text = await (await fetch(`${first.endpoint}/metrics`)).text();
    return Number(STATUS_CALLS.exec(text)?.[1] ?? 0);
  }

  for (const theme of THEMES)
    it(`draws the figures of each member, with their limits in words, in ${theme}`, async () => {
      await workbench.setUserSettings({
        'workbench.colorTheme': theme,
        'etcd.connections': [{ name: 'three', endpoints: servers.map(({ endpoint }) => endpoint) }],
      });
      await open();
      await refresh('2');
      await until('times of writes', async () => {
        await writeSome();
        return /\d ms/.test(
          (await line('sync', /^member1/)
            .getByRole('cell')
            .first()
            .textContent()) ?? '',
        );
      });
      for (const name of ['member1', 'member2', 'member3']) {
        await line('size', new RegExp(`^${name}: file .*[KM]B .*2,048 MB$`)).waitFor();
        await line('lag', new RegExp(`^${name} \\d.* 5,000$`)).waitFor();
      }
      await line('calls', /^Put .*\/s/).waitFor();
      await line('calls', /^failures 0\/s/).waitFor();
      await workbench.report.getByText(/3 members. Leader: member\d/).waitFor();
      await workbench.report.getByText(/The largest file uses .* of 2,048 MB/).waitFor();
      await workbench.report.getByText('The leader has not changed since this page was opened.').waitFor();
      const page = await frame();
      await until('all charts are drawn', async () => (await page.evaluate(DRAWN)) === CHARTS.length);
      await refresh('0');
      assert.deepEqual(await axeFindings(page, 'body'), []);
      await workbench.picture(`overview-${theme}`);
    });

  it('names a new leader, and marks the time of the change', async () => {
    await refresh('2');
    const { stdout } = await first.etcdctl(['endpoint', 'status', '--cluster', '--write-out=json']);
    const all = JSON.parse(stdout) as { Endpoint: string; Status: { leader: number; header: { member_id: number } } }[];
    const leader = all.find(({ Status }) => Status.leader === Status.header.member_id)?.Endpoint;
    const lists = await first.etcdctl(['member', 'list']);
    const other = servers.find(({ endpoint }) => endpoint !== leader);
    const id = lists.stdout
      .split('\n')
      .find((text) => other && text.includes(other.endpoint))
      ?.split(',')[0];
    const at = servers.find(({ endpoint }) => endpoint === leader) ?? assert.fail('no leader');
    await at.etcdctl(['move-leader', id ?? '']);
    const index = servers.findIndex((server) => server === other) + 1;
    await workbench.report.getByText(new RegExp(`The leader changed from member\\d to member${index}\\.`)).waitFor();
    await workbench.picture('overview-leader');
  });

  it('estimates and measures what takes the space, and leads to a folder in the tree', async () => {
    const { page, report } = workbench;
    await refresh('0');
    for (let each = 0; each < 60; each++) await first.etcdctl(['put', `/large/${each}`, 'y'.repeat(4000)]);
    await first.etcdctl(['put', '/large/deep/er', 'z']);
    const row = (name: RegExp) => report.locator('#space-table').getByRole('row', { name });
    const said = (text: RegExp) => report.locator('#space-sentence', { hasText: text }).waitFor();
    await said(/Nothing was measured yet/);
    await report.getByRole('button', { name: 'Estimate' }).click();
    await said(/The keys and values of this cluster take about 2\d\d.* KB/);
    await report.getByRole('button', { name: 'Look inside /', exact: true }).click();
    await row(/^\/large\/ .* 61 2\d\d.* KB ± .* % 61/).waitFor();
    await row(/^\/overview\/ .* 20 /).waitFor();
    await workbench.picture('overview-space');
    assert.deepEqual(await axeFindings(await frame(), '#space'), []);
    await report.getByRole('button', { name: 'Measure Exactly' }).click();
    await row(/^\/large\/ .* 61 23\d.* KB 9\d.* % 61$/).waitFor();
    await said(/^✓ The keys and values of \/ take 2\d\d.* KB\.$/);
    await report.locator('#map').getByRole('button', { name: '/large/', exact: true }).click();
    await page.locator('.monaco-list-row.selected', { hasText: 'large' }).waitFor();
    await report.getByRole('button', { name: 'Look inside /large/' }).click();
    await row(/^\/large\/deep\/ .* 1 15 B/).waitFor();
    await report.getByRole('button', { name: 'Up' }).click();
    await row(/^\/overview\//).waitFor();
  });

  it('counts what changes, until it is stopped', async () => {
    const { report } = workbench;
    await report.locator('#minutes').selectOption('5');
    await report.getByRole('button', { name: 'Count Changes', exact: true }).click();
    await report.locator('#space-sentence', { hasText: /in \d+ of 300 s …/ }).waitFor();
    const busy = report.locator('#space-table').getByRole('row', { name: /^\/busy\/ .* [1-9]/ });
    await until('changes are counted', async () => {
      await first.etcdctl(['put', '/busy/key', 'value']);
      return await busy.isVisible();
    });
    await workbench.picture('overview-churn');
    await report.getByRole('button', { name: 'Stop' }).click();
    await report.locator('#space-sentence', { hasText: /^✓ [1-9]\d* changes? in \/, in \d+ s\.$/ }).waitFor();
    await busy.waitFor();
  });

  it('may contact nothing by itself', async () => {
    const page = await frame();
    const attempt = `fetch('${first.endpoint}/version').then(() => 'read', (error) => error.name)`;
    const blocked = page.evaluate<string>(
      `new Promise((resolve) => document.addEventListener('securitypolicyviolation', (event) =>
        resolve(event.effectiveDirective), { once: true }))`,
    );
    assert.equal(await page.evaluate<string>(attempt), 'TypeError');
    assert.equal(await blocked, 'connect-src');
  });

  it('says which member does not answer, and goes on with the others', async () => {
    const [, , third] = servers;
    assert.ok(third);
    await refresh('2');
    await third.stop();
    await workbench.report.locator('#sentence', { hasText: /could not|cannot|refused|no answer/i }).waitFor();
    await line('size', /^member1: file .*[KM]B/).waitFor();
    await workbench.picture('overview-member-down');
  });

  it('asks nothing while it is hidden, and goes on once it is shown', async () => {
    const { report } = workbench;
    await report.locator('#minutes').selectOption('15');
    await report.getByRole('button', { name: 'Count Changes', exact: true }).click();
    await report.locator('#space-sentence', { hasText: /in \d+ of 900 s …/ }).waitFor();
    await workbench.command('etcd: New Key');
    await workbench.enter('/overview/hides');
    await workbench.page.locator('.tab.active[data-resource-name="hides"]').waitFor();
    await until('no request is under way', async () => {
      const before = await statusCalls();
      await new Promise((resolve) => setTimeout(resolve, 5000));
      return (await statusCalls()) === before;
    });
    const hidden = await statusCalls();
    await workbench.page.getByRole('tab', { name: /three: Cluster Overview/ }).click();
    await workbench.report.getByText(/The largest file uses/).waitFor();
    await report.locator('#space-sentence', { hasText: /changes? in \/, in \d+ s\.$/ }).waitFor();
    await until('requests go on', async () => (await statusCalls()) > hidden);
    // The page is made anew, and knows what was chosen before.
    assert.equal(await workbench.report.getByLabel('Refresh every').inputValue(), '2');
  });
});
