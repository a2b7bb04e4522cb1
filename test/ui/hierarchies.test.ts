import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until } from './until.ts';
import { comes } from './visible.ts';
import { Workbench } from './workbench.ts';

const KEYS = [
  'app:prod:db:host',
  'app:prod:db:the "port"',
  'app:prod:50%/a b.yaml',
  'app:prod→eu',
  'apple',
  '/slashes/app:prod',
];

describe('keys that are not separated by slashes', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    for (const key of KEYS) await server.etcdctl(['put', key, `value of ${key}`]);
    const connection = { endpoints: [server.endpoint] };
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [
          { name: 'colons', separator: ':', root: 'app', ...connection },
          { name: 'both', separator: ['/', ':', '→'], ...connection },
        ],
      },
    });
    await workbench.openView();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  it('shows what is below the root of a connection, by its separator', async () => {
    await workbench.expand(/^colons/);
    await workbench.item(/^colons connected · below app:/).waitFor();
    await workbench.item('prod→eu').waitFor();
    assert.equal(await workbench.item('apple').count(), 0);
    await workbench.expand(/^prod \d/);
    await workbench.expand(/^db/);
    await workbench.item('the "port"').click();
    await workbench.editorText.getByText('value of app:prod:db:the "port"').waitFor();
    await workbench.picture('hierarchy-colons');
  });

  it('completes paths and starts new keys by that separator', async () => {
    const { page, input } = workbench;
    await workbench.menu(workbench.item(/^db/), 'New Key Here…');
    await page.waitForFunction(`document.querySelector('.quick-input-widget input')?.value === 'app:prod:db:'`);
    await input.press('End');
    await input.pressSequentially('user');
    await page.getByRole('option', { name: 'Create app:prod:db:user' }).waitFor();
    await workbench.enter();
    await workbench.type('app:prod:db:user', 'root');
    await workbench.save();
    await workbench.item('user').waitFor();

    await workbench.menu(workbench.item(/^colons/), 'Go to Key…');
    await page.waitForFunction(`document.querySelector('.quick-input-widget input')?.value === 'app:'`);
    await input.press('End');
    await input.pressSequentially('prod:50');
    await page.getByRole('option', { name: 'app:prod:50%/a b.yaml' }).waitFor();
    await workbench.enter();
    await workbench.editorText.getByText('value of app:prod:50%/a b.yaml').waitFor();
    await workbench.page.locator('.monaco-list-row.selected', { hasText: '50%/a b.yaml' }).waitFor();
  });

  it('renames the last segment', async () => {
    const { page } = workbench;
    await workbench.menu(workbench.item('host'), 'Rename');
    await page.waitForFunction(`document.querySelector('.quick-input-widget input')?.value === 'app:prod:db:host'`);
    assert.deepEqual(
      await workbench.input.evaluate((field: { selectionStart?: number; selectionEnd?: number }) => [
        field.selectionStart,
        field.selectionEnd,
      ]),
      ['app:prod:db:'.length, 'app:prod:db:host'.length],
    );
    await page.keyboard.insertText('server');
    await workbench.enter();
    await workbench.item('server').waitFor();
    assert.match((await server.etcdctl(['get', 'app:prod:db:server'])).stdout, /value of app:prod:db:host/);
  });

  it('tells the folders of several separators apart, and follows an edited separator', async () => {
    const { page } = workbench;
    await workbench.collapse(/^colons/);
    await workbench.expand(/^both/);
    await workbench.expand(/^app:/);
    await workbench.item(/^prod→/).waitFor();
    await workbench.expand(/^prod: \d/);
    await workbench.item(/^50%\//).waitFor();
    await workbench.picture('hierarchy-several');

    await workbench.menu(workbench.item(/^colons/), 'Edit Connection…');
    /** Finds the property by its name, because the list is longer than what is drawn of it. */
    const findSeparator = async () => {
      await page.getByRole('option', { name: /^Endpoints/ }).waitFor();
      await workbench.input.pressSequentially('Separator');
    };
    await findSeparator();
    await workbench.choose(/^Separator, :/);
    await page.waitForFunction(`document.querySelector('.quick-input-widget input')?.value === ':'`);
    await workbench.enter('');
    await findSeparator();
    await page.getByRole('option', { name: /^Separator, none/ }).waitFor();
    await page.keyboard.press('Escape');
    await until('the keys of the edited connection are shown', async () => {
      // The edited connection may take the place of the row that was just expanded.
      await workbench.expand(/^colons/);
      return await comes(workbench.item('le'));
    });
    await workbench.item(':prod:db:server').waitFor();
    await workbench.picture('hierarchy-flat');
  });
});
