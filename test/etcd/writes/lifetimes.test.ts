import assert from 'node:assert/strict';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { unconfirmedStore } from '../../../src/etcd/readOnlyStore.ts';
import { changeLifetime } from '../../../src/etcd/writes/changeLifetime.ts';
import { putBack } from '../../../src/etcd/writes/putBack.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { until } from '../eventually.ts';

describe('lifetimes that delete keys', () => {
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

  async function gone(store: KeyStore, key: string): Promise<void> {
    await until(async () => (await store.get(bytes(key))).kv === undefined);
  }

  for (const api of ['v2', 'v3'] as const) {
    it(`${api}: a key that a time to live has deleted is put back, without that time`, async () => {
      const store = await connect(api);
      const key = `/expired-${api}`;
      await store.put(bytes(key), bytes('precious'), 'absent');
      const change = await changeLifetime(store, bytes(key), { ttl: 1 });
      await gone(store, key);
      const { restored, changedSince } = await putBack(store, [change]);
      assert.deepEqual([restored, changedSince], [1, []]);
      const { kv } = await store.get(bytes(key));
      assert.equal(text(kv?.value), 'precious');
      assert.deepEqual([kv?.ttl, kv?.lease ?? 0n], [undefined, 0n]);
    });

    it(`${api}: a time to live that is not over is taken away again, and what others wrote since stays`, async () => {
      const store = await connect(api);
      const keys = ['/waiting', '/theirs'].map((name) => bytes(`${name}-${api}`));
      const changes = [];
      for (const key of keys) {
        await store.put(key, bytes('old'), 'absent');
        changes.push(await changeLifetime(store, key, { ttl: 600 }));
      }
      const [waiting, theirs] = keys as [Uint8Array, Uint8Array];
      const { kv } = await store.get(theirs);
      assert.ok(kv);
      await store.put(theirs, bytes('new'), kv);
      const { restored, changedSince } = await putBack(store, changes);
      assert.deepEqual([restored, changedSince.map(text)], [1, [`/theirs-${api}`]]);
      assert.equal(text((await store.get(theirs)).kv?.value), 'new');
      const after = (await store.get(waiting)).kv;
      assert.deepEqual([text(after?.value), after?.ttl, after?.lease ?? 0n], ['old', undefined, 0n]);
    });
  }

  it('gives back the lease that a key had before', async () => {
    const store = await connect('v3');
    const lease = (await store.leases?.grant(600)) ?? 0n;
    await store.put(bytes('/leased'), bytes('v'), 'absent', { lifetime: { lease } });
    const change = await changeLifetime(store, bytes('/leased'), { ttl: 1 });
    await gone(store, '/leased');
    await putBack(store, [change]);
    assert.equal((await store.get(bytes('/leased'))).kv?.lease, lease);
  });
});

describe('a store for whoever has asked nobody', () => {
  it('reads, grants leases and keeps them alive, and refuses whatever changes a key', async () => {
    const server = await startEtcd();
    const { store: raw, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3' });
    const store = unconfirmedStore(raw);
    const key = bytes('/k');
    await raw.put(key, bytes('v'), 'absent');
    const { kv } = await store.get(key);
    assert.ok(kv && store.leases);
    const lease = await store.leases.grant(60);
    assert.ok(await store.leases.keepAlive(lease));
    await raw.put(key, bytes('v'), kv, { lifetime: { lease } });
    const writes = [
      () => store.put(key, bytes('x'), kv),
      () => store.delete([{ start: key, end: bytes('/l') }]),
      () => store.transact([{ kind: 'delete', key, expected: kv }]),
      () => store.leases?.revoke(lease) ?? Promise.resolve(),
    ];
    for (const write of writes) await assert.rejects(write, failsAs('notConfirmed', /needs your confirmation/));
    assert.equal(text((await raw.get(key)).kv?.value), 'v');
    close();
    await server.stop();
  });
});
