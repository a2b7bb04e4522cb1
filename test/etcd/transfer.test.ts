import assert from 'node:assert/strict';
import { EtcdError } from '../../src/etcd/errors.ts';
import { connectEtcd } from '../../src/etcd/connect.ts';
import { prefixRange } from '../../src/etcd/keyspace/ranges.ts';
import type { KeyStore } from '../../src/etcd/keyStore.ts';
import { transfer, type TransferRequest } from '../../src/etcd/transfer.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Random } from '../unit/keyspace/random.ts';
import { bytes, settingsFor, text } from './connecting.ts';
import { eventually } from './eventually.ts';

describe('moving and copying keys to new names', () => {
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

  async function fill(store: KeyStore, prefix: string, names: readonly string[]): Promise<void> {
    for (const name of names)
      assert.equal((await store.put(bytes(prefix + name), bytes(`value of ${name}`), 'absent')).outcome, 'written');
  }

  async function contents(store: KeyStore, prefix: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for await (const { kvs } of store.scan(prefixRange(bytes(prefix)), { values: true }))
      for (const { key, value } of kvs) found[text(key) ?? ''] = text(value) ?? '';
    return found;
  }

  function request(from: string, to: string, move: boolean): TransferRequest {
    const newKey = (key: Uint8Array) => Buffer.concat([bytes(to), key.subarray(bytes(from).length)]);
    return { source: prefixRange(bytes(from)), newKey, move };
  }

  for (const api of ['v2', 'v3'] as const) {
    it(`moves all ${api} keys of a prefix, and overwrites none`, async () => {
      const store = await connect(api);
      const names = Array.from({ length: 150 }, (_, index) => `odd name ${index}%`);
      await fill(store, `/${api}/from/`, names);
      await store.put(bytes(`/${api}/to/odd name 7%`), bytes('not ours'), 'absent');
      const result = await transfer(store, request(`/${api}/from/`, `/${api}/to/`, true));
      assert.equal(result.done, 149);
      assert.deepEqual(result.taken.map(text), [`/${api}/from/odd name 7%`]);
      assert.deepEqual(await contents(store, `/${api}/from/`), {
        [`/${api}/from/odd name 7%`]: 'value of odd name 7%',
      });
      const moved = await contents(store, `/${api}/to/`);
      assert.equal(Object.keys(moved).length, 150);
      assert.equal(moved[`/${api}/to/odd name 7%`], 'not ours');
      assert.equal(moved[`/${api}/to/odd name 149%`], 'value of odd name 149%');
    });

    it(`copies ${api} keys and leaves the old ones`, async () => {
      const store = await connect(api);
      await fill(store, `/${api}/source/`, ['a', 'b/c']);
      assert.equal((await transfer(store, request(`/${api}/source/`, `/${api}/copy/`, false))).done, 2);
      for (const prefix of ['source', 'copy'])
        assert.deepEqual(Object.values(await contents(store, `/${api}/${prefix}/`)), ['value of a', 'value of b/c']);
    });
  }

  it('keeps leases, and every byte of keys and values', async () => {
    const store = await connect('v3');
    const lease = await store.leases?.grant(600);
    assert.ok(lease);
    const key = Buffer.concat([bytes('/bytes/'), Uint8Array.of(0, 255, 47, 128)]);
    const value = Uint8Array.from({ length: 256 }, (_, index) => index);
    await store.put(key, value, 'absent', { lifetime: { lease } });
    await transfer(store, request('/bytes/', '/moved bytes/', true));
    const moved = Buffer.concat([bytes('/moved bytes/'), Uint8Array.of(0, 255, 47, 128)]);
    const { kv } = await store.get(moved);
    assert.deepEqual(new Uint8Array(kv?.value ?? []), value);
    assert.equal(kv?.lease, lease);
  });

  it('moves a prefix into itself and out again', async () => {
    const store = await connect('v3');
    await fill(store, '/deep/', ['x', 'y/z']);
    assert.equal((await transfer(store, request('/deep/', '/deep/er/', true))).done, 2);
    assert.deepEqual(Object.keys(await contents(store, '/deep/')), ['/deep/er/x', '/deep/er/y/z']);
    assert.equal((await transfer(store, request('/deep/er/', '/deep/', true))).done, 2);
    assert.deepEqual(Object.keys(await contents(store, '/deep/')), ['/deep/x', '/deep/y/z']);
  });

  it('loses nothing when the server is killed at any moment, and goes on when it is called again', async function () {
    this.timeout('3m');
    const store = await connect('v3');
    const random = new Random(11);
    for (let round = 0; round < 50; round++) {
      const [from, to] = [`/kill/${round}/from/`, `/kill/${round}/to/`];
      const value = new Uint8Array(20_000).fill(65 + (round % 26));
      for (let index = 0; index < 20; index++) await store.put(bytes(`${from}${index}`), value, 'absent');
      const moving = transfer(store, request(from, to, true)).catch((error: unknown) => {
        assert.ok(EtcdError.is(error), String(error));
      });
      await new Promise((resolve) => setTimeout(resolve, random.below(15)));
      await server.kill();
      await moving;
      await server.restart();
      const [left, there] = [
        await eventually(() => contents(store, from)),
        await eventually(() => contents(store, to)),
      ];
      assert.equal(Object.keys(left).length + Object.keys(there).length, 20);
      const { taken, changed } = await eventually(() => transfer(store, request(from, to, true)));
      assert.deepEqual([taken, changed], [[], []]);
      assert.deepEqual(await contents(store, from), {});
      assert.deepEqual(Object.values(await contents(store, to)), Array(20).fill(text(value)));
    }
  });
});
