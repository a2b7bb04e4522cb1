import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { allTitlesInMenu } from './rowMenu.ts';
import { Workbench } from './workbench.ts';

describe('browsing as of a revision', () => {
  let server: EtcdServer;
  let workbench: Workbench;
  let then: bigint;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const [key, value] of [
      ['/config/app', 'port: 1'],
      ['/config/odd name %2F', 'was here'],
      ['/config//empty', 'an empty segment'],
    ] as const)
      await server.etcdctl(['put', key, value]);
    await server.etcdctl(['put', '/config/binary'], { input: 'a\u0000b' });
    then = await revision();
    await server.etcdctl(['put', '/config/app', 'port: 2']);
    await server.etcdctl(['del', '/config/odd name %2F']);
    await server.etcdctl(['put', '/config/later', 'not there then']);
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.expand(/^config/);
    await workbench.item('later').waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function revision(): Promise<bigint> {
    const { stdout } = await server.etcdctl(['get', '/', '-w', 'json']);
    return BigInt((JSON.parse(stdout) as { header: { revision: number } }).header.revision);
  }

  async function pickRevision(typed: string, option: RegExp): Promise<void> {
    await workbench.fill(typed);
    await workbench.choose(option);
  }

  const past = () => workbench.item(new RegExp(`^local @ \\d+`));

  it('shows all of the tree as it was, beside the present one', async () => {
    await workbench.menu(workbench.item(/^local/), 'Browse as of Revision');
    await workbench.page.getByRole('option', { name: new RegExp(`Now, revision ${await revision()}`) }).waitFor();
    await workbench.picture('pick-revision');
    await pickRevision(String(then), new RegExp(`^Revision ${then}`));
    await past().waitFor();
    await workbench
      .item(/^config/)
      .last()
      .click();
    await workbench.item('odd name %2F').waitFor();
    assert.equal(await workbench.item('later').count(), 1, 'only the present tree has it');
    await workbench.picture('time-travel');
  });

  it('opens what was, read-only and as of then', async () => {
    await workbench.item('app').last().click();
    await workbench.editorText.getByText('port: 1').waitFor();
    await workbench.page.getByRole('tab', { name: new RegExp(`app @ ${then}`) }).waitFor();
    await workbench.item('odd name %2F').click();
    await workbench.editorText.getByText('was here').waitFor();
    await workbench.item('binary').last().click();
    await workbench.editorText.getByText(/00000000.+61.00.62/).waitFor();
    await workbench.picture('time-travel-hex');
  });

  it('offers nothing that writes, and refuses it from the palette', async () => {
    const { page } = workbench;
    const offered = await allTitlesInMenu(page, workbench.item('odd name %2F'));
    assert.ok(offered.includes('Show History…'), offered.join(', '));
    for (const title of ['Delete', 'Rename', 'Duplicate', 'New Key', 'Set Time to Live'])
      assert.ok(!offered.some((each) => each.includes(title)), `${title} in ${offered.join(', ')}`);
    await workbench.item('odd name %2F').click();
    await workbench.editorText.getByText('was here').waitFor();
    await page.keyboard.press('Delete');
    const refusal = `local @ ${then} shows the past, which cannot be changed. Nothing was done.`;
    await workbench.messages.told(refusal);
    await workbench.dismissMessages();
    // The active document is of the past, too.
    await workbench.command('etcd: Delete…');
    await workbench.messages.told(refusal);
    await workbench.dismissMessages();
    assert.equal((await server.etcdctl(['get', '/config/app', '--print-value-only'])).stdout.trim(), 'port: 2');
  });

  it('goes to keys that were, by their path', async () => {
    await workbench.menu(past(), 'Go to Key');
    await workbench.fill('/config/odd');
    await workbench.choose(/odd name %2F/);
    await workbench.editorText.getByText('was here').waitFor();
  });

  it('changes the revision by a step, and keeps the tree as it is expanded', async () => {
    await past().hover();
    await past()
      .getByRole('button', { name: /^Browse as of Revision/ })
      .click();
    await pickRevision('+3', new RegExp(`^Revision ${then + 3n}`));
    await workbench.item(new RegExp(`^local @ ${then + 3n}`)).waitFor();
    await workbench.item('later').nth(1).waitFor();
    await workbench.item('odd name %2F').waitFor({ state: 'detached' });
    await workbench.item('app').last().click();
    await workbench.editorText.getByText('port: 2').waitFor();
  });

  it('explains what is compacted, with a way to the oldest revision', async () => {
    const { page } = workbench;
    const oldest = then + 3n;
    await past().hover();
    await past()
      .getByRole('button', { name: /^Browse as of Revision/ })
      .click();
    await pickRevision(String(then), new RegExp(`^Revision ${then}`));
    await workbench.item('odd name %2F').waitFor();
    await server.etcdctl(['compaction', String(oldest)]);
    await workbench.menu(past(), 'Refresh');
    const failure = workbench.item(new RegExp(`^Revision ${then} is compacted. The oldest .* is ${oldest}`)).first();
    await failure.waitFor();
    await failure.hover();
    await workbench.picture('time-travel-compacted');
    await failure.getByRole('button', { name: 'Browse Oldest Revision' }).click();
    await workbench.item(new RegExp(`^local @ ${oldest}`)).waitFor();
    await past().hover();
    await past()
      .getByRole('button', { name: /^Browse as of Revision/ })
      .click();
    await workbench.fill('1');
    await page.getByRole('option', { name: new RegExp(`Revisions before ${oldest} are compacted`) }).waitFor();
    await workbench.picture('pick-compacted');
    await page.keyboard.press('Escape');
  });

  it('returns to now', async () => {
    await past().hover();
    await past().getByRole('button', { name: 'Return to Now' }).click();
    await past().waitFor({ state: 'detached' });
    await workbench.page.getByRole('button', { name: /local @/ }).waitFor({ state: 'detached' });
  });
});
