import assert from 'node:assert/strict';
import { connectEtcd } from '../../src/etcd/connect.ts';
import { eventHistory } from '../../src/etcd/eventHistory.ts';
import type { KeyStore } from '../../src/etcd/keyStore.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from './connecting.ts';
import { ETCD_SERIES } from './versions.ts';

for (const version of ETCD_SERIES)
  describe(`the history of v2 keys of etcd ${version}`, () => {
    let server: EtcdServer;
    let store: KeyStore;
    let close: () => void;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version, extraArgs: ['--enable-v2'] });
      ({ store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v2' }));
    });
    after(async () => {
      close?.();
      await server?.stop();
    });

    async function put(key: string, value: string): Promise<void> {
      const { kv } = await store.get(bytes(key));
      assert.equal((await store.put(bytes(key), bytes(value), kv ?? 'absent')).outcome, 'written');
    }

    async function told(key: string): Promise<string[]> {
      const entries = await eventHistory(store, bytes(key));
      return entries.map((entry) => (entry.kind === 'version' ? (text(entry.kv.value) ?? '') : entry.kind));
    }

    it('is what the last events tell, through the lives of the key', async () => {
      const key = '/history/odd %2F ключ';
      await put(key, 'one');
      await put('/history/other', 'x');
      await put(key, 'two');
      const { kv } = await store.get(bytes(key));
      assert.ok(kv);
      await store.transact([{ kind: 'delete', key: kv.key, expected: kv }]);
      await put(key, 'three');
      assert.deepEqual(await told(key), ['three', 'deleted', 'two', 'one', 'compacted']);
    });

    it('ends with the 1,000 events that etcd remembers', async function () {
      this.timeout('1m');
      await put('/window/old', 'one');
      await put('/window/old', 'two');
      await put('/window/kept', 'one');
      for (let index = 0; index < 998; index++) await put('/window/busy', String(index));
      await put('/window/kept', 'two');
      assert.deepEqual(await told('/window/old'), ['two', 'compacted']);
      assert.deepEqual(await told('/window/kept'), ['two', 'one', 'compacted']);
      await put('/window/busy', 'once more');
      assert.deepEqual(await told('/window/kept'), ['two', 'compacted']);
    });

    it('is empty where the key does not exist', async () => {
      assert.deepEqual(await told('/nothing'), []);
    });
  });
