import assert from 'node:assert/strict';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { deleteEntries } from '../../../src/etcd/keyFiles/deleteEntries.ts';
import { countRanges, deleteRanges, fitInto } from '../../../src/etcd/writes/deleteRanges.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore, KeyValue } from '../../../src/etcd/keyStore.ts';
import { putBack } from '../../../src/etcd/writes/putBack.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { eventually } from '../eventually.ts';
import { exported, Imports, partsOf, writerOf } from '../keyFiles/keyFiles.ts';

describe('deletes of many keys', () => {
  let server: EtcdServer;
  let imports: Imports;
  const open: (() => void)[] = [];

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
    imports = await Imports.begin();
  });
  after(async () => {
    await imports?.end();
    await server?.stop();
  });
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });

  async function connect(api: 'v2' | 'v3' = 'v3', to = server): Promise<KeyStore> {
    const { store, close } = await connectEtcd({ ...settingsFor(to.endpoint), api });
    open.push(close);
    return store;
  }

  async function fill(store: KeyStore, prefix: string, count: number, value = 'value'): Promise<Uint8Array[]> {
    const keys = Array.from({ length: count }, (_, number) => bytes(`${prefix}${String(number).padStart(5, '0')}`));
    for (const key of keys) assert.equal((await store.put(key, bytes(value), 'absent')).outcome, 'written');
    return keys;
  }

  it('have what was deleted for undo when they stop half-way: 300 ranges, the server killed after 128 or 256', async function () {
    this.timeout('5m');
    const store = await connect();
    for (const transactions of [1, 2]) {
      const prefix = `/half/${transactions}/`;
      const ranges = (await fill(store, prefix, 300)).map(singleKeyRange);
      let done = 0;
      const dying: KeyStore = {
        ...store,
        capabilities: store.capabilities,
        count: (...given) => store.count(...given),
        delete: async (...given) => {
          if (done++ === transactions) await server.kill();
          return await store.delete(...given);
        },
      };
      const gathered: KeyValue[] = [];
      const error = await deleteRanges(dying, ranges, { previous: true }, gathered).catch(
        (failure: unknown) => failure,
      );
      assert.ok(EtcdError.is(error), String(error));
      assert.match(
        error.message,
        new RegExp(`^Only ${(transactions * 128).toLocaleString()} keys deleted before this happened`),
      );
      assert.equal(gathered.length, transactions * 128);
      await server.restart();
      const left = await eventually(() => store.count([prefixRange(bytes(prefix))]));
      assert.equal(left.keys, 300 - transactions * 128);
      const result = await putBack(
        store,
        gathered.map((previous) => ({ previous, left: 'absent' as const })),
      );
      assert.equal(result.restored, transactions * 128);
      assert.equal((await store.count([prefixRange(bytes(prefix))])).keys, 300);
    }
  });

  for (const api of ['v2', 'v3'] as const)
    it(`take from ${api} just the keys that their backup has, which an import brings back`, async function () {
      this.timeout('5m');
      const store = await connect(api);
      const prefix = `/backed-up-${api}/`;
      const [first] = await fill(store, prefix, 300);
      assert.ok(first);
      const backup = await exported(store, prefix, 'json', true);
      const { kv } = await store.get(first);
      await store.put(first, bytes('theirs'), kv ?? 'absent');
      await store.put(bytes(`${prefix}new`), bytes('theirs'), 'absent');
      assert.deepEqual(await deleteEntries(store, partsOf(backup)), { deleted: 299, left: 1 });
      assert.equal((await store.count([prefixRange(bytes(prefix))])).keys, 2);
      const plan = await imports.plan(store, partsOf(backup));
      assert.equal(plan.count('added'), 299);
      assert.equal(plan.count('conflicting'), 1);
      await writerOf(store, plan, { takes: (index) => plan.stateOf(index) === 'added' }).run();
      assert.equal((await store.count([prefixRange(bytes(prefix))])).keys, 301);
    });

  for (const operations of [1, 16])
    it(`are done at once where a server takes ${operations} in a transaction; one written meanwhile stays, and Undo has the rest`, async function () {
      this.timeout('5m');
      const small = await startEtcd({ extraArgs: ['--max-txn-ops', String(operations)] });
      try {
        const prefix = '/small/';
        const filler = await connect('v3', small);
        const keys = await fill(filler, prefix, 300);
        const ranges = keys.map(singleKeyRange);
        const [first] = keys;
        const late = keys[200];
        assert.ok(first && late);
        // This connection does not know the server's limit yet.
        const store = await connect('v3', small);
        const { revision } = await filler.get(first);
        const { kv } = await filler.get(late);
        await filler.put(late, bytes('theirs'), kv ?? 'absent');
        const gathered: KeyValue[] = [];
        const options = { unchangedSince: revision, previous: true };
        assert.equal(await deleteRanges(store, ranges, options, gathered), 'changed');
        const doneBefore = 200 - (200 % operations);
        assert.equal(gathered.length, doneBefore);
        assert.equal((await countRanges(store, ranges)).keys, 300 - doneBefore);
        // As after the question is asked again, even by a connection that knows the limit.
        const again = { unchangedSince: (await countRanges(store, ranges)).revision, previous: true };
        assert.equal(await deleteRanges(store, ranges, again, gathered), 'deleted');
        assert.equal(gathered.length, 300);
        assert.equal(new Set(gathered.map(({ key }) => Buffer.from(key).toString())).size, 300);
        assert.equal((await countRanges(store, ranges)).keys, 0);
        const changes = gathered.map((previous) => ({ previous, left: 'absent' as const }));
        assert.equal((await putBack(store, changes)).restored, 300);
        assert.equal(Buffer.from((await store.get(late)).kv?.value ?? []).toString(), 'theirs');
      } finally {
        await small.stop();
      }
    });

  it('are known to be too much for memory before they are read', async () => {
    const store = await connect();
    await fill(store, '/sized/', 100, 'x'.repeat(1000));
    const ranges = [prefixRange(bytes('/sized/'))];
    assert.equal(await fitInto(store, ranges, 100 * 1012), true);
    assert.equal(await fitInto(store, ranges, 100 * 1012 - 1), false);
  });
});
