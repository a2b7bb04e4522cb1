import assert from 'node:assert/strict';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { Change, KeyStore, ScanOptions } from '../../../src/etcd/keyStore.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';

for (const { version, transport } of VERSIONS_AND_TRANSPORTS) {
  describe(`transactions, leases, scans and history on etcd ${version} over ${transport}`, () => {
    let server: EtcdServer;
    let store: KeyStore;
    let close: () => void;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version });
      ({ store, close } = await connectV3({ ...settingsFor(server.endpoint), transport }));
    });
    after(async () => {
      close?.();
      await server?.stop();
    });

    const put = async (key: string, value: string): Promise<bigint> => {
      const { kv } = await store.get(bytes(key));
      const expected = kv ? { modRevision: kv.modRevision } : 'absent';
      const result = await store.put(bytes(key), bytes(value), expected);
      assert.ok(result.outcome === 'written');
      return result.modRevision;
    };
    const valueOf = async (key: string) => text((await store.get(bytes(key))).kv?.value);

    it('carries out all steps of a transaction, and tells what was there before', async () => {
      const modRevision = await put('/txn/old', 'old');
      const kept = await put('/txn/kept', 'kept');
      const changes: Change[] = [
        { kind: 'put', key: bytes('/txn/new'), value: bytes('old'), expected: 'absent' },
        { kind: 'delete', key: bytes('/txn/old'), expected: { modRevision } },
        { kind: 'check', key: bytes('/txn/kept'), expected: { modRevision: kept } },
      ];
      const result = await store.transact(changes);
      assert.ok(result.outcome === 'done');
      assert.deepEqual(
        result.previous.map((kv) => [text(kv.key), text(kv.value), kv.modRevision]),
        [['/txn/old', 'old', modRevision]],
      );
      assert.equal((await store.get(bytes('/txn/new'))).kv?.modRevision, result.revision);
      assert.equal(await valueOf('/txn/old'), undefined);
    });

    it('carries out nothing where one key is not as expected, and says which', async () => {
      const modRevision = await put('/none/a', 'a');
      const now = await put('/none/a', 'b');
      const result = await store.transact([
        { kind: 'put', key: bytes('/none/new'), value: bytes('x'), expected: 'absent', lifetime: { ttl: 60 } },
        { kind: 'delete', key: bytes('/none/a'), expected: { modRevision } },
      ]);
      assert.ok(result.outcome === 'conflict');
      const conflicts = result.conflicts.map(({ key, current }) => [text(key), current?.modRevision]);
      assert.deepEqual(conflicts, [['/none/a', now]]);
      assert.equal(await valueOf('/none/new'), undefined);
      assert.deepEqual(await store.leases?.list(), []);
    });

    it('leaves no lease behind where a key with a time to live meets a conflict', async () => {
      await put('/taken', 'theirs');
      const leases = await store.leases?.list();
      const result = await store.put(bytes('/taken'), bytes('mine'), 'absent', { lifetime: { ttl: 600 } });
      assert.equal(result.outcome, 'conflict');
      assert.deepEqual(await store.leases?.list(), leases);
    });

    it('lets a key live no shorter than it was told to: fractions of a second are rounded up', async () => {
      for (const [ttl, granted] of [
        [0.5, 1],
        [600.2, 601],
      ] as const) {
        const lease = await store.leases?.grant(ttl);
        assert.ok(lease);
        // etcd itself lengthens the shortest times.
        const { grantedTtl = 0 } = (await store.leases?.info(lease)) ?? {};
        assert.ok(grantedTtl >= granted, String(grantedTtl));
        await store.leases?.revoke(lease);
      }
    });

    it('gives a key a lease or a time to live, keeps it, and takes it away', async () => {
      const { leases } = store;
      assert.ok(leases);
      const lease = await leases.grant(300);
      const first = await store.put(bytes('/lease/a'), bytes('1'), 'absent', { lifetime: { lease } });
      assert.ok(first.outcome === 'written');
      const second = await store.put(bytes('/lease/a'), bytes('2'), first, { previous: true });
      assert.ok(second.outcome === 'written');
      assert.equal(text(second.previous?.value), '1');
      assert.equal((await store.get(bytes('/lease/a'))).kv?.lease, lease);
      const info = await leases.info(lease);
      assert.deepEqual(info?.keys.map(text), ['/lease/a']);
      assert.equal(info?.grantedTtl, 300);
      assert.equal(await leases.keepAlive(lease), 300);
      assert.equal(await leases.keepAlive(4711n), undefined);
      const forever = await store.put(bytes('/lease/a'), bytes('3'), second, { lifetime: 'forever' });
      assert.ok(forever.outcome === 'written');
      assert.equal((await store.get(bytes('/lease/a'))).kv?.lease, 0n);
      await store.put(bytes('/lease/a'), bytes('4'), forever, { lifetime: { ttl: 200 } });
      const own = (await store.get(bytes('/lease/a'))).kv?.lease ?? 0n;
      assert.ok(own !== 0n && own !== lease);
      assert.deepEqual(new Set(await leases.list()), new Set([lease, own]));
      await leases.revoke(own);
      assert.equal(await valueOf('/lease/a'), undefined);
      await leases.revoke(own);
      await leases.revoke(lease);
    });

    it('tells the keys that a delete took along', async () => {
      await put('/gone/a', '1');
      await put('/gone/b', '2');
      const result = await store.delete([prefixRange(bytes('/gone/'))], { previous: true });
      assert.ok(result.outcome === 'deleted');
      assert.deepEqual(
        result.previous?.map(({ value }) => text(value)),
        ['1', '2'],
      );
    });

    it('reads a key and lists a folder as of an earlier revision', async () => {
      const before = await put('/then/a', 'old');
      await put('/then/a', 'new');
      await put('/then/b/c', 'later');
      assert.equal(text((await store.get(bytes('/then/a'), { revision: before })).kv?.value), 'old');
      const { children } = await store.listChildren(bytes('/then/'), { revision: before }).next(10);
      assert.deepEqual(
        children.map(({ path }) => text(path)),
        ['/then/a'],
      );
    });

    it('says that a revision is compacted', async () => {
      const before = await put('/compacted/a', 'old');
      const now = await put('/compacted/a', 'new');
      await server.etcdctl(['compact', String(now)]);
      await assert.rejects(store.get(bytes('/compacted/a'), { revision: before }), failsAs('compacted'));
    });

    it('scans all keys of a range at one revision, with and without values', async function () {
      this.timeout('5m');
      const count = 65_000;
      const keys = Array.from({ length: count }, (_, index) => `/scan/${String(index).padStart(6, '0')}`);
      for (let at = 0; at < count; at += 128)
        await store.transact(
          keys
            .slice(at, at + 128)
            .map((key): Change => ({ kind: 'put', key: bytes(key), value: bytes(key), expected: 'absent' })),
        );
      for (const values of [false, true]) {
        const found: string[] = [];
        let pages = 0;
        for await (const page of store.scan(prefixRange(bytes('/scan/')), { values } satisfies ScanOptions)) {
          if (pages++ === 0) await put('/scan/000000x', 'added meanwhile');
          assert.equal(page.total, values ? count + 1 : count);
          assert.ok(page.kvs.every(({ key, value }) => (values ? text(value) !== '' : value.length === 0) && key));
          found.push(...page.kvs.map(({ key }) => text(key) ?? ''));
        }
        assert.ok(pages > 2);
        assert.deepEqual(values ? found.filter((key) => key !== '/scan/000000x') : found, keys);
      }
    });

    it('ends a scan that nobody goes on with', async () => {
      for await (const { kvs } of store.scan(prefixRange(bytes('/scan/')))) {
        assert.ok(kvs.length > 0);
        break;
      }
    });
  });
}
