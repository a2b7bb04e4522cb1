import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until } from './until.ts';
import { Workbench } from './workbench.ts';

describe('times to live, leases, production and read-only connections', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of ['/plain', '/gone/1', '/gone/2']) await server.etcdctl(['put', key, 'value']);
    const endpoints = [server.endpoint];
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [
          { name: 'live', endpoints, production: true },
          { name: 'looking', endpoints, readOnly: true },
        ],
      },
    });
    await workbench.openView();
    await workbench.expand(/^live/);
    await workbench.item('plain').waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.picture(this.currentTest.title.replaceAll(/\W+/g, '-'));
  });

  async function leaseOf(key: string): Promise<string> {
    const { stdout } = await server.etcdctl(['get', key, '--write-out=json']);
    const { kvs } = JSON.parse(stdout) as { kvs?: readonly { readonly lease?: number }[] };
    return String(kvs?.[0]?.lease ?? 'none');
  }

  async function choose(option: string | RegExp): Promise<void> {
    await workbench.page.getByRole('option', { name: option }).first().click();
  }

  it('creates a key with a time to live', async () => {
    const { page } = workbench;
    await workbench.command('etcd: New Key');
    await workbench.input.fill('/brief');
    const create = page.getByRole('option', { name: /^Create \/brief/ });
    await create.waitFor();
    await create.hover();
    await page.getByRole('button', { name: /Create it with a time to live/ }).click();
    await choose(/^For a time/);
    await workbench.input.fill('10m');
    await page.keyboard.press('Enter');
    await workbench.type('brief', 'passing');
    await workbench.save();
    await workbench.dialog.getByText('Save /brief to live?').waitFor();
    await workbench.answer('Save');
    await workbench.unsaved('brief').waitFor({ state: 'detached' });
    const lease = await leaseOf('/brief');
    assert.notEqual(lease, 'none');
    await workbench.item('brief').waitFor();
  });

  it('gives a key a time to live without touching its value, shows its lease, and keeps that alive', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item('plain'), 'Set Time to Live');
    await choose(/^For a time/);
    await workbench.input.fill('300');
    await page.keyboard.press('Enter');
    await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await until('the lease of /plain', async () => (await leaseOf('/plain')) !== 'none');
    assert.equal((await server.etcdctl(['get', '/plain', '--print-value-only'])).stdout.trim(), 'value');
    await workbench.menu(workbench.item('plain'), 'Show Lease');
    await page.getByText(/of 300 s left, 1 key/).waitFor();
    await workbench.picture('lease');
    await choose(/^Keep It Alive/);
    await page.getByRole('button', { name: 'etcd leases kept alive: 1' }).waitFor();
  });

  it('revokes a lease of production only when its name is typed, and the key goes', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item('plain'), 'Show Lease');
    await choose(/^Revoke It/);
    await page.getByText(/This deletes 1 key:/).waitFor();
    const wanted = /Type ([0-9a-f]{16}) to go on/.exec((await workbench.input.getAttribute('placeholder')) ?? '')?.[1];
    assert.ok(wanted);
    await workbench.input.fill(wanted);
    await workbench.picture('revoke');
    await page.keyboard.press('Enter');
    await workbench.item('plain').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /etcd leases kept alive/ }).waitFor({ state: 'hidden' });
  });

  it('deletes from production only when the prefix is typed', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^gone/), 'Delete');
    await page.getByText(/Delete all 2 keys that begin with \/gone\/ from live/).waitFor();
    await workbench.input.fill('/gon');
    await page.keyboard.press('Enter');
    await page.getByText(/Type \/gone\/, or press Escape/).waitFor();
    await workbench.input.fill('/gone/');
    await page.keyboard.press('Enter');
    await workbench.item(/^gone/).waitFor({ state: 'detached' });
    assert.equal((await server.etcdctl(['get', '/gone/', '--prefix', '--keys-only'])).stdout.trim(), '');
  });

  it('offers nothing that writes to a read-only connection, and refuses it', async () => {
    const { page } = workbench;
    await workbench.item(/^live/).click();
    await workbench.expand(/^looking/);
    await workbench.item('brief').waitFor();
    await workbench.item('brief').click({ button: 'right' });
    await page.getByRole('menuitem', { name: /^Copy Key/ }).waitFor();
    assert.equal(await page.getByRole('menuitem', { name: /^Delete/ }).count(), 0);
    await workbench.picture('read-only');
    await page.keyboard.press('Escape');
    await workbench.item('brief').click();
    await page.locator('.tab[data-resource-name="brief"]').nth(1).waitFor();
    await page.keyboard.press('Delete');
    await workbench.toasts.getByText('This is read-only: nothing was changed.').first().waitFor();
  });
});
