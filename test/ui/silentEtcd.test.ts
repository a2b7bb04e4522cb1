import { startFaultProxy, type FaultProxy } from '../fixtures/faultProxy.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Workbench } from './workbench.ts';

describe('an etcd that is silent', () => {
  let server: EtcdServer;
  let proxy: FaultProxy;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    await server.etcdctl(['put', '/hello', 'world']);
    proxy = await startFaultProxy(Number(new URL(server.endpoint).port));
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [{ name: 'silent', endpoints: [proxy.endpoint], connectTimeout: 300, headerTimeout: 300 }],
      },
    });
    await workbench.openView();
  });
  after(async () => {
    server?.resume();
    await workbench?.close();
    proxy?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  it('shows in its row that it is silent, and that it answers again', async () => {
    await workbench.item(/^silent not connected/).click();
    await workbench.item('hello').waitFor();
    server.pause();
    await workbench.item(/^silent failed: no answer/).waitFor();
    await workbench.picture('silent');
    server.resume();
    await workbench.item(/^silent connected/).waitFor();
    await server.etcdctl(['put', '/new', 'key']);
    await workbench.item('new').waitFor();
  });

  describe('before it was ever connected', () => {
    const connecting = () => workbench.item(/^silent connecting/);
    const canceled = () => workbench.item(/^You canceled connecting to silent\./);

    beforeEach(async () => {
      // What is expanded is expanded again, and so connected, after a reload.
      await workbench.collapse(/^silent/);
      await workbench.reloadInOrder();
      await workbench.item(/^silent not connected/).waitFor();
      // An attempt that meets this hangs for good, also when the network has healed.
      proxy.fail('connect', 'pause');
    });
    afterEach(() => proxy.heal());

    it('says that it is connecting until that is canceled, and connects when it is asked to', async () => {
      await workbench.expand(/^silent/);
      await connecting().waitFor();
      await workbench.picture('silent-connecting');
      await workbench.icon(connecting(), 'Cancel Connecting', canceled());
      await workbench.item(/^silent not connected/).waitFor();
      await workbench.picture('silent-canceled');
      proxy.heal();
      await workbench.icon(canceled(), 'Retry', workbench.item('hello'));
    });

    it('does not keep Refresh waiting behind an attempt that hangs', async () => {
      await workbench.expand(/^silent/);
      await connecting().waitFor();
      proxy.heal();
      await workbench.menu(connecting(), 'Refresh');
      await workbench.item('hello').waitFor();
    });

    it('does not keep Diagnose waiting behind an attempt that hangs', async () => {
      await workbench.expand(/^silent/);
      await connecting().waitFor();
      proxy.heal();
      await workbench.menu(connecting(), 'Diagnose');
      const { report } = workbench;
      await report.getByText('Everything works.').waitFor();
    });
  });
});
