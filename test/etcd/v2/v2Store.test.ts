import assert from 'node:assert/strict';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import type { Child, KeyStore, PutResult } from '../../../src/etcd/keyStore.ts';
import { connectV2 } from '../../../src/etcd/v2/connectV2.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { outsideV2, type OutsideV2 } from './outsideV2.ts';
import { ETCD_SERIES } from '../versions.ts';

for (const version of ETCD_SERIES) {
  describe(`V2Store on etcd ${version} with --enable-v2`, () => {
    let server: EtcdServer;
    let connection: Awaited<ReturnType<typeof connectV2>>;
    let store: KeyStore;
    let outside: OutsideV2;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version, extraArgs: ['--enable-v2=true'] });
      connection = await connectV2(settingsFor(server.endpoint));
      ({ store } = connection);
      outside = outsideV2(server.endpoint);
    });
    after(async () => {
      connection?.close();
      await server?.stop();
    });

    it('tells the server version, and that there are directories and no leases', () => {
      assert.equal(connection.serverVersion, server.version);
      assert.deepEqual(store.capabilities, {
        writable: true,
        leases: false,
        emptyFolders: true,
        history: false,
        transactionSteps: 1,
        following: 'longPoll',
        tellsEnd: false,
      });
    });

    it('reads a key with its indexes, and no key where there is none, a directory, or a key above', async () => {
      const { node } = await outside.put('/read/a', { value: 'ä\u2028<\ufeff' });
      const { kv, revision } = await store.get(bytes('/read/a'));
      assert.equal(Buffer.from(kv?.value ?? []).toString(), 'ä\u2028<\ufeff');
      assert.deepEqual(
        { created: kv?.createRevision, modified: kv?.modRevision, read: revision },
        { created: BigInt(node.createdIndex), modified: BigInt(node.modifiedIndex), read: BigInt(node.modifiedIndex) },
      );
      for (const key of ['/read/b', '/read', '/read/a/b'])
        assert.deepEqual(await store.get(bytes(key)), { revision }, key);
    });

    it('writes keys whose names a URL would change, and no others', async () => {
      for (const key of ['/odd/a b?c#d%e&f+g', '/odd/%2e%2e', '/odd/ä\\b\n', '/odd/...', '/odd/_hidden']) {
        assert.equal((await store.put(bytes(key), bytes(key), 'absent')).outcome, 'written', key);
        assert.equal(text((await store.get(bytes(key))).kv?.value), key);
      }
      const { nodes = [] } = (await outside.get('/odd')).node;
      const names = nodes.map(({ key }) => key).toSorted();
      assert.deepEqual(names, ['/odd/%2e%2e', '/odd/...', '/odd/a b?c#d%e&f+g', '/odd/ä\\b\n']);
      for (const key of ['odd', '/odd/../x', '/odd//x', '/odd/x/'])
        await assert.rejects(store.put(bytes(key), bytes(''), 'absent'), failsAs('unsupported'), key);
    });

    it('refuses a value that is no text', async () => {
      const put = store.put(bytes('/binary'), Uint8Array.of(0xff, 0xfe), 'absent');
      await assert.rejects(put, failsAs('unsupported', /UTF-8/));
      assert.equal((await store.get(bytes('/binary'))).kv, undefined);
    });

    it('creates a key only if it is absent, also where it was read at no revision', async () => {
      assert.equal((await store.put(bytes('/create'), bytes('one'), 'absent')).outcome, 'written');
      for (const expected of ['absent', { modRevision: 0n }] as const)
        assert.equal(conflictValue(await store.put(bytes('/create'), bytes('two'), expected)), 'one');
    });

    it('writes a key only if it is as it was read', async () => {
      await outside.put('/cas', { value: 'one' });
      const modRevision = (await store.get(bytes('/cas'))).kv?.modRevision ?? 0n;
      await outside.put('/cas', { value: 'two' });
      const stale = await store.put(bytes('/cas'), bytes('mine'), { modRevision });
      assert.equal(conflictValue(stale), 'two');
      const current = stale.outcome === 'conflict' ? (stale.current.kv?.modRevision ?? 0n) : 0n;
      const fresh = await store.put(bytes('/cas'), bytes('mine'), { modRevision: current });
      const { kv } = await store.get(bytes('/cas'));
      assert.deepEqual(fresh, { outcome: 'written', modRevision: kv?.modRevision });
      assert.equal(text(kv?.value), 'mine');
      await outside.delete('/cas');
      const gone = await store.put(bytes('/cas'), bytes('again'), { modRevision: kv?.modRevision ?? 0n });
      assert.ok(gone.outcome === 'conflict' && gone.current.kv === undefined);
    });

    it('says that a directory has no value, and that nothing lies below a key', async () => {
      await outside.put('/kinds/dir', { dir: 'true' });
      const { node } = await outside.put('/kinds/file', { value: 'x' });
      for (const expected of ['absent', { modRevision: BigInt(node.modifiedIndex) }] as const) {
        const onDirectory = store.put(bytes('/kinds/dir'), bytes('x'), expected);
        await assert.rejects(onDirectory, failsAs('unsupported', /^\/kinds\/dir is a directory/));
      }
      const belowFile = store.put(bytes('/kinds/file/below'), bytes('x'), 'absent');
      await assert.rejects(belowFile, failsAs('unsupported', /^\/kinds\/file is a key/));
    });

    it("keeps a key's time to live when it writes the value", async () => {
      await outside.put('/ttl', { value: 'one', ttl: '500' });
      const { kv } = await store.get(bytes('/ttl'));
      assert.ok(kv?.ttl !== undefined && kv.ttl > 400 && kv.ttl <= 500);
      await store.put(bytes('/ttl'), bytes('two'), { modRevision: kv.modRevision });
      const { node } = await outside.get('/ttl');
      assert.equal(node.value, 'two');
      assert.ok(node.ttl !== undefined && node.ttl > 400 && node.ttl <= 500);
    });

    it('gives no time to live to a key that has none', async () => {
      const written = await store.put(bytes('/forever'), bytes('one'), 'absent');
      assert.ok(written.outcome === 'written');
      await store.put(bytes('/forever'), bytes('two'), { modRevision: written.modRevision });
      assert.equal((await store.get(bytes('/forever'))).kv?.ttl, undefined);
    });

    it('lists a directory page by page, in key order, with empty directories and without hidden keys', async () => {
      for (const key of ['/list/b', '/list/a/deep/x', '/list/a-b', '/list/_hidden', '/list/ä'])
        await outside.put(key, { value: 'x' });
      await store.createDirectory?.(bytes('/list/empty/'), 300);
      const listing = store.listChildren(bytes('/list/'));
      const first = await listing.next(2);
      const rest = await listing.next(10);
      assert.deepEqual([first.done, rest.done, first.revision === rest.revision], [false, true, true]);
      const children = [...first.children, ...rest.children];
      assert.deepEqual(children.map(described), [
        'key a-b /list/a-b',
        'folder a /list/a/',
        'key b /list/b',
        'folder empty /list/empty/',
        'key ä /list/ä',
      ]);
      const ttl = children.find(({ name }) => text(name) === 'empty')?.ttl;
      assert.ok(ttl !== undefined && ttl > 200 && ttl <= 300);
      const empty = await store.listChildren(bytes('/list/empty/')).next(5);
      assert.deepEqual([empty.children, empty.done], [[], true]);
    });

    it('lists only names that begin with what was typed', async () => {
      for (const name of ['one', 'on', 'two']) await outside.put(`/filter/${name}`, { value: 'x' });
      const { children } = await store.listChildren(bytes('/filter/'), { namePrefix: bytes('on') }).next(10);
      assert.deepEqual(children.map(described), ['key on /filter/on', 'key one /filter/one']);
    });

    it('shows the root directory as the one folder of the keyspace, and what is gone as empty', async () => {
      const top = await store.listChildren(new Uint8Array()).next(5);
      assert.deepEqual([top.children.map(described), top.done], [['folder  /'], true]);
      await outside.put('/top', { value: 'x' });
      const root = await store.listChildren(bytes('/')).next(1000);
      assert.ok(root.children.map(described).includes('key top /top'));
      assert.deepEqual((await store.listChildren(bytes('/no/such/')).next(5)).children, []);
    });

    it('does not lose a listing to an aborted call', async () => {
      await outside.put('/aborted/a', { value: 'x' });
      const listing = store.listChildren(bytes('/aborted/'));
      await assert.rejects(listing.next(5, AbortSignal.abort()), failsAs('cancelled'));
      assert.deepEqual((await listing.next(5)).children.map(described), ['key a /aborted/a']);
    });

    it('counts and deletes keys and directories, and leaves their neighbours', async () => {
      for (const key of ['/d/1', '/d/2/3', '/d/2/4/5', '/d2', '/e', '/f']) await outside.put(key, { value: 'x' });
      const ranges = [prefixRange(bytes('/d/')), singleKeyRange(bytes('/e')), singleKeyRange(bytes('/no'))];
      const { keys, revision } = await store.count(ranges);
      assert.equal(keys, 4);
      const result = await store.delete(ranges, { unchangedSince: revision });
      assert.ok(result.outcome === 'deleted' && result.keys === 4 && result.revision > revision);
      assert.equal(await outside.status('/d'), 404);
      assert.deepEqual([await outside.status('/d2'), await outside.status('/f')], [200, 200]);
    });

    it('deletes nothing if a key or directory there was written since they were counted', async () => {
      for (const key of ['/c/1', '/c/2', '/c3']) await outside.put(key, { value: 'x' });
      const ranges = [singleKeyRange(bytes('/c3')), prefixRange(bytes('/c/'))];
      const { revision } = await store.count(ranges);
      await outside.put('/c/2', { value: 'changed' });
      assert.deepEqual(await store.delete(ranges, { unchangedSince: revision }), { outcome: 'changed' });
      assert.equal((await store.count(ranges)).keys, 3);
      assert.equal((await store.delete(ranges)).outcome, 'deleted');
      assert.equal((await store.count(ranges)).keys, 0);
    });

    it('deletes an empty directory, and no directory as a key', async () => {
      await store.createDirectory?.(bytes('/hollow/'));
      assert.deepEqual((await store.count([singleKeyRange(bytes('/hollow'))])).keys, 0);
      await store.delete([singleKeyRange(bytes('/hollow'))]);
      assert.equal(await outside.status('/hollow'), 200);
      const result = await store.delete([prefixRange(bytes('/hollow/'))]);
      assert.ok(result.outcome === 'deleted' && result.keys === 0);
      assert.equal(await outside.status('/hollow'), 404);
    });

    it('says how far it came when a delete stops half-way', async () => {
      await outside.put('/half', { value: 'x' });
      const ranges = [singleKeyRange(bytes('/half')), prefixRange(bytes('/'))];
      await assert.rejects(store.delete(ranges), failsAs('unsupported', /^Only 1 key deleted .* root directory/));
      assert.equal(await outside.status('/half'), 404);
    });

    it('creates no directory where something is', async () => {
      await outside.put('/taken', { value: 'x' });
      await assert.rejects(async () => store.createDirectory?.(bytes('/taken/')), failsAs('unsupported', /\/taken/));
    });

    it('holds values that v3 would refuse, and says what is too large', async () => {
      const large = new Uint8Array(2_000_000).fill(0x20);
      assert.equal((await store.put(bytes('/large'), large, 'absent')).outcome, 'written');
      assert.equal((await store.get(bytes('/large'))).kv?.value.length, large.length);
      const tooLarge = new Uint8Array(11_000_000).fill(0x61);
      await assert.rejects(store.put(bytes('/larger'), tooLarge, 'absent'), failsAs('requestTooLarge'));
    });
  });
}

function described({ kind, name, path }: Child): string {
  return [kind, text(name), text(path)].join(' ');
}

function conflictValue(result: PutResult): string | undefined {
  assert.equal(result.outcome, 'conflict');
  return result.outcome === 'conflict' ? text(result.current.kv?.value) : undefined;
}
