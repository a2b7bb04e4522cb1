import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Workbench } from './workbench.ts';

describe('expanded rows, after the window was reloaded,', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async () => {
    server = await startEtcd();
    for (const key of ['/config/app/port', '/config/app/tls/cert', '/left/a', '/left/b', '/never/c'])
      await server.etcdctl(['put', key, 'value']);
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [
          { name: 'local', endpoints: [server.endpoint] },
          { name: 'asking', endpoints: [server.endpoint], username: 'root' },
        ],
      },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.expand(/^config/);
    await workbench.expand(/^app/);
    await workbench.expand(/^tls/);
    await workbench.expand(/^left/);
    await workbench.item('b').waitFor();
    await workbench.page.keyboard.press('ArrowLeft');
    await workbench.item('b').waitFor({ state: 'detached' });
    await workbench.item(/^asking/).click();
    await workbench.input.waitFor();
    await workbench.page.keyboard.press('Escape');
    await workbench.input.waitFor({ state: 'hidden' });
    await workbench.reloadInOrder();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  it('are expanded again, each with its children, and no other', async () => {
    await workbench.item('cert').waitFor();
    await workbench.item('port').waitFor();
    await workbench.item(/^never/).waitFor();
    for (const name of ['a', 'b', 'c']) assert.equal(await workbench.item(name).count(), 0);
    await workbench.picture('expanded-rows');
  });

  it('ask nothing: a connection that needs a password waits until it is opened', async () => {
    await workbench.item(/^asking not connected/).waitFor();
    assert.ok(await workbench.input.isHidden());
    assert.ok(!(await workbench.messages.has(/asking/)));
  });
});
