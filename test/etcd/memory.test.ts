import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterAdmin } from '../../src/etcd/cluster/clusterAdmin.ts';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { findLeases } from '../../src/etcd/findLeases.ts';
import { prefixRange } from '../../src/etcd/keys/ranges.ts';
import type { KeyStore, KeyValue } from '../../src/etcd/keyStore.ts';
import { compareSides } from '../../src/etcd/past/compareSides.ts';
import { deletions } from '../../src/etcd/past/deletions.ts';
import { keyMatcher } from '../../src/etcd/search/keyMatcher.ts';
import { searchKeys } from '../../src/etcd/search/searchKeys.ts';
import { measureFolder } from '../../src/etcd/space/folderSpace.ts';
import { previewTransfer } from '../../src/etcd/transfer/transferPreview.ts';
import { deleteRanges } from '../../src/etcd/writes/deleteRanges.ts';
import { connectV2 } from '../../src/etcd/v2/connectV2.ts';
import { EventRing } from '../../src/etcd/watch/eventRing.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { bytes, settingsFor } from './connecting.ts';
import { outsideV2 } from './v2/outsideV2.ts';
import { assertHolds, heldNow, MEGABYTE } from './heldMemory.ts';

const LARGE = 200_000;

for (const transport of ['grpc', 'gateway'] as const)
  describe(`what is kept of answers by ${transport}`, () => {
    let server: EtcdServer;
    let store: KeyStore;
    let cluster: () => Promise<ClusterAdmin>;
    let folder: string;
    let close = (): void => undefined;
    let number = 0;

    before(async function () {
      this.timeout('1m');
      folder = await mkdtemp(join(tmpdir(), 'etcd-memory-'));
      server = await startEtcd({ version: '3.5' });
      ({ store, cluster, close } = await connectV3({ ...settingsFor(server.endpoint), transport }));
    });
    after(async () => {
      close();
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const settle = () => store.get(bytes('/'));

    /** Writes values of their own, so that nothing shares them. */
    async function put(key: string, size = LARGE): Promise<void> {
      const value = new Uint8Array(size).fill(0x61 + (number++ % 23));
      const { kv } = await store.get(bytes(key));
      await store.put(bytes(key), value, kv ? { modRevision: kv.modRevision } : 'absent');
    }

    it('is as much by the record of a watch as it counts', async function () {
      this.timeout('2m');
      const stop = new AbortController();
      const ring = new EventRing({ events: 1000, bytes: 4 * MEGABYTE });
      await assertHolds(4 * MEGABYTE, settle, async () => {
        const events = store.watch(prefixRange(bytes('/ring/')), { previous: true, signal: stop.signal });
        const recorded = (async () => {
          for await (const batch of events) {
            ring.push(batch.events, Date.now());
            if (ring.total >= 100) return;
          }
        })();
        for (let at = 0; at < 110; at++) await put(`/ring/${at % 10}`);
        await recorded;
        stop.abort();
        return ring;
      });
    });

    it('is just the keys by a list of deleted keys', async function () {
      this.timeout('1m');
      for (let at = 0; at < 60; at++) {
        // By the gateway, an answer below etcd's maximum is taken for the end.
        await put(`/deleted/${at}`, transport === 'grpc' ? LARGE : 1000);
        await store.delete([prefixRange(bytes(`/deleted/${at}`))]);
      }
      await assertHolds(0, settle, async () => {
        const found = [];
        for await (const { changes } of deletions(store, prefixRange(bytes('/deleted/')))) found.push(...changes);
        assert.ok(found.length >= 60);
        return found;
      });
    });

    it('is just the differences by a comparison, the hits by a search, and the entries by a preview', async function () {
      this.timeout('2m');
      for (const side of ['left', 'right']) for (let at = 0; at < 100; at++) await put(`/${side}/${at}`);
      await assertHolds(0, settle, async () => {
        const found = [];
        const [left, right] = ['/left/', '/right/'].map((prefix) => ({ store, prefix: bytes(prefix) }));
        assert.ok(left && right);
        for await (const { differences } of compareSides(left, right, { by: 'value' })) found.push(...differences);
        assert.equal(found.length, 100);
        return found;
      });
      await assertHolds(0, settle, async () => {
        const query = { kind: 'text', pattern: 'bbb', matchCase: true, values: true } as const;
        const found = [];
        for await (const { hits } of searchKeys(store, keyMatcher(query, bytes('/'), [bytes('/')])))
          found.push(...hits);
        assert.ok(found.length > 0);
        return found;
      });
      await assertHolds(0, settle, async () => {
        const root = { kind: 'folder', from: bytes('/left/'), to: bytes('/copy/') } as const;
        const mostValues = { keys: 10_000, bytes: 64 * MEGABYTE };
        const request = {
          source: store,
          target: store,
          roots: [root],
          mostValues,
          move: false,
          signal: new AbortController().signal,
        };
        const { entries } = await previewTransfer(request);
        assert.equal(entries.length, 100);
        return entries;
      });
    });

    it('is just the figures by a measured folder', async function () {
      this.timeout('1m');
      for (let at = 0; at < 100; at++) await put(`/space/${at % 10}/${at}`);
      await assertHolds(0, settle, async () => {
        const level = await measureFolder(store, bytes('/space/'), () => undefined, new AbortController().signal);
        assert.equal(level.rows.length, 10);
        return level;
      });
    });

    it('is just the names of their keys by the leases that were found', async function () {
      this.timeout('1m');
      const name = (at: number) => `/leased/${at}/${'n'.repeat(LARGE)}`;
      const { leases } = store;
      assert.ok(leases);
      for (let at = 0; at < 40; at++) {
        const lifetime = { lease: await leases.grant(600) };
        await store.put(bytes(name(at)), new Uint8Array(LARGE).fill(at), 'absent', { lifetime });
      }
      await assertHolds(40 * LARGE, settle, async () => {
        const found = await findLeases(leases, {}, 100);
        assert.equal(found.infos.length, 40);
        return found;
      });
    });

    it('is nothing of a snapshot while it is saved', async function () {
      this.timeout('5m');
      for (let at = 0; at < 100; at++) await put(`/saved/${at}`);
      const admin = await cluster();
      const [member] = (await admin.state()).members;
      assert.ok(member);
      const before = heldNow();
      let [size, measured, most] = [0, 0, 0];
      await admin.saveSnapshot(member, join(folder, 'saved.db'), ({ written }) => {
        size = written;
        if (written - measured < 4 * MEGABYTE) return;
        measured = written;
        most = Math.max(most, heldNow() - before);
      });
      assert.ok(size > 100 * LARGE && measured > size / 2);
      assert.ok(most < size / 3, `${(most / MEGABYTE).toFixed(1)} MB of ${(size / MEGABYTE).toFixed(1)} MB are held`);
    });

    it('is just the values by what was read, and by what a delete keeps for undo', async function () {
      this.timeout('1m');
      for (let at = 0; at < 20; at++) await put(`/undo/${at}`);
      await assertHolds(20 * LARGE, settle, async () => {
        const gathered: KeyValue[] = [];
        await deleteRanges(store, [prefixRange(bytes('/undo/'))], { previous: true }, gathered);
        assert.equal(gathered.length, 20);
        return gathered;
      });
      for (let at = 0; at < 20; at++) await put(`/read/${at}`);
      await assertHolds(20 * LARGE, settle, () =>
        Promise.all(Array.from({ length: 20 }, (_, at) => store.get(bytes(`/read/${at}`)))),
      );
    });
  });

describe('what is kept of answers by v2', () => {
  let server: EtcdServer;

  before(async () => {
    server = await startEtcd({ version: '3.5', extraArgs: ['--enable-v2=true'] });
  });
  after(() => server?.stop());

  it('is one value for each deleted key, because etcd cannot be asked for it', async function () {
    this.timeout('2m');
    const outside = outsideV2(server.endpoint);
    const keys = Array.from({ length: 30 }, (_, at) => `/deleted/${at}`);
    for (const key of keys)
      for (const text of ['first', 'second']) await outside.put(key, { value: text.repeat(60_000) });
    for (const key of keys) await outside.delete(key);
    const { store, close } = await connectV2(settingsFor(server.endpoint));
    const settle = () => store.get(bytes('/nothing'));
    await assertHolds(30 * 360_000, settle, async () => {
      const found = [];
      for await (const { changes } of deletions(store, prefixRange(bytes('/deleted/')))) found.push(...changes);
      const deleted = found.filter((change) => change.deleted);
      assert.equal(deleted.length, 30);
      assert.ok(deleted.every(({ previous }) => previous?.value.length === 360_000));
      return deleted;
    });
    close();
  });
});
