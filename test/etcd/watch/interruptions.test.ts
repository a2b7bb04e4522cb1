import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { ImportWriter, type ImportChoice } from '../../../src/etcd/keyFiles/importWriter.ts';
import type { Change, KeyStore } from '../../../src/etcd/keyStore.ts';
import { TransferJob, type TransferPosition } from '../../../src/etcd/transfer/transferJob.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, text } from '../connecting.ts';
import { putValue } from '../putValue.ts';
import { failsAs } from '../errorKind.ts';
import { Imports, jsonFile, partsOf } from '../keyFiles/keyFiles.ts';
import { contents, NOTHING_LEFT, planFor, Stores, told } from '../transfer/transferring.ts';

/** What another window can resume from only the plan and a position, perhaps an older one. */
describe('work that a window has left half-done', () => {
  let here: EtcdServer;
  let there: EtcdServer;
  let imports: Imports;
  const stores = new Stores();

  before(async function () {
    this.timeout('5m');
    [here, there] = [await startEtcd(), await startEtcd({ version: '3.4' })];
    imports = await Imports.begin();
  });
  after(async () => {
    await imports?.end();
    await here?.stop();
    await there?.stop();
  });
  afterEach(() => stores.close());

  const names = Array.from({ length: 300 }, (_, index) => `k ${String(index).padStart(3, '0')}\u00e9%`);

  const put = (store: KeyStore, key: string, value: string) => putValue(store, bytes(key), value);

  /** Wraps a store whose window closes at a transaction: its answer is lost, and nothing is sent after it. */
  function closing(store: KeyStore, isLast: (changes: readonly Change[]) => boolean): KeyStore {
    let isClosed = false;
    const transact: KeyStore['transact'] = async (changes) => {
      const closes = !isClosed && isLast(changes);
      if (!isClosed) {
        const result = await store.transact(changes);
        if (!closes) return result;
        isClosed = true;
      }
      throw new EtcdError('unexpected', 'The window is closed.');
    };
    return new Proxy(store, {
      get(_, name) {
        if (name === 'transact') return transact;
        const value: unknown = Reflect.get(store, name, store);
        return typeof value === 'function' ? (value.bind(store) as unknown) : value;
      },
    });
  }

  for (const isStale of [false, true])
    it(`is a move between stores, completed from ${isStale ? 'its beginning' : 'where it stopped'}`, async () => {
      const [source, target] = [await stores.of(here), await stores.of(there)];
      const prefix = `/moved/${isStale}/`;
      for (const name of names) await put(source, prefix + name, name);
      let transactions = 0;
      const first = closing(target, () => ++transactions === 2);
      const job = new TransferJob(await planFor([source, first], prefix, prefix));
      await assert.rejects(job.run(), failsAs('unexpected'));
      assert.ok(job.report.done > 0 && job.report.done < names.length, String(job.report.done));
      const { seen } = job.plan;
      const from: TransferPosition = isStale ? { root: 0 } : job.position;
      const plan = { ...(await planFor([source, target], prefix, prefix)), seen };
      const report = await new TransferJob(plan, from).run();
      // The keys of the last transaction were written, and not yet deleted.
      assert.equal(report.done, names.length - job.report.done);
      assert.ok(report.present > 0);
      assert.deepEqual(told(report).stale, []);
      assert.deepEqual(await contents(source, prefix), {});
      assert.deepEqual(await contents(target, prefix), Object.fromEntries(names.map((name) => [prefix + name, name])));
    });

  it('is a move within a store', async () => {
    const store = await stores.of(there);
    for (const name of names) await put(store, `/within/${name}`, name);
    let transactions = 0;
    const first = closing(store, () => ++transactions === 2);
    const job = new TransferJob(await planFor(first, '/within/', '/beside/'));
    await assert.rejects(job.run(), failsAs('unexpected'));
    const { seen } = job.plan;
    const report = await new TransferJob(
      { ...(await planFor(store, '/within/', '/beside/')), seen },
      job.position,
    ).run();
    // The last transaction was carried out, although nobody got its answer.
    assert.ok(report.done > 0 && report.done < names.length - job.report.done);
    assert.deepEqual(await contents(store, '/within/'), {});
    assert.equal(Object.keys(await contents(store, '/beside/')).length, names.length);
  });

  it('says which copies are of keys that others have changed since', async () => {
    const [source, target] = [await stores.of(here), await stores.of(there)];
    for (const name of ['a', 'b', 'c']) await put(source, `/stale/${name}`, 'old');
    const first = closing(target, () => true);
    const job = new TransferJob(await planFor([source, first], '/stale/', '/stale/'));
    await assert.rejects(job.run(), failsAs('unexpected'));
    await put(source, '/stale/b', 'newer');
    const { seen } = job.plan;
    const plan = { ...(await planFor([source, target], '/stale/', '/stale/')), seen };
    const report = await new TransferJob(plan, job.position).run();
    assert.deepEqual(told(report), {
      ...NOTHING_LEFT,
      done: 2,
      present: 2,
      changed: ['/stale/b'],
      stale: ['/stale/b'],
    });
    assert.deepEqual(await contents(source, '/stale/'), { '/stale/b': 'newer' });
  });

  describe('an import', () => {
    const ALL: ImportChoice = { takes: () => true, leases: 'stay', undoBytes: Infinity };
    const wanted = (prefix: string) => Object.fromEntries(names.map((name) => [prefix + name, 'new']));

    it('writes the rest, each key only if it still is as it was seen', async () => {
      const store = await stores.of(there);
      for (const name of names.slice(20)) await put(store, `/import/${name}`, 'old');
      const file = jsonFile(wanted('/import/'));
      const plan = await imports.plan(store, partsOf(file));
      let transactions = 0;
      const first = new ImportWriter(
        closing(store, () => ++transactions === 2),
        plan,
        ALL,
      );
      await assert.rejects(first.run(), failsAs('unexpected'));
      const [changed = '', deleted = ''] = names.slice(-2).map((name) => `/import/${name}`);
      await put(store, changed, 'theirs');
      const { kv } = await store.get(bytes(deleted));
      assert.ok(kv);
      await store.transact([{ kind: 'delete', key: kv.key, expected: kv }]);
      const { seen, spool } = plan;
      const again = await imports.restored(partsOf(file), { seen, digest: spool.digest });
      const second = new ImportWriter(store, again, ALL, first.position);
      await second.run();
      assert.equal(second.written, names.length - 2);
      assert.deepEqual(
        second.left.map(({ key, why }) => [text(key), why]),
        [changed, deleted].map((key) => [key, 'changed']),
      );
      const { [deleted]: _, ...rest } = { ...wanted('/import/'), [changed]: 'theirs' };
      assert.deepEqual(await contents(store, '/import/'), rest);
    });

    it('does not go on with a file that has changed', async () => {
      const store = await stores.of(there);
      const keys = wanted('/other file/');
      const { seen, spool } = await imports.plan(store, partsOf(jsonFile(keys)));
      const restored = (content: Record<string, string>) =>
        imports.restored(partsOf(jsonFile(content)), { seen, digest: spool.digest });
      const [name = ''] = Object.keys(keys);
      const { [name]: _, ...fewer } = keys;
      for (const other of [{ ...keys, more: '' }, { ...keys, [name]: 'newer' }, fewer])
        await assert.rejects(restored(other), failsAs('unsupported'));
      assert.equal((await restored(keys)).length, names.length);
    });
  });
});
