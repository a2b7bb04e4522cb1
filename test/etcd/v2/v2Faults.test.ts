import assert from 'node:assert/strict';
import { HttpClient } from '../../../src/etcd/http/httpClient.ts';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import { connectV2 } from '../../../src/etcd/v2/connectV2.ts';
import { speaksV2 } from '../../../src/etcd/v2/v2Members.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { outsideV2 } from './outsideV2.ts';
import { passOn, startStandIn, type StandIn } from '../standIn.ts';
import { ETCD_SERIES } from '../versions.ts';

const PASSWORD = 'correct-horse';

for (const version of ETCD_SERIES) {
  describe(`telling whether etcd ${version} has the v2 API`, () => {
    it('says so', async function () {
      this.timeout('5m');
      for (const flag of [true, false]) {
        const server = await startEtcd({ version, extraArgs: [`--enable-v2=${flag}`] });
        const http = new HttpClient(settingsFor(server.endpoint));
        try {
          assert.equal(await speaksV2(http), flag);
          const connecting = connectV2(settingsFor(server.endpoint));
          if (flag) (await connecting).close();
          else await assert.rejects(connecting, failsAs('unsupported', /--enable-v2/));
        } finally {
          http.close();
          await server.stop();
        }
      }
    });
  });

  describe(`users of the v2 API of etcd ${version}`, () => {
    let server: EtcdServer;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version, extraArgs: ['--enable-v2=true'] });
      const root = { user: 'root', password: PASSWORD };
      const reader = { user: 'reader', password: PASSWORD, roles: ['reading'] };
      const role = { role: 'reading', permissions: { kv: { read: ['/open/*'], write: [] } } };
      const steps: readonly (readonly [string, string, object])[] = [
        ['PUT', 'users/root', root],
        ['PUT', 'roles/reading', role],
        ['PUT', 'users/reader', reader],
        ['PUT', 'enable', {}],
        ['PUT', 'roles/guest', { role: 'guest', revoke: { kv: { read: ['/*'], write: ['/*'] } } }],
      ];
      const authorization = `Basic ${btoa(`root:${PASSWORD}`)}`;
      for (const [method, path, content] of steps) {
        const url = `${server.endpoint}/v2/auth/${path}`;
        const response = await fetch(url, { method, body: JSON.stringify(content), headers: { authorization } });
        assert.ok(response.ok, `${path}: HTTP ${response.status} ${await response.text()}`);
      }
    });
    after(() => server?.stop());

    const connect = (username: string, password: string) =>
      connectV2(settingsFor(server.endpoint), { username, password });

    it('lets root write', async () => {
      const { store, close } = await connect('root', PASSWORD);
      assert.equal((await store.put(bytes('/open/a'), bytes('x'), 'absent')).outcome, 'written');
      close();
    });

    it('lets a user read what the roles permit, and says both reasons that a refusal may have', async () => {
      const { store, close } = await connect('reader', PASSWORD);
      assert.equal(text((await store.get(bytes('/open/a'))).kv?.value), 'x');
      const either = failsAs('permissionDenied', /password is wrong.*roles do not permit/);
      await assert.rejects(store.get(bytes('/closed')), either);
      await assert.rejects(store.put(bytes('/open/b'), bytes('x'), 'absent'), either);
      close();
      const mistaken = await connect('reader', 'wrong');
      await assert.rejects(mistaken.store.get(bytes('/open/a')), either);
      mistaken.close();
    });

    it('asks for a user where nobody may read without one', () =>
      assert.rejects(connectV2(settingsFor(server.endpoint)), failsAs('signInNeeded')));
  });
}

describe('answers that v2 writes lose', () => {
  let server: EtcdServer;
  let standIn: StandIn;
  let store: Awaited<ReturnType<typeof connectV2>>['store'];
  let close: () => void;
  /** What happens to writes under way: lost before or after etcd carried them out. */
  let lost: 'request' | 'answer' | undefined;

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ extraArgs: ['--enable-v2=true'], version: '3.4' });
    standIn = await startStandIn(async (received, response) => {
      const isLost = lost !== undefined && received.method !== 'GET';
      if (!isLost) return await passOn(server.endpoint, received, response);
      if (lost === 'answer') await passOn(server.endpoint, received);
      response.destroy();
    });
    ({ store, close } = await connectV2(settingsFor(standIn.endpoint)));
  });
  beforeEach(() => {
    lost = undefined;
  });
  after(async () => {
    close?.();
    await standIn?.close();
    await server?.stop();
  });

  it('finds out that a save arrived, and sends it once', async () => {
    lost = 'answer';
    const saved = await store.put(bytes('/arrived'), bytes('x'), 'absent');
    const { node } = await outsideV2(server.endpoint).get('/arrived');
    assert.deepEqual(saved, { outcome: 'written', modRevision: BigInt(node.modifiedIndex) });
    assert.equal(standIn.received.filter(({ method }) => method === 'PUT').length, 1);
  });

  it('says that a save has not arrived so far', async () => {
    lost = 'request';
    const saving = store.put(bytes('/lost'), bytes('x'), 'absent');
    await assert.rejects(saving, failsAs('fateUnknown', /so far the key is unchanged/));
  });

  it('says what a delete has left', async () => {
    const outside = outsideV2(server.endpoint);
    for (const key of ['/del/1', '/del/2', '/del2']) await outside.put(key, { value: 'x' });
    lost = 'answer';
    const deleting = store.delete([prefixRange(bytes('/del/')), singleKeyRange(bytes('/del2'))]);
    await assert.rejects(deleting, failsAs('fateUnknown', /etcd has 1 of these keys left/));
    assert.deepEqual([await outside.status('/del'), await outside.status('/del2')], [404, 200]);
  });
});
