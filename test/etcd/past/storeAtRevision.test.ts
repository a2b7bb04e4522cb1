import assert from 'node:assert/strict';
import { keptRevisions } from '../../../src/etcd/past/compaction.ts';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { storeAtRevision } from '../../../src/etcd/past/storeAtRevision.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { putValue } from '../putValue.ts';
import { failsAs } from '../errorKind.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';

for (const { version, transport } of VERSIONS_AND_TRANSPORTS)
  describe(`etcd ${version} by ${transport} as of a revision`, () => {
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

    async function children(of: KeyStore, prefix: string): Promise<string[]> {
      const page = await of.listChildren(bytes(prefix)).next(100);
      return page.children.map(({ path }) => text(path) ?? '');
    }

    it('reads, lists, scans and counts what was', async () => {
      await put('/then/a', 'one');
      const revision = await put('/then/sub/b', 'two');
      await put('/then/a', 'changed');
      await put('/then/new', 'new');
      await store.delete([singleKeyRange(bytes('/then/sub/b'))]);
      const past = storeAtRevision(store, revision);
      assert.equal(text((await past.get(bytes('/then/a'))).kv?.value), 'one');
      assert.equal((await past.get(bytes('/then/new'))).kv, undefined);
      assert.equal((await past.get(bytes('/then/a'))).revision, revision);
      const { kvs: several } = await past.getMany(['/then/a', '/then/new'].map(bytes), { values: true });
      assert.deepEqual(
        several.map((kv) => text(kv?.value)),
        ['one', undefined],
      );
      assert.deepEqual(await children(past, '/then/'), ['/then/a', '/then/sub/']);
      assert.deepEqual(await children(store, '/then/'), ['/then/a', '/then/new']);
      const scanned: string[] = [];
      for await (const { kvs } of past.scan(prefixRange(bytes('/then/')), { values: true }))
        scanned.push(...kvs.map(({ key, value }) => `${text(key)}=${text(value)}`));
      assert.deepEqual(scanned, ['/then/a=one', '/then/sub/b=two']);
      assert.deepEqual(await past.count([prefixRange(bytes('/then/'))]), { keys: 2, revision });
    });

    it('writes nothing', async () => {
      const revision = await put('/safe', 'kept');
      const past = storeAtRevision(store, revision);
      assert.equal(past.capabilities.writable, false);
      assert.equal(past.leases, undefined);
      const key = bytes('/safe');
      const expected = { modRevision: revision };
      await assert.rejects(past.put(key, bytes('x'), expected), failsAs('readOnly'));
      await assert.rejects(past.delete([singleKeyRange(key)]), failsAs('readOnly'));
      await assert.rejects(past.transact([{ kind: 'delete', key, expected }]), failsAs('readOnly'));
      assert.equal((await store.get(key)).kv?.modRevision, revision);
    });

    it('says from which revision on etcd keeps what was, once that is compacted', async () => {
      const revision = await put('/compacted/a', 'one');
      const past = storeAtRevision(store, revision);
      const listing = past.listChildren(bytes('/compacted/'));
      assert.equal((await listing.next(1)).children.length, 1);
      const oldest = await put('/compacted/a', 'two');
      const newest = await put('/compacted/b', 'three');
      await server.etcdctl(['compaction', String(oldest)]);
      assert.deepEqual(await keptRevisions(store), { oldest, newest });
      const sentence = new RegExp(`^Revision ${revision} is compacted. The oldest .* is ${oldest}`);
      const reads: (() => Promise<unknown>)[] = [
        () => past.get(bytes('/compacted/a')),
        () => past.listChildren(bytes('/compacted/')).next(1),
        () => past.count([prefixRange(bytes('/compacted/'))]),
      ];
      for (const read of reads) await assert.rejects(read, failsAs('compacted', sentence));
      assert.equal(text((await storeAtRevision(store, oldest).get(bytes('/compacted/a'))).kv?.value), 'two');
    });

    it('finds the oldest revision by few small reads', async () => {
      for (let index = 0; index < 60; index++) await put('/many', String(index));
      let reads = 0;
      const counting = new Proxy(store, {
        get(target, property: keyof KeyStore) {
          if (property === 'get') reads++;
          const member = target[property];
          return typeof member === 'function' ? member.bind(target) : member;
        },
      });
      const { oldest, newest } = await keptRevisions(counting);
      assert.ok(oldest > 1n && newest > oldest + 59n);
      assert.ok(reads <= 2 + Math.ceil(Math.log2(Number(newest))), String(reads));
    });
  });
