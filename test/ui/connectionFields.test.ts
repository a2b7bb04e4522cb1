import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until } from './until.ts';
import { goes } from './visible.ts';
import { Workbench } from './workbench.ts';

describe('the properties of a connection', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async () => {
    server = await startEtcd();
    await server.etcdctl(['put', '/app', 'value']);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.item('app').waitFor();
    await workbench.menu(workbench.item(/^local/), 'Edit Connection');
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  const option = (name: RegExp) => workbench.page.getByRole('option', { name });

  async function connection(): Promise<Record<string, unknown>> {
    const list = (await workbench.userSetting('etcd.connections')) as Record<string, unknown>[];
    return list[0] ?? {};
  }

  it('are all listed, with their present values', async () => {
    for (const name of [
      /^Endpoints, http:/,
      /^User name, none/,
      /^Name, local/,
      /^Color, none/,
      /^Certificate, the system's authorities/,
      /^Pins, none/,
      /^Server name, the endpoint's host name/,
      /^Client certificate, none/,
      /^Production, no/,
      /^Read-only, no/,
      /^Confirm saves, as for production: no/,
    ])
      await option(name).waitFor();
    await workbench.picture('edit-connection');
  });

  it('are changed one after the other, and shown at once', async () => {
    await workbench.choose(/^Color, none/);
    await workbench.choose(/^blue/);
    await option(/^Color, blue/).waitFor();
    await workbench.choose(/^Production, no/);
    await workbench.choose(/^yes/);
    await option(/^Production, yes/).waitFor();
    await option(/^Confirm saves, as for production: yes/).waitFor();
    await workbench.item(/^local .*production/).waitFor();
    const { name, endpoints, ...others } = await connection();
    assert.deepEqual([name, endpoints], ['local', [server.endpoint]]);
    assert.deepEqual(others, { color: 'blue', production: true });
  });

  it('take no pin that is no hash, and one that is', async () => {
    const { page } = workbench;
    await workbench.choose(/^Pins, none/);
    await page.getByText(/^SHA-256 hashes of the only certificates/).waitFor();
    await workbench.enter('ab cd');
    await page.getByText(/"ab cd" in "pinnedSha256" is not a SHA-256 hash/).waitFor();
    await workbench.enter(`${'ab'.repeat(32)}, ${'cd'.repeat(32)}`);
    await option(/^Pins, abababababab, cdcdcdcdcdcd/).waitFor();
    await option(/^Certificate, 2 pinned certificates/).waitFor();
    assert.deepEqual((await connection())['pinnedSha256'], ['ab'.repeat(32), 'cd'.repeat(32)]);
  });

  it('take addresses of metrics, one or several, with or without their path', async () => {
    const { page } = workbench;
    // The list shows only the rows in sight.
    const choose = async (name: RegExp) => {
      await workbench.fill('Metrics');
      await workbench.choose(name);
    };
    await choose(/^Metrics, from the endpoints/);
    await page.getByText(/^Addresses of the members' metrics/).waitFor();
    await workbench.enter('http://127.0.0.1:2381/somewhere');
    await page
      .getByText(/"metricsUrl" is not usable\. The endpoint 127\.0\.0\.1:2381 must end after the port/)
      .waitFor();
    await workbench.enter(`${server.metricsUrl}/metrics`);
    await until(
      'the address is kept',
      async () => (await connection())['metricsUrl'] === `${server.metricsUrl}/metrics`,
    );
    await choose(/^Metrics, http/);
    await workbench.enter(`${server.metricsUrl}, http://127.0.0.1:1`);
    await until('both are kept', async () => Array.isArray((await connection())['metricsUrl']));
    assert.deepEqual((await connection())['metricsUrl'], [server.metricsUrl, 'http://127.0.0.1:1']);
    await choose(/^Metrics, http/);
    await workbench.enter('');
    await until('none is left', async () => !('metricsUrl' in (await connection())));
    await option(/^Endpoints/).waitFor();
  });

  it('can be set before a new connection is opened', async () => {
    const { page } = workbench;
    await until('the list is closed', async () => {
      await page.keyboard.press('Escape');
      return await goes(option(/^Endpoints/));
    });
    await workbench.command('etcd: Add Connection');
    await page.getByText(/Endpoint of etcd/).waitFor();
    await workbench.enter(server.endpoint);
    await page.getByText(/User name in etcd/).waitFor();
    await workbench.enter();
    await page.getByText(/Name of the connection/).waitFor();
    await workbench.enter('careful');
    await workbench.choose(/^User settings/);
    await workbench.choose(/^Set more properties first/);
    await workbench.choose(/^Read-only, no/);
    await workbench.choose(/^yes/);
    await option(/^Read-only, yes/).waitFor();
    assert.equal(await workbench.item(/^careful not connected/).count(), 1);
    await workbench.picture('add-connection-properties');
    await page.keyboard.press('Escape');
    await workbench.item(/^careful connected · read-only/).waitFor();
    const list = (await workbench.userSetting('etcd.connections')) as unknown[];
    assert.deepEqual(list[1], { name: 'careful', endpoints: [server.endpoint], readOnly: true });
    await workbench.menu(workbench.item(/^local/), 'Edit Connection');
    await option(/^Pins, ab/).waitFor();
  });

  it('are taken away by the default value', async () => {
    const { page } = workbench;
    await workbench.choose(/^Pins, ab/);
    await workbench.enter('');
    await option(/^Pins, none/).waitFor();
    await workbench.choose(/^Production, yes/);
    await workbench.choose(/^no/);
    await option(/^Production, no/).waitFor();
    await workbench.choose(/^Color, blue/);
    await workbench.choose(/^none/);
    await option(/^Color, none/).waitFor();
    await page.keyboard.press('Escape');
    await until('only name and endpoints are left', async () => {
      const { name: _, endpoints: __, ...others } = await connection();
      return Object.keys(others).length === 0;
    });
  });
});
