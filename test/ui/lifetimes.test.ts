import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until } from './until.ts';
import { comes } from './visible.ts';
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
    await workbench.item(/^plain/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function leaseOf(key: string): Promise<string> {
    const { stdout } = await server.etcdctl(['get', key, '--write-out=json']);
    const { kvs } = JSON.parse(stdout) as { kvs?: readonly { readonly lease?: number }[] };
    return String(kvs?.[0]?.lease ?? 'none');
  }

  /** Undoes a change; production asks first. */
  async function undo(change: RegExp): Promise<void> {
    await workbench.commandChoice('etcd: Undo', change);
    await workbench.dialog.getByText(change).waitFor();
    await workbench.answer('Undo');
  }

  it('creates a key with a time to live', async () => {
    const { page } = workbench;
    await workbench.command('etcd: New Key');
    await workbench.fill('/brief');
    const create = page.getByRole('option', { name: /^Create \/brief/ });
    await create.waitFor();
    await create.hover();
    await page.getByRole('button', { name: /Create it with a time to live/ }).click();
    await workbench.choose(/^Expire After/);
    await workbench.enter('10m');
    await workbench.type('brief', 'passing');
    await workbench.save();
    await workbench.dialog.getByText('Save /brief to live?').waitFor();
    await workbench.answer('Save');
    await workbench.unsaved('brief').waitFor({ state: 'detached' });
    const lease = await leaseOf('/brief');
    assert.notEqual(lease, 'none');
    await workbench.item('brief expires with its lease').waitFor();
  });

  it('gives a key a time to live without touching its value, shows its lease, and keeps that alive', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^plain/), 'Set Time to Live');
    await workbench.choose(/^Expire After/);
    await workbench.enter('300');
    await page.getByText('Let /plain in live expire after 300 s?').waitFor();
    await workbench.enter('/plain');
    await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await until('the lease of /plain', async () => (await leaseOf('/plain')) !== 'none');
    const row = workbench.item('plain expires with its lease');
    await row.waitFor();
    // The row cannot know the time that is left; hovering asks for it.
    await until('the time left in the tooltip', async () => {
      await workbench.editorText.hover();
      await row.hover();
      return await comes(page.locator('.workbench-hover', { hasText: /[45] min( \d+ s)? left/ }));
    });
    await workbench.picture('leased-row');
    assert.equal((await server.etcdctl(['get', '/plain', '--print-value-only'])).stdout.trim(), 'value');
    await workbench.menu(workbench.item(/^plain/), 'Show Lease');
    await page.getByText(/of 300 s left, 1 key/).waitFor();
    await workbench.picture('lease');
    await workbench.choose(/^Keep It Alive/);
    await page.getByRole('button', { name: 'etcd leases kept alive: 1' }).waitFor();
  });

  it('revokes a lease of production only when its name is typed, and the key goes', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^plain/), 'Show Lease');
    await workbench.choose(/^Revoke It/);
    await page.getByText(/This deletes 1 key:/).waitFor();
    const wanted = /Type ([0-9a-f]{16}) to go on/.exec((await workbench.input.getAttribute('placeholder')) ?? '')?.[1];
    assert.ok(wanted);
    await workbench.fill(wanted);
    await workbench.picture('revoke');
    await workbench.enter();
    await workbench.item(/^plain/).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /etcd leases kept alive/ }).waitFor({ state: 'hidden' });
  });

  it('brings back the key of a revoked lease, and one whose time was over', async () => {
    const { page } = workbench;
    await undo(/^Revoked the lease/);
    await workbench.item(/^plain/).waitFor();
    assert.equal((await server.etcdctl(['get', '/plain', '--print-value-only'])).stdout.trim(), 'value');
    await workbench.menu(workbench.item(/^plain/), 'Set Time to Live');
    await workbench.choose(/^Expire After/);
    await workbench.enter('1');
    await page.getByText('Let /plain in live expire after 1 s?').waitFor();
    await workbench.enter('/plain');
    await workbench.item(/^plain/).waitFor({ state: 'detached' });
    await undo(/^Time to live of \/plain/);
    await workbench.item('plain').waitFor();
    assert.equal(await leaseOf('/plain'), 'none');
    await server.etcdctl(['del', '/plain']);
    await workbench.item(/^plain/).waitFor({ state: 'detached' });
  });

  it('gives two selected keys of production one lease, only when their number is typed', async () => {
    const { page } = workbench;
    await workbench.expand(/^gone/);
    await until('two keys are selected', async () => {
      // A row that is drawn again at the moment of the click loses it.
      await workbench.item('1').click();
      await workbench.item('2').click({ modifiers: ['Shift'] });
      return (await workbench.tree.locator('[role="treeitem"][aria-selected="true"]').count()) === 2;
    });
    await workbench.menu(workbench.item('2'), 'Set Time to Live');
    await workbench.choose(/^Expire After/);
    await workbench.enter('5m');
    await page.getByText('Let 2 keys in live expire after 300 s?').waitFor();
    await workbench.enter('/gone/1');
    await page.getByText('Type 2, or press Escape.').waitFor();
    assert.equal(await leaseOf('/gone/1'), 'none');
    await workbench.enter('2');
    await until('both keys have a lease', async () => (await leaseOf('/gone/2')) !== 'none');
    assert.equal(await leaseOf('/gone/1'), await leaseOf('/gone/2'));
  });

  it('deletes from production only when the prefix is typed', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item(/^gone/), 'Delete');
    await page.getByText(/Delete all 2 keys that start with \/gone\/ from live/).waitFor();
    await workbench.enter('/gon');
    await page.getByText(/Type \/gone\/, or press Escape/).waitFor();
    await workbench.enter('/gone/');
    await workbench.item(/^gone/).waitFor({ state: 'detached' });
    assert.equal((await server.etcdctl(['get', '/gone/', '--prefix', '--keys-only'])).stdout.trim(), '');
  });

  it('offers nothing that writes to a read-only connection, and refuses it', async () => {
    const { page } = workbench;
    await workbench.item(/^live/).click();
    await workbench.expand(/^looking/);
    await workbench.item(/^brief/).waitFor();
    await workbench.item(/^brief/).click({ button: 'right' });
    await page.getByRole('menuitem', { name: /^Copy As/ }).waitFor();
    assert.equal(await page.getByRole('menuitem', { name: /^Delete/ }).count(), 0);
    await workbench.picture('read-only');
    await page.keyboard.press('Escape');
    await workbench.item(/^brief/).click();
    await page.locator('.tab[data-resource-name="brief"]').nth(1).waitFor();
    await page.keyboard.press('Delete');
    await workbench.messages.told('This connection is read-only: nothing was changed.');
  });
});
