import assert from 'node:assert/strict';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { deletions } from '../../../src/etcd/past/deletions.ts';
import { eventHistory } from '../../../src/etcd/past/eventHistory.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { putValue } from '../putValue.ts';
import { outsideV2, type OutsideV2 } from '../v2/outsideV2.ts';
import { ETCD_SERIES } from '../versions.ts';

for (const version of ETCD_SERIES)
  describe(`the history of v2 keys of etcd ${version}`, () => {
    let server: EtcdServer;
    let store: KeyStore;
    let close: () => void;
    let outside: OutsideV2;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version, extraArgs: ['--enable-v2'] });
      outside = outsideV2(server.endpoint);
      ({ store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v2' }));
    });
    after(async () => {
      close?.();
      await server?.stop();
    });

    const put = (key: string, value: string) => putValue(store, bytes(key), value);

    async function remove(key: string): Promise<void> {
      const { kv } = await store.get(bytes(key));
      assert.ok(kv);
      assert.equal((await store.transact([{ kind: 'delete', key: kv.key, expected: kv }])).outcome, 'done');
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
      await remove(key);
      await put(key, 'three');
      assert.deepEqual(await told(key), ['three', 'deleted', 'two', 'one', 'compacted']);
    });

    it('ends with the 1,000 events that etcd remembers', async function () {
      this.timeout('5m');
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

    it('tells of a key that is deleted now what it was, and of one that never was where the events begin', async () => {
      const key = '/gone/odd %2F ключ';
      await put(key, 'one');
      await put(key, 'two');
      await remove(key);
      assert.deepEqual(await told(key), ['deleted', 'two', 'one', 'compacted']);
      await put(key, 'three');
      await outside.delete('/gone?recursive=true');
      assert.deepEqual(await told(key), ['deleted', 'three', 'deleted', 'two', 'one', 'compacted']);
      assert.deepEqual(await told('/nothing'), ['compacted']);
    });

    it('tells the deleted keys of a folder with what they were, as far as events tell', async () => {
      for (const key of ['/folder/a', '/folder/sub/b', '/folder/sub/odd %', '/folder/alive', '/folder-not'])
        await put(key, `value of ${key}`);
      await remove('/folder/a');
      await remove('/folder-not');
      await outside.delete('/folder/sub?recursive=true');
      await outside.put('/folder/expired', { value: 'short', ttl: '1' });
      while ((await outside.status('/folder/expired')) !== 404);
      const found: Record<string, string | undefined> = {};
      let oldest = -1n;
      for await (const batch of deletions(store, prefixRange(bytes('/folder/')))) {
        ({ oldest } = batch);
        for (const { key, deleted, previous } of batch.changes)
          if (deleted) found[text(key) ?? ''] = previous && text(previous.value);
      }
      assert.deepEqual(found, {
        '/folder/a': 'value of /folder/a',
        '/folder/sub/b': 'value of /folder/sub/b',
        '/folder/sub/odd %': 'value of /folder/sub/odd %',
        '/folder/expired': 'short',
      });
      const { revision } = await store.get(bytes('/folder/alive'));
      assert.ok(oldest >= 0n && revision - oldest <= 1000n, `${oldest} of ${revision}`);
    });
  });
