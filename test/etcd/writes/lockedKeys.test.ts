import assert from 'node:assert/strict';
import { connectEtcd, type OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import { previewTransfer } from '../../../src/etcd/transfer/transferPreview.ts';
import { TransferJob } from '../../../src/etcd/transfer/transferJob.ts';
import { applyDifferences } from '../../../src/etcd/transfer/applyDifferences.ts';
import { putBack } from '../../../src/etcd/writes/putBack.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { exported, Imports, partsOf, writerOf } from '../keyFiles/keyFiles.ts';

const refused = failsAs('readOnly', /A glob in "readOnly" of the connection matches \/\S+, so that nothing may change/);

for (const api of ['v2', 'v3'] as const)
  describe(`keys that globs make read-only, in ${api}`, () => {
    let server: EtcdServer;
    let plain: OpenEtcd;
    let locking: OpenEtcd;
    let store: KeyStore;
    const sent: string[] = [];

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
      plain = await connectEtcd({ ...settingsFor(server.endpoint), api });
      const settings = settingsFor(server.endpoint, { log: ({ method, path }) => sent.push(`${method} ${path}`) });
      locking = await connectEtcd({ ...settings, api, readOnly: ['/l/safe/**', '/l/**/password'] });
      ({ store } = locking);
    });
    after(async () => {
      plain?.close();
      locking?.close();
      await server?.stop();
    });
    beforeEach(async () => {
      await plain.store.delete([prefixRange(bytes('/l/'))]);
      for (const key of ['/l/safe/a', '/l/app/password', '/l/app/name', '/l/free/a'])
        assert.equal((await plain.store.put(bytes(key), bytes(`value of ${key}`), 'absent')).outcome, 'written');
    });

    async function kvOf(key: string) {
      return (await plain.store.get(bytes(key))).kv ?? assert.fail(`${key} is gone`);
    }

    async function present(): Promise<string[]> {
      const keys: string[] = [];
      for await (const { kvs } of plain.store.scan(prefixRange(bytes('/l/'))))
        keys.push(...kvs.map(({ key }) => text(key) ?? ''));
      return keys;
    }

    it('refuses every write of them before it is sent, and no other', async () => {
      const kv = await kvOf('/l/safe/a');
      sent.length = 0;
      await assert.rejects(store.put(kv.key, bytes('x'), kv), refused);
      await assert.rejects(store.put(bytes('/l/safe/new'), bytes('x'), 'absent'), refused);
      await assert.rejects(store.put(bytes('/l/x/y/password'), bytes('x'), 'absent'), refused);
      await assert.rejects(store.delete([singleKeyRange(kv.key)]), refused);
      await assert.rejects(store.transact([{ kind: 'delete', key: kv.key, expected: kv }]), refused);
      if (store.createDirectory) await assert.rejects(store.createDirectory(bytes('/l/safe/d/')), refused);
      assert.deepEqual(sent, []);
      assert.match(store.locks?.of(kv.key) ?? '', /"readOnly"/);
      assert.equal(store.problemOf?.(kv.key), store.locks?.of(kv.key));
      assert.ok(store.locks?.ofFolder(bytes('/l/safe/')));
      assert.equal(store.locks?.ofFolder(bytes('/l/')), undefined);
      assert.equal(store.capabilities.writable, true);
      const free = await kvOf('/l/free/a');
      assert.equal((await store.put(free.key, bytes('new'), free)).outcome, 'written');
      assert.equal((await store.transact([{ kind: 'check', key: kv.key, expected: kv }])).outcome, 'done');
      assert.equal((await store.delete([singleKeyRange(free.key)])).outcome, 'deleted');
    });

    it('refuses to delete a folder with one of them, and deletes one without', async () => {
      for (const folder of ['/l/', '/l/app/', '/l/safe/'])
        await assert.rejects(store.delete([prefixRange(bytes(folder))]), refused, folder);
      await assert.rejects(store.delete([prefixRange(bytes('/l/free/')), prefixRange(bytes('/l/app/'))]), refused);
      assert.equal((await present()).length, 4);
      const { revision } = await plain.store.count([prefixRange(bytes('/l/'))]);
      await assert.rejects(store.delete([prefixRange(bytes('/l/app/'))], { unchangedSince: revision }), refused);
      assert.equal((await store.delete([prefixRange(bytes('/l/free/'))])).outcome, 'deleted');
      assert.deepEqual(await present(), ['/l/app/name', '/l/app/password', '/l/safe/a']);
    });

    it('leaves them alone in a move, and says so before', async () => {
      const roots = [{ kind: 'folder', from: bytes('/l/app/'), to: bytes('/l/moved/') }] as const;
      const request = { source: store, target: store, roots, move: true };
      const limits = { mostValues: { keys: 100, bytes: 1e6 }, signal: new AbortController().signal };
      const preview = await previewTransfer({ ...request, ...limits });
      assert.equal(preview.counts.create, 1);
      assert.equal(preview.counts.impossible, 1);
      const { seen, oneCluster } = preview;
      const report = await new TransferJob({ ...request, seen, oneCluster, taken: 'skip' }).run();
      assert.equal(report.done, 1);
      assert.equal(report.leftCount, 1);
      assert.deepEqual(await present(), ['/l/app/password', '/l/free/a', '/l/moved/name', '/l/safe/a']);
    });

    it('leaves the sources of a move alone if only they are read-only', async () => {
      const roots = [{ kind: 'folder', from: bytes('/l/safe/'), to: bytes('/l/moved/') }] as const;
      const request = { source: store, target: store, roots, move: true };
      const seen = { source: 1n << 60n, target: 1n << 60n };
      const report = await new TransferJob({ ...request, seen, oneCluster: true, taken: 'skip' }).run();
      assert.equal(report.done, 0);
      assert.deepEqual(await present(), ['/l/app/name', '/l/app/password', '/l/free/a', '/l/safe/a']);
    });

    it('leaves them alone when differences are applied, and in an undo', async () => {
      const keys = ['/l/safe/a', '/l/free/a'];
      const kvs = await Promise.all(keys.map(kvOf));
      const result = await applyDifferences({
        from: { store: plain.store, prefix: bytes('/none/') },
        to: store,
        keys: kvs.map((target) => ({ key: target.key, sourceKey: bytes('/none/x'), source: undefined, target })),
        undoBytes: 1e6,
        signal: new AbortController().signal,
        advanced: () => undefined,
      });
      assert.equal(result.deleted, 1);
      assert.deepEqual(
        result.refused.map(({ key }) => text(key)),
        ['/l/safe/a'],
      );
      await plain.store.delete([singleKeyRange(bytes('/l/safe/a'))]);
      const undone = await putBack(
        store,
        kvs.map((previous) => ({ previous, left: 'absent' as const })),
      );
      assert.equal(undone.restored, 1);
      assert.deepEqual(undone.locked.map(text), ['/l/safe/a']);
    });

    it('leaves them alone in an import, and names each', async () => {
      const imports = await Imports.begin();
      try {
        const file = (await exported(plain.store, '/l/', 'json')).replaceAll('"value of', '"new value of');
        const writer = writerOf(store, await imports.plan(store, partsOf(file)));
        await writer.run();
        assert.equal(writer.written, 2);
        assert.deepEqual(
          writer.left.map(({ key, why }) => [text(key), why]),
          [
            ['/l/app/password', 'refused'],
            ['/l/safe/a', 'refused'],
          ],
        );
        assert.match(writer.left[0]?.reason ?? '', /A glob in "readOnly"/);
        assert.equal(text((await kvOf('/l/safe/a')).value), 'value of /l/safe/a');
      } finally {
        await imports.end();
      }
    });

    if (api === 'v3')
      it('refuses to revoke a lease that would delete one of them', async () => {
        const lease = (await plain.store.leases?.grant(600)) ?? assert.fail();
        await plain.store.put(bytes('/l/safe/leased'), bytes('x'), 'absent', { lifetime: { lease } });
        await assert.rejects(async () => await store.leases?.revoke(lease), refused);
        assert.ok((await present()).includes('/l/safe/leased'));
        const other = (await store.leases?.grant(600)) ?? assert.fail();
        await store.put(bytes('/l/free/leased'), bytes('x'), 'absent', { lifetime: { lease: other } });
        await store.leases?.revoke(other);
        assert.ok(!(await present()).includes('/l/free/leased'));
      });

    if (api === 'v2')
      it('removes no empty directory that may be among them', async () => {
        await plain.store.createDirectory?.(bytes('/l/safe/empty/'));
        await store.removeEmptyDirectories?.(bytes('/l/'));
        const { children } = await plain.store.listChildren(bytes('/l/safe/')).next(10);
        assert.ok(children.some(({ path }) => text(path) === '/l/safe/empty/'));
      });

    it('does not connect with what is not a list of globs', async () => {
      for (const readOnly of [[''], Array.from({ length: 101 }, (_, index) => `/${index}`)])
        await assert.rejects(connectEtcd({ ...settingsFor(server.endpoint), api, readOnly }), failsAs('configuration'));
    });
  });
