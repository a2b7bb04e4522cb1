import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { until, valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

const QUOTA = 4 * 1024 * 1024;

describe('a database that is full', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd({ extraArgs: ['--quota-backend-bytes', String(QUOTA)] });
    await server.etcdctl(['put', '/app/config', 'before']);
    await fill();
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'small', endpoints: [server.endpoint] }] },
    });
    await workbench.openView();
    await workbench.expand(/^small/);
    await workbench.expand(/^app/);
    await workbench.item('config').waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  /** Overwrites one key until etcd takes no more. */
  async function fill(): Promise<void> {
    for (let round = 0; round < 100; round++) {
      const { code } = await server.etcdctl(['put', '/filling'], { input: String(round % 10).repeat(200_000) });
      if (code !== 0) return;
    }
    assert.fail('the database is not full');
  }

  async function alarms(): Promise<string> {
    return (await server.etcdctl(['alarm', 'list'])).stdout.trim();
  }

  async function refuse(text: string): Promise<void> {
    await openKey(workbench, 'config');
    await workbench.type('config', text);
    await workbench.save();
    await workbench.messages.press('Make Room…', 'The database of small is full, so your text is not saved yet.');
    await workbench.dialog.getByText(/step 1 of 3: compact it to revision/).waitFor();
  }

  it('says what each step does, and how far it came if it is stopped', async () => {
    await refuse('stopped');
    await workbench.dialog.getByText(/etcd: [\d.]+ MB of 4 MB/).waitFor();
    await workbench.dialog.getByText(/history and time travel before revision \d+ are lost/).waitFor();
    await workbench.picture('make-room');
    await workbench.answer('Compact');
    await workbench.dialog.getByText(/step 2 of 3: defragment etcd/).waitFor();
    await workbench.answer('Cancel');
    await workbench.messages.told(/Making room in small was stopped. It is compacted to revision \d+\./);
    assert.match(await alarms(), /NOSPACE/);
    assert.equal(await valueInEtcd(server, '/app/config'), 'before');
    await workbench.unsaved('config').waitFor();
    await workbench.dismissMessages();
  });

  it('has room again after a guided run, and the refused text is saved', async () => {
    await refuse('after');
    await workbench.answer('Compact');
    await workbench.dialog.getByText(/step 2 of 3: defragment etcd/).waitFor();
    await workbench.answer('Defragment');
    await workbench.dialog.getByText(/step 3 of 3: allow writes again/).waitFor();
    await workbench.picture('allow-writes');
    await workbench.answer('Allow Writes');
    await until('the refused text is in etcd', async () => (await valueInEtcd(server, '/app/config')) === 'after');
    await workbench.messages.told(/There is room in small again\..*Defragmented: etcd from [\d.]+ MB to .* KB.*saved/);
    await workbench.unsaved('config').waitFor({ state: 'detached' });
    assert.equal(await alarms(), '');
  });
});
