import assert from 'node:assert/strict';
import { keyHistory } from '../../../src/etcd/past/keyHistory.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { putBack } from '../../../src/etcd/writes/putBack.ts';
import type { UndoneChange } from '../../../src/etcd/writes/undone.ts';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { eventually } from '../eventually.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { Random } from '../../unit/listing/random.ts';

describe('undoing a delete, and the versions of a key', () => {
  let server: EtcdServer;
  const open: (() => void)[] = [];

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
  });
  after(() => server?.stop());
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });

  async function connect(api: 'v2' | 'v3'): Promise<KeyStore> {
    const { store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api });
    open.push(close);
    return store;
  }

  async function fill(store: KeyStore, prefix: string, count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const key = bytes(`${prefix}${index}`);
      assert.equal((await store.put(key, bytes(`value ${index}`), 'absent')).outcome, 'written');
    }
  }

  async function deleteAll(store: KeyStore, prefix: string): Promise<UndoneChange[]> {
    const result = await store.delete([prefixRange(bytes(prefix))], { previous: true });
    assert.ok(result.outcome === 'deleted' && result.previous);
    return result.previous.map((previous) => ({ previous, left: 'absent' }));
  }

  for (const api of ['v2', 'v3'] as const)
    it(`puts ${api} keys back, but none that somebody has created again`, async () => {
      const store = await connect(api);
      await fill(store, `/undo/${api}/`, 150);
      const changes = await deleteAll(store, `/undo/${api}/`);
      const again = bytes(`/undo/${api}/7`);
      await store.put(again, bytes('not ours'), 'absent');
      const result = await putBack(store, changes);
      assert.equal(result.restored, 149);
      assert.deepEqual(result.changedSince.map(text), [`/undo/${api}/7`]);
      assert.equal(text((await store.get(again)).kv?.value), 'not ours');
      assert.equal(text((await store.get(bytes(`/undo/${api}/149`))).kv?.value), 'value 149');
    });

  it('gives back the lease that still lives, and says where one has ended', async () => {
    const store = await connect('v3');
    const [living, ended] = [await store.leases?.grant(600), await store.leases?.grant(600)];
    assert.ok(living && ended);
    await store.put(bytes('/leased/living'), bytes('1'), 'absent', { lifetime: { lease: living } });
    await store.put(bytes('/leased/ended'), bytes('2'), 'absent', { lifetime: { lease: ended } });
    const changes = await deleteAll(store, '/leased/');
    await store.leases?.revoke(ended);
    assert.deepEqual(await putBack(store, changes), {
      restored: 2,
      removed: 0,
      changedSince: [],
      locked: [],
      overwritten: [],
      withoutLease: 1,
    });
    assert.equal((await store.get(bytes('/leased/living'))).kv?.lease, living);
    assert.equal((await store.get(bytes('/leased/ended'))).kv?.lease, 0n);
  });

  it('is complete after the server was killed at any moment and it is called again', async function () {
    this.timeout('5m');
    const random = new Random(7);
    const store = await connect('v3');
    for (let round = 0; round < 20; round++) {
      const prefix = `/killed/${round}/`;
      await fill(store, prefix, 40);
      const changes = (await deleteAll(store, prefix)).map(({ previous, left }) => {
        const value = new Uint8Array(60_000).fill(round);
        return { previous: { ...previous, value }, left };
      });
      const undoing = putBack(store, changes).catch((error: unknown) => {
        assert.ok(EtcdError.is(error), String(error));
        return undefined;
      });
      await new Promise((resolve) => setTimeout(resolve, random.below(40)));
      await server.kill();
      await undoing;
      await server.restart();
      const result = await eventually(() => putBack(store, changes));
      assert.deepEqual(result, {
        restored: 40,
        removed: 0,
        changedSince: [],
        locked: [],
        overwritten: [],
        withoutLease: 0,
      });
      const { keys } = await store.count([prefixRange(bytes(prefix))]);
      assert.equal(keys, 40);
      for (const { previous } of changes)
        assert.deepEqual((await store.get(previous.key)).kv?.value.length, previous.value.length);
    }
  });

  it('finds every version, back to where the key was created or to what is compacted', async () => {
    const store = await connect('v3');
    const key = bytes('/history/a');
    let expected: 'absent' | { modRevision: bigint } = 'absent';
    const revisions: bigint[] = [];
    for (const value of ['one', 'two', 'three']) {
      const result = await store.put(key, bytes(value), expected);
      assert.ok(result.outcome === 'written');
      expected = result;
      revisions.push(result.modRevision);
      await store.put(bytes(`/history/other ${value}`), bytes(''), 'absent');
    }
    const told = async () => {
      const entries: string[] = [];
      for await (const entry of keyHistory(store, key))
        entries.push(entry.kind === 'version' ? (text(entry.kv.value) ?? '') : entry.kind);
      return entries;
    };
    assert.deepEqual(await told(), ['three', 'two', 'one', 'absent']);
    await server.etcdctl(['compact', String(revisions[1])]);
    assert.deepEqual(await told(), ['three', 'two', 'compacted']);
  });
});
