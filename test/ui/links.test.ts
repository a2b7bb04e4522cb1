import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until } from './until.ts';
import { Workbench } from './workbench.ts';

describe('links to keys', () => {
  let server: EtcdServer;
  let other: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    [server, other] = await Promise.all([startEtcd(), startEtcd()]);
    await server.etcdctl(['put', '/config/app', 'first']);
    await server.etcdctl(['put', '/config/other', 'x']);
    await open();
  });
  after(async () => {
    await workbench?.close();
    await Promise.all([server?.stop(), other?.stop()]);
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
    await workbench.dismissMessages();
  });

  const settings = (endpoint: string) => ({ 'etcd.connections': [{ name: 'shared', endpoints: [endpoint] }] });

  async function open(): Promise<void> {
    workbench = await Workbench.open({ settings: settings(server.endpoint) });
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await workbench.openView();
    await workbench.expand(/^shared/);
    await workbench.expand(/^config/);
  }

  async function copied(): Promise<string> {
    let link = '';
    await until('a link is copied', async () => {
      link = await workbench.page.evaluate<string>('navigator.clipboard.readText()');
      return link.includes('/open?');
    });
    await workbench.page.evaluate(`navigator.clipboard.writeText('')`);
    return link;
  }

  async function openLink(link: string): Promise<void> {
    await workbench.command('etcd: Open Link');
    await workbench.enter(link);
  }

  it('open the key for a colleague, after a question before they connect', async () => {
    await workbench.menu(workbench.item('app'), 'Copy Link');
    const link = await copied();
    // A connection that is expanded would be opened by itself.
    await workbench.item(/^shared/).click();
    await workbench.item('app').waitFor({ state: 'detached' });
    await workbench.reloadInOrder();
    await openLink(link);
    await workbench.dialog.getByText('Connect to shared?').waitFor();
    await workbench.picture('link');
    await workbench.answer('Connect');
    await workbench.editorText.getByText('first').waitFor();
    await workbench.item('app').waitFor();
  });

  it('open a folder, and a key as it was', async () => {
    await workbench.expand(/^config/);
    await workbench.menu(workbench.item(/^config/), 'Copy Link');
    const folder = await copied();
    await workbench.command('View: Close All Editors');
    await openLink(folder);
    await workbench.tree.getByRole('treeitem', { name: /^config/, selected: true }).waitFor();
    const revision = /"revision":(\d+)/.exec((await server.etcdctl(['get', '/config/app', '-w', 'json'])).stdout)?.[1];
    await server.etcdctl(['put', '/config/app', 'second']);
    await openLink(`${folder.replace(/folder.*/, '')}${encodeURIComponent(`key=/config/app&revision=${revision}`)}`);
    await workbench.editorText.getByText('first').waitFor();
    await workbench.item(/^shared @ \d+ as of revision/).waitFor();
  });

  it('neither add a connection nor open another cluster of that name', async () => {
    await workbench.menu(workbench.item('other').last(), 'Copy Link');
    const link = await copied();
    await workbench.setUserSettings(settings(other.endpoint));
    await openLink(link);
    await workbench.messages.told(
      /You have no connection "shared" to http:\/\/127\.0\.0\.1:\d+, which this link is about/,
    );
    assert.deepEqual(
      (await workbench.userSettings())['etcd.connections'],
      settings(other.endpoint)['etcd.connections'],
    );
  });
});
