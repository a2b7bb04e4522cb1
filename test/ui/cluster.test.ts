import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { startCluster } from '../fixtures/etcdCluster.ts';
import type { EtcdServer } from '../fixtures/etcdServer.ts';
import { chooseAboveView } from './rowMenu.ts';
import { until } from './until.ts';
import { comes } from './visible.ts';
import { Workbench } from './workbench.ts';

describe('the view of a cluster', () => {
  let servers: EtcdServer[] = [];
  let first: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    servers = await startCluster();
    const [server] = servers;
    assert.ok(server);
    first = server;
    for (let round = 0; round < 30; round++) await first.etcdctl(['put', '/app/config', `version ${round}`]);
    const endpoints = servers.map(({ endpoint }) => endpoint);
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [
          // So long that a member which is silent lets a command wait until it is canceled.
          { name: 'three', endpoints, connectTimeout: 300 },
          { name: 'looking', endpoints, readOnly: true },
          { name: 'live', endpoints, production: true },
        ],
      },
    });
    await workbench.openView();
    await workbench.item(/^three/).waitFor();
  });
  after(async () => {
    await workbench?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  function row(name: RegExp): Locator {
    return workbench.page.getByRole('tree', { name: 'Cluster' }).getByRole('treeitem', { name });
  }

  /** Grants a lease, and puts a key with it if one is given. @returns its id */
  async function lease(seconds: number, key?: string): Promise<string> {
    const { stdout } = await first.etcdctl(['lease', 'grant', `${seconds}`]);
    const [, id = ''] = /lease ([0-9a-f]+) granted/.exec(stdout) ?? [];
    if (key !== undefined) await first.etcdctl(['put', `--lease=${id}`, key, 'value']);
    return id;
  }

  async function leader(): Promise<string> {
    const { stdout } = await first.etcdctl(['endpoint', 'status', '--cluster', '--write-out=json']);
    const all = JSON.parse(stdout) as { Endpoint: string; Status: { leader: number; header: { member_id: number } } }[];
    const found = all.find(({ Status }) => Status.leader === Status.header.member_id);
    return `member${servers.findIndex(({ endpoint }) => endpoint === found?.Endpoint) + 1}`;
  }

  it('is not there until it is asked for, and shows members, alarms and space', async () => {
    assert.equal(await workbench.page.getByRole('tree', { name: 'Cluster' }).count(), 0);
    await workbench.menu(workbench.item(/^three/), 'Show Cluster');
    await row(/^Members.*3 of 3 healthy, 2 required/).waitFor();
    await row(new RegExp(`^${await leader()}.*leader.*ms`)).waitFor();
    assert.equal(await row(/^member\d.*follower/).count(), 2);
    await row(/^Alarms.*none/).waitFor();
    await row(/^Space/).waitFor();
    await row(/^member1.*in use/).waitFor();
    await row(/^member1.*ms/).click();
    await workbench.page.keyboard.press('ArrowRight');
    for (const name of [/^Member id/, /^Database size/, /^Quota.*2,048 MB/, /^Raft term/]) await row(name).waitFor();
    await row(/^Metrics: since its start/).click();
    await workbench.page.keyboard.press('ArrowRight');
    await row(/^Metrics: since its start/).hover();
    for (const name of [/^Knows a leader: yes/, /^Log sync time.*ms \(healthy below 10 ms\)/, /^Round trip to other/])
      await until(`${String(name)} is in sight`, async () => {
        await workbench.page.mouse.wheel(0, 60);
        return await comes(row(name));
      });
    await workbench.picture('cluster');
    await workbench.page.keyboard.press('ArrowLeft');
    await workbench.page.keyboard.press('Home');
    await row(/^member1.*ms/).click();
    await workbench.page.keyboard.press('ArrowLeft');
  });

  it('compacts after it said what is lost', async () => {
    await workbench.commandChoice('etcd: Compact', /^Keep no earlier revision/);
    await workbench.dialog.getByText(/^Compact three to revision \d+\?/).waitFor();
    await workbench.dialog.getByText(/history and time travel before revision \d+ are lost/).waitFor();
    await workbench.answer('Compact');
    await workbench.messages.told(/three is compacted to revision \d+/);
    const { stderr } = await first.etcdctl(['get', '/app/config', '--rev=3']);
    assert.match(stderr, /has been compacted/);
  });

  it('defragments all members, one after the other', async () => {
    await workbench.commandChoice('etcd: Defragment', /^All members/);
    await workbench.dialog.getByText('Defragment all 3 members of three, one after the other?').waitFor();
    await workbench.answer('Defragment');
    await workbench.messages.told(/Defragmented: member\d from .*; member\d from .*; member\d from/);
  });

  it('moves the leader to the member whose row was chosen', async () => {
    const before = await leader();
    await row(/^member\d.*follower/)
      .first()
      .waitFor();
    const name = /^(member\d)/.exec(
      (await row(/^member\d.*follower/)
        .first()
        .getAttribute('aria-label')) ?? '',
    )?.[1];
    assert.ok(name && name !== before);
    await workbench.menu(row(new RegExp(`^${name}.*follower`)), 'Move Leader');
    await workbench.dialog.getByText(`Make ${name} the leader of three?`).waitFor();
    await workbench.answer('Move Leader');
    await until(`${name} is the leader`, async () => (await leader()) === name);
    await row(new RegExp(`^${name}.*leader`)).waitFor();
  });

  it('shows that a command waits for a member, and cancels it', async () => {
    const leading = await leader();
    const silent = servers.find((server, index) => server !== first && `member${index + 1}` !== leading);
    assert.ok(silent);
    silent.pause();
    try {
      await workbench.command('etcd: Remove Member');
      await workbench.messages.press('Cancel', 'Asking the members of three');
      await until('nothing is asked any more', async () => !(await workbench.messages.has(/Asking the members/)));
    } finally {
      silent.resume();
    }
    await workbench.command('etcd: Refresh Cluster');
    await row(/^Members.*3 of 3 healthy/).waitFor();
  });

  it('saves a snapshot of one member, and says how to restore it', async () => {
    const { page } = workbench;
    await until('the file is asked for', async () => {
      await workbench.menu(row(/^member2.*ms/), 'Save Snapshot');
      const isAsked = `document.querySelector('.quick-input-widget input')?.value.endsWith('.db')`;
      return await page.waitForFunction(isAsked, undefined, { timeout: 30_000 }).then(
        () => true,
        () => false,
      );
    });
    const file = join(workbench.folder, 'saved.db');
    await workbench.enter(file);
    await workbench.messages.press('How to Restore It', /The snapshot of member2 .* is in .*saved\.db/);
    assert.equal((await stat(file)).size % 512, 32);
    assert.deepEqual(
      (await readdir(workbench.folder)).filter((name) => name.endsWith('.part')),
      [],
    );
    const { report } = workbench;
    await report.getByRole('heading', { name: 'Restore this cluster from a snapshot' }).waitFor();
    await report
      .getByText(/etcdutl snapshot restore .*--name member3/)
      .first()
      .waitFor();
    await workbench.picture('restore');
  });

  it('checks the cluster and shows a report of each member', async () => {
    await workbench.command('etcd: Check Cluster');
    await workbench.messages.told(/Failures: \d+, warnings: \d+|No problem was found/);
    const { report } = workbench;
    await report.getByRole('heading', { name: 'Check of the etcd cluster three' }).waitFor();
    await report.getByText(/3 members have the same hash at revision/).waitFor();
    await report.getByRole('cell', { name: 'member3' }).first().waitFor();
    await workbench.picture('check-cluster');
    await workbench.messages.press('Copy as Markdown', /Failures: \d+, warnings: \d+|No problem was found/);
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await until('the report is in the clipboard', async () =>
      /^# Check of the etcd cluster three\n[^]*\| member3 \|/.test(
        await workbench.page.evaluate<string>('navigator.clipboard.readText()'),
      ),
    );
  });

  it('lists leases with the time that is left, which counts down, page by page', async () => {
    const { page } = workbench;
    const id = await lease(600, '/leased');
    const group = row(/^Leases/);
    await group.click();
    await page.keyboard.press('ArrowRight');
    const leased = row(new RegExp(`^${id}: ends at .*1 key · /leased`));
    await leased.getByText(/9 min \d+ s left/).waitFor();
    const before = await leased.textContent();
    await until('the time left is less', async () => (await leased.textContent()) !== before);
    await workbench.picture('leases');
    await Promise.all(Array.from({ length: 129 }, () => lease(3000)));
    await workbench.command('etcd: Refresh Cluster');
    const long = row(/^[0-9a-f]{16}: ends at/).first();
    await long.getByText(/(9|49) min \d+ s left/).waitFor();
    const more = row(/^Show more leases…: 30 more/);
    await until('the last row is in sight', async () => {
      // A tree that is drawn again goes back to its beginning.
      await long.click();
      await page.keyboard.press('End');
      return await comes(more);
    });
    await more.click();
    await row(/^Show more leases/).waitFor({ state: 'detached' });
    await page.keyboard.press('Home');
    await group.click();
  });

  it('filters leases by their keys and by the time left', async () => {
    const service = await lease(900, '/services/web');
    const short = await lease(250);
    const filter = async (choice: RegExp, text: string) => {
      await workbench.commandChoice('etcd: Filter Leases', choice);
      await workbench.enter(text);
    };
    await filter(/^Keys Below/, '/services/');
    await row(/^Leases: with keys below \/services\//).waitFor();
    await row(new RegExp(`^${service}: .*/services/web`)).waitFor();
    assert.equal(await row(/^[0-9a-f]{16}: ends at/).count(), 1);
    await workbench.picture('leases-filtered');
    await filter(/^Little Time Left/, '5m');
    await row(/^Leases: with less than 5 min 0 s left/).waitFor();
    await row(new RegExp(`^${short}:`)).waitFor();
    await row(new RegExp(`^${service}:`)).waitFor({ state: 'detached' });
    await filter(/^Keys Below/, '/nobody/');
    await row(/^No matching lease: of \d+/).waitFor();
  });

  it('grants a lease, and revokes several with their keys, which Undo brings back', async () => {
    await workbench.command('etcd: Grant Lease');
    await workbench.enter('2h');
    await workbench.messages.told(/Lease [0-9a-f]{16} was granted/);
    const [one, other] = [await lease(1200, '/several/one'), await lease(1200, '/several/other')];
    await workbench.commandChoice('etcd: Filter Leases', /^Keys Below/);
    await workbench.enter('/several/');
    await row(new RegExp(`^${one}:`)).click();
    await row(new RegExp(`^${other}:`)).click({ modifiers: ['Control'] });
    await workbench.menu(row(new RegExp(`^${other}:`)), 'Revoke Leases');
    for (const text of ['Revoke 2 leases of three?', 'This deletes 2 keys:', '/several/one', '/several/other'])
      await workbench.dialog.getByText(text).waitFor();
    await workbench.picture('leases-revoke');
    await workbench.answer('Revoke');
    await row(/^No matching lease/).waitFor();
    assert.equal((await first.etcdctl(['get', '--prefix', '/several/', '--keys-only'])).stdout.trim(), '');
    await workbench.messages.press('Undo');
    await until('both keys are back', async () => {
      const { stdout } = await first.etcdctl(['get', '--prefix', '/several/', '--print-value-only']);
      return stdout.trim() === 'value\nvalue';
    });
  });

  it('revokes the leases that are selected, also from the palette', async () => {
    const id = await lease(1200, '/palette/key');
    await workbench.commandChoice('etcd: Filter Leases', /^Keys Below/);
    await workbench.enter('/palette/');
    await row(new RegExp(`^${id}:`)).click();
    await workbench.command('etcd: Revoke Leases');
    await workbench.dialog.getByText(`Revoke the lease ${id} of three?`).waitFor();
    await workbench.answer('Revoke');
    await row(/^No matching lease/).waitFor();
    assert.equal((await first.etcdctl(['get', '/palette/key'])).stdout, '');
  });

  it('removes no member without which the quorum is lost, unless its name is typed', async () => {
    const { page } = workbench;
    const leading = await leader();
    const names = servers.map((_, index) => `member${index + 1}`).filter((name) => name !== leading);
    const [other = '', stopped = ''] = names;
    const server = servers[Number(stopped.at(-1)) - 1];
    assert.ok(server && server !== first);
    const listed = async () => (await first.etcdctl(['member', 'list'])).stdout.trim().split('\n').length;
    const remove = async () => {
      await workbench.commandChoice('etcd: Remove Member', new RegExp(`^${other}`));
      await page.getByText(`Remove ${other} from three?`).waitFor();
      const effect = '2 of 3 voting members are healthy. Afterwards 2 of 2 are required, and 1 are healthy.';
      await page.getByText(`${effect} The cluster loses its quorum`).waitFor();
    };
    await server.kill();
    try {
      await remove();
      await workbench.fill('three');
      await page.getByText(`Type ${other}, or press Escape.`).waitFor();
      await workbench.enter();
      await page.keyboard.press('Escape');
      assert.equal(await listed(), 3);
      await remove();
      await workbench.confirmByTyping(other);
      // It was sent then: etcd itself refuses, because one of its members is not connected.
      await workbench.messages.told(/etcd refused: not all of its members have been connected/);
      assert.equal(await listed(), 3);
    } finally {
      await server.restart();
    }
    await until(
      'all are healthy again',
      async () => (await first.etcdctl(['endpoint', 'health', '--cluster'])).code === 0,
    );
  });

  it('compacts production only after its name was typed', async () => {
    await chooseAboveView(workbench.page, 'Cluster', 'Choose Connection');
    await workbench.choose(/^live/);
    await row(/^Members.*3 of 3 healthy/).waitFor();
    const { stdout } = await first.etcdctl(['put', '/app/config', 'last', '--write-out=json']);
    const { revision } = (JSON.parse(stdout) as { header: { revision: number } }).header;
    await workbench.commandChoice('etcd: Compact', /^Keep no earlier revision/);
    await workbench.confirmByTyping('live');
    await workbench.messages.told(`live is compacted to revision ${revision}`);
  });

  it('changes nothing of a read-only connection that was chosen above it, and shows its cluster', async () => {
    await chooseAboveView(workbench.page, 'Cluster', 'Choose Connection');
    await workbench.choose(/^looking/);
    await row(/^Members.*3 of 3 healthy/).waitFor();
    await workbench.command('etcd: Defragment');
    await workbench.messages.told('This connection is read-only: nothing was changed.');
  });
});
