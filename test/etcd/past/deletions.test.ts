import assert from 'node:assert/strict';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { deletions } from '../../../src/etcd/past/deletions.ts';
import { keyHistory } from '../../../src/etcd/past/keyHistory.ts';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { storeAtRevision } from '../../../src/etcd/past/storeAtRevision.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { putValue } from '../putValue.ts';
import { failsAs } from '../errorKind.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';

for (const { version, transport } of VERSIONS_AND_TRANSPORTS)
  describe(`deleted keys of etcd ${version} by ${transport}`, () => {
    let server: EtcdServer;
    let store: KeyStore;
    let close: () => void;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version });
      ({ store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3', transport }));
    });
    after(async () => {
      close?.();
      await server?.stop();
    });

    const put = (key: string, value: string) => putValue(store, bytes(key), value);

    async function remove(key: string): Promise<bigint> {
      const result = await store.delete([singleKeyRange(bytes(key))]);
      assert.ok(result.outcome === 'deleted');
      return result.revision;
    }

    async function told(key: string, of: KeyStore = store): Promise<string[]> {
      const entries: string[] = [];
      for await (const entry of keyHistory(of, bytes(key), undefined, store)) {
        if (entry.kind !== 'version') entries.push(entry.kind);
        else entries.push(text(entry.kv.value) ?? '');
        // Every shown version can be read again.
        if (entry.kind === 'version')
          assert.deepEqual((await store.get(bytes(key), { revision: entry.readAt })).kv, entry.kv);
      }
      return entries;
    }

    async function found(prefix: string): Promise<string[]> {
      const keys: string[] = [];
      for await (const batch of deletions(store, prefixRange(bytes(prefix))))
        for (const { key, revision, deleted } of batch.changes) if (deleted) keys.push(`${text(key)} ${revision}`);
      return keys;
    }

    it('tells the history of a key through its lives, also after it was deleted', async () => {
      await put('/lives/a', '1');
      await put('/lives/a', '2');
      await remove('/lives/a');
      await put('/lives/between', '');
      await put('/lives/a', '3');
      const alive = (await store.get(bytes('/lives/a'))).revision;
      assert.deepEqual(await told('/lives/a'), ['3', 'deleted', '2', '1', 'absent']);
      await remove('/lives/a');
      assert.deepEqual(await told('/lives/a'), ['deleted', '3', 'deleted', '2', '1', 'absent']);
      assert.deepEqual(await told('/lives/a', storeAtRevision(store, alive)), ['3', 'deleted', '2', '1', 'absent']);
    });

    it('finds the deleted keys of a folder, of any name, and none beside it', async () => {
      const keys = ['/folder/a', '/folder//odd %2F', '/folder/\u0000nul', '/folder/ключ', '/folder-not'];
      for (const key of keys) await put(key, 'was');
      const revisions: string[] = [];
      for (const key of keys) revisions.push(`${key} ${await remove(key)}`);
      await put('/folder/again', 'once');
      revisions.splice(4, 1, `/folder/again ${await remove('/folder/again')}`);
      assert.deepEqual(await found('/folder/'), revisions);
    });

    it('finds them among more events than etcd tells at once', async function () {
      this.timeout('5m');
      for (let index = 0; index < 1100; index++) await put(`/many/${index % 7}`, String(index));
      for (let index = 0; index < 7; index++) await remove(`/many/${index}`);
      assert.equal((await found('/many/')).length, 7);
    });

    it('goes back as far as etcd has not compacted', async () => {
      await put('/compacted/a', '1');
      await remove('/compacted/a');
      await put('/compacted/a', '2');
      await remove('/compacted/a');
      const oldest = await put('/compacted/a', '3');
      const last = await remove('/compacted/a');
      await server.etcdctl(['compaction', String(oldest)]);
      assert.deepEqual(await found('/compacted/'), [`/compacted/a ${last}`]);
      assert.deepEqual(await told('/compacted/a'), ['deleted', '3', 'compacted']);
    });

    it('ends by itself where nothing was deleted, and when it is cancelled', async () => {
      assert.deepEqual(await found('/nothing/'), []);
      await put('/one', '');
      const abort = new AbortController();
      const never = deletions(store, prefixRange(bytes('/nothing/')), abort.signal).next();
      abort.abort();
      await assert.rejects(never, failsAs('cancelled'));
    });

    it('says whether it tells where the present begins', () => {
      assert.equal(store.capabilities.tellsEnd, transport === 'grpc' && !server.version.startsWith('3.4.2'));
    });
  });
