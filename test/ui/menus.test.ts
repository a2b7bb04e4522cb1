import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { untilInPalette } from './palette.ts';
import { titlesInMenu } from './rowMenu.ts';
import { Workbench } from './workbench.ts';

/** What the palette offers before there is a connection. */
const FIRST = [
  'Add Connection',
  'Add Connection from Clipboard',
  'Focus on Keys View',
  'Get Started',
  'Open Snapshot',
  'Show Log',
];

describe('menus and the palette', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of ['/config/app', '/config/other']) await server.etcdctl(['put', key, 'x']);
    workbench = await Workbench.open();
    await workbench.openView();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  /** Returns the titles that the palette has for this extension, without their category and their dots. */
  async function offered(search: string): Promise<string[]> {
    await workbench.input.fill(search);
    const options = await workbench.page.locator('.quick-input-list [role=option]').all();
    const labels = await Promise.all(options.map((option) => option.getAttribute('aria-label')));
    const titles = labels.flatMap((label) => /^etcd: ([^…,]*)/.exec(label ?? '')?.[1] ?? []);
    // Whether there is a local etcd is up to the machine.
    return titles.filter((title) => !title.endsWith('Local etcd')).toSorted();
  }

  async function palette(search: string, isRight: (titles: readonly string[]) => boolean): Promise<void> {
    await untilInPalette(workbench.page, search, async () => isRight(await offered(`>${search}`)));
  }

  it('offers only what needs no connection as long as there is none', async () => {
    await palette('etcd: ', (titles) => titles.join() === FIRST.join());
    await workbench.picture('palette-without-connections');
    await workbench.page.keyboard.press('Escape');
  });

  it('has the same short order for folders and keys, with the rest in submenus', async () => {
    await workbench.setUserSettings({ 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.expand(/^config/);
    const submenus = new Set([
      'Open As',
      'Find',
      'History',
      'Compare',
      'Copy As',
      'Transfer',
      'Properties',
      'Connection',
    ]);
    const expected = {
      local: [
        ...['New Key Here…', 'Watch Prefix…', 'Refresh', 'Find', 'History', 'Compare', 'Show Cluster'],
        ...['Open Terminal with etcdctl', 'Show Leases…', 'Copy As', 'Transfer', 'Connection', 'Remove Connection…'],
      ],
      config: [
        ...['New Key Here…', 'Watch Prefix…', 'Refresh', 'Pin Folder', 'Find', 'History', 'Compare', 'Cut', 'Copy'],
        ...['Copy As', 'Transfer', 'Properties', 'Rename…', 'Delete…'],
      ],
      app: [
        ...['Open Key', 'Open As', 'New Key Here…', 'Watch Prefix…', 'Notify on Change', 'History', 'Cut'],
        ...['Copy', 'Copy As', 'Transfer', 'Properties', 'Rename…', 'Delete…'],
      ],
    };
    for (const [name, titles] of Object.entries(expected)) {
      const found = await titlesInMenu(workbench.page, workbench.item(new RegExp(`^${name}`)));
      assert.deepEqual(found, titles);
      assert.ok(found.filter((title) => !submenus.has(title)).length <= 10);
    }
    await workbench.item('app').click({ button: 'right' });
    await workbench.page.locator('.monaco-menu .action-label').getByText('Properties').hover();
    await workbench.page.keyboard.press('ArrowRight');
    await workbench.page.locator('.monaco-menu').getByText('Set Time to Live').waitFor();
    await workbench.picture('row-menu');
    await workbench.page.keyboard.press('Escape');
    await workbench.page.keyboard.press('Escape');
  });

  it('offers to operate a cluster that is not shown', async () => {
    for (const title of ['Make Room', 'Remove Member', 'Add User', 'Grant Lease', 'Revoke Leases'])
      await palette(`etcd: ${title}`, (titles) => titles.includes(title));
    await workbench.page.keyboard.press('Escape');
  });

  it('passes a row to a command in a submenu', async () => {
    await workbench.menu(workbench.item('app'), 'Duplicate');
    await workbench.enter('/config/copy');
    await workbench.item('copy').waitFor();
  });

  it('offers Undo once there is something to undo', async () => {
    await workbench.menu(workbench.item('other'), 'Delete');
    await workbench.answer('Delete');
    await workbench.item('other').waitFor({ state: 'detached' });
    await palette('etcd: Undo', (titles) => titles.includes('Undo'));
    await workbench.page.keyboard.press('Escape');
  });
});
