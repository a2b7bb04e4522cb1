import assert from 'node:assert/strict';
import { seed } from '../../scripts/demo/seed.ts';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { settingsFor } from '../etcd/connecting.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { folders } from '../unit/listing/shapes.ts';
import { HeldPort } from './heldPort.ts';
import { openKey } from './openKey.ts';
import { Workbench } from './workbench.ts';

/** Keys in one folder. */
const LEVEL = 100_000;
const SERVICES = 8952;
/** Small folders, whose first page takes a second request, unlike that of a level of keys. */
const ROOMS = 600;

describe('a keyspace of a million keys', () => {
  let server: EtcdServer;
  let held: HeldPort;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    await write([
      ...folders('/services/', SERVICES, 100),
      ...folders('/rooms/', ROOMS, 8),
      ...Array.from({ length: LEVEL }, (_, at) => `/level/key-${String(at).padStart(5, '0')}`),
    ]);
    held = await HeldPort.open(server.port);
    const connections = [
      { name: 'held', endpoints: [held.endpoint] },
      { name: 'large', endpoints: [server.endpoint] },
    ];
    workbench = await Workbench.open({ settings: { 'etcd.connections': connections } });
    await workbench.openView();
  });
  after(async () => {
    await workbench?.close();
    held?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  async function write(keys: readonly string[]): Promise<void> {
    const { session, close } = await connectV3({ ...settingsFor(server.endpoint), transport: 'grpc' });
    await seed(
      session,
      keys.map((key) => ({ key, value: key })),
      () => undefined,
    );
    close();
  }

  /**
   * Presses End until a row near the end of the tree is visible; repeats it if the rest of a level arrives meanwhile.
   */
  async function toEnd(row: string | RegExp): Promise<void> {
    for (let attempt = 0; attempt < 30; attempt++) {
      await workbench.page.keyboard.press('End');
      const isThere = workbench.item(row).waitFor({ timeout: 1000 });
      if (await isThere.then(() => true).catch(() => false)) return;
    }
    await workbench.item(row).waitFor();
  }

  it('shows the first children of a level while the others are on their way', async () => {
    await workbench.item(/^held/).click();
    await workbench.item(/^rooms 4,800/).waitFor();
    held.holdAfterAnswer(1000);
    await workbench.item(/^rooms/).click();
    await workbench.item(/^dir-0000 8/).waitFor();
    await toEnd('Loading more…');
    await workbench.picture('large-first-children');
    held.release();
    await workbench.item('Loading more…').waitFor({ state: 'detached' });
    await toEnd(/^Load more… 500 shown, about 100 more/);
    await workbench.page.keyboard.press('Home');
    await workbench.item(/^held/).click();
    await workbench.item(/^rooms/).waitFor({ state: 'detached' });
  });

  it('opens at its top, with the number of keys below each folder', async () => {
    await workbench.item(/^large/).click();
    await workbench.item(/^level 100,000/).waitFor();
    await workbench.item(/^\/ 1,000,000/).waitFor();
    await workbench.item(/^services 895,200/).click();
    await workbench.item(/^dir-0000 100/).waitFor();
    await workbench.picture('large-top');
    await workbench.item(/^services/).click();
    await workbench.item(/^dir-0000/).waitFor({ state: 'detached' });
  });

  it('lets a person scroll a level of 100,000', async function () {
    this.timeout('5m');
    await workbench.item(/^level/).click();
    await openKey(workbench, 'key-00000');
    await workbench.editorText.getByText('/level/key-00000').waitFor();
    await workbench.item(/^level/).click();
    await workbench.item('key-00000').waitFor({ state: 'detached' });
    await workbench.item(/^level/).click();
    await workbench.item('key-00000').waitFor();
    await toEnd(/^Load more… 500 shown, about 99,500 more/);
    await workbench.picture('large-load-more');
    let row = /^Load 10,000… of about 100,000/;
    for (let last = 9_999; last < 99_999; last += 10_000) {
      await workbench.item(row).click();
      await workbench.item(row).waitFor({ state: 'detached' });
      row = new RegExp(`^Go on after key-${String(last).padStart(5, '0')}…`);
      await toEnd(row);
      if (last === 9_999) await workbench.picture('large-go-on');
    }
    await workbench.item(row).click();
    await workbench.item(row).waitFor({ state: 'detached' });
    await toEnd('key-99999');
    await workbench.picture('large-end');
  });

  it('finds a key in the middle by typing', async () => {
    const { page, input } = workbench;
    await workbench.command('etcd: Go to Key');
    await page.waitForFunction(`document.querySelector('.quick-input-widget input')?.value === ''`);
    await input.pressSequentially('/level/key-5432');
    await page.getByRole('option', { name: '/level/key-54321' }).waitFor();
    await input.pressSequentially('1');
    await page.getByRole('option', { name: '/level/key-54320' }).waitFor({ state: 'detached' });
    await workbench.picture('large-find');
    await workbench.enter();
    await workbench.editorText.getByText('/level/key-54321').waitFor();
    await page.locator('.monaco-list-row.selected', { hasText: 'key-54321' }).waitFor();
    await workbench.item(/^Back to the previous keys… shown from key-54321 on/).waitFor();
    await workbench.picture('large-found');
  });

  it('shows what another client writes there', async () => {
    await server.etcdctl(['put', '/level/key-54321 and a half', 'new']);
    await workbench.item(/^key-54321 and a half/).waitFor();
    await server.etcdctl(['del', '/level/key-54322']);
    await workbench.item('key-54322').waitFor({ state: 'detached' });
    assert.equal(await workbench.item('key-54323').count(), 1);
    await workbench.picture('large-live');
  });
});
