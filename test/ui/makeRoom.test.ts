import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { until, valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

const QUOTA = 4 * 1024 * 1024;
const PASSWORD = 'correct-horse';

/** Overwrites one key until etcd takes no more. */
async function fill(server: EtcdServer): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const { code } = await server.etcdctl(['put', '/filling'], { input: String(round % 10).repeat(200_000) });
    if (code !== 0) return;
  }
  assert.fail('the database is not full');
}

describe('a database that is full', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd({ extraArgs: ['--quota-backend-bytes', String(QUOTA)] });
    await server.etcdctl(['put', '/app/config', 'before']);
    await fill(server);
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

describe('a database with users that is full', function () {
  this.timeout('3m');
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    const extraArgs = ['--quota-backend-bytes', String(QUOTA)];
    server = await startEtcd({ extraArgs, auth: { rootPassword: PASSWORD } });
    for (const args of [
      ['put', '/app/config', 'before'],
      ['role', 'add', 'apps'],
      ['role', 'grant-permission', 'apps', 'readwrite', '--prefix', '/app/'],
      ['user', 'add', `developer:${PASSWORD}`],
      ['user', 'grant-role', 'developer', 'apps'],
    ])
      assert.equal((await server.etcdctl(args)).code, 0, args.join(' '));
    await fill(server);
    const connection = (name: string, username: string) => ({ name, endpoints: [server.endpoint], username });
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [connection('restricted', 'developer'), connection('full', 'root')] },
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

  /** Connects, types into the key, and saves, which etcd refuses. */
  async function refuse(name: string, text: string): Promise<void> {
    await workbench.expand(new RegExp(`^${name}`));
    await workbench.enterPassword(PASSWORD);
    await workbench.expand(/^app/);
    await openKey(workbench, 'config');
    await workbench.type('config', text);
    await workbench.save();
    await workbench.messages.press('Make Room…', `The database of ${name} is full, so your text is not saved yet.`);
    await workbench.dialog.getByText(/step 1 of 3: compact it to revision/).waitFor();
    await workbench.answer('Compact');
  }

  it('says to a user which role it takes, and keeps the text', async () => {
    await refuse('restricted', 'mine');
    await workbench.dialog.getByText(/step 2 of 3: defragment etcd/).waitFor();
    await workbench.answer('Defragment');
    await workbench.messages.told(/Making room in restricted did not end well\. .*users with the role root\./);
    await workbench.picture('make-room-refused');
    await workbench.unsaved('config').waitFor();
    assert.match((await server.etcdctl(['alarm', 'list'])).stdout, /NOSPACE/);
    await workbench.dismissMessages();
    await workbench.command('View: Revert and Close Editor');
    await workbench.collapse(/^restricted/);
  });

  it('has room again after root has gone through the steps', async () => {
    await refuse('full', 'after');
    await workbench.dialog.getByText(/step 2 of 3: defragment etcd/).waitFor();
    await workbench.answer('Defragment');
    await workbench.dialog.getByText(/step 3 of 3: allow writes again/).waitFor();
    await workbench.answer('Allow Writes');
    await until('the refused text is in etcd', async () => (await valueInEtcd(server, '/app/config')) === 'after');
    assert.equal((await server.etcdctl(['alarm', 'list'])).stdout.trim(), '');
  });
});
