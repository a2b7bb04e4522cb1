import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { Change, KeyStore } from '../../../src/etcd/keyStore.ts';
import type { Written } from '../../../src/etcd/transfer/transferWriter.ts';
import { TransferJob } from '../../../src/etcd/transfer/transferJob.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, text } from '../connecting.ts';
import { interrupted, once, replaced } from '../interrupted.ts';
import { contents, NOTHING_LEFT, planFor, Stores, told } from './transferring.ts';

const LOST = new EtcdError('fateUnknown', 'The answer was lost.');

/**
 * Between two stores a copy is written and read back, and the old key is deleted; someone else may write before each of
 * these.
 */
describe('moves between stores that somebody else gets in between of', () => {
  let from: EtcdServer;
  let to: EtcdServer;
  const stores = new Stores();

  before(async function () {
    this.timeout('5m');
    from = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
    to = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
  });
  after(async () => {
    await from?.stop();
    await to?.stop();
  });
  afterEach(() => stores.close());

  async function put(store: KeyStore, key: string, value: string): Promise<void> {
    const { kv } = await store.get(bytes(key));
    assert.equal((await store.put(bytes(key), bytes(value), kv ?? 'absent')).outcome, 'written');
  }

  async function remove(store: KeyStore, key: string): Promise<void> {
    const { kv } = await store.get(bytes(key));
    if (kv) await store.transact([{ kind: 'delete', key: kv.key, expected: kv }]);
  }

  /** Something happens before the first transaction of the transfer, and before the one that removes the copy. */
  function twice(store: KeyStore, first: () => Promise<void>, second: () => Promise<void>): KeyStore {
    const [begin, end] = [once(first), once(second)];
    let isPut = false;
    return interrupted(store, {
      before: async () => await (isPut ? end() : begin()),
      after: (_, { outcome }) => {
        isPut ||= outcome === 'done';
      },
    });
  }

  const cases = (['v2', 'v3'] as const).flatMap((api) =>
    [true, false].flatMap((wasThere) => [true, false].map((move) => ({ api, wasThere, move }))),
  );
  for (const { api, wasThere, move } of cases)
    it(`leave a copy in ${api} that somebody else has written over before it is taken back, and say so (${wasThere ? 'overwritten' : 'new'}, ${move ? 'moved' : 'copied'})`, async () => {
      const [source, target] = [await stores.of(from), await stores.of(to, api)];
      const prefix = `/copied-over-${api}/${wasThere}/${move}/`;
      const key = `${prefix}a`;
      await put(source, key, 'old');
      if (wasThere) await put(target, key, 'was there');
      const busy = twice(
        target,
        () => put(source, key, 'newer'),
        () => put(target, key, 'theirs'),
      );
      const plan = await planFor([source, busy], prefix, prefix, { taken: 'overwrite', move });
      const report = await new TransferJob(plan).run();
      assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 0, changed: [key], stale: [key] });
      assert.deepEqual(await contents(source, prefix), { [key]: 'newer' });
      assert.deepEqual(await contents(target, prefix), { [key]: 'theirs' });
    });

  for (const isSeen of [true, false])
    it(`touch no key that had the same value already where the old one changes, and say so if that was ${isSeen ? 'seen' : 'not seen'}`, async () => {
      const [source, target] = [await stores.of(from), await stores.of(to)];
      const prefix = `/present/${isSeen}/`;
      const key = `${prefix}a`;
      await put(source, key, 'old');
      if (isSeen) await put(target, key, 'old');
      const busy = interrupted(target, { before: once(() => put(source, key, 'newer')) });
      const plan = await planFor([source, busy], prefix, prefix);
      if (!isSeen) await put(target, key, 'old');
      const report = await new TransferJob(plan).run();
      assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 0, changed: [key], stale: isSeen ? [] : [key] });
      assert.deepEqual(await contents(target, prefix), { [key]: 'old' });
    });

  it('ask again what stood at a new name, and say so where that is compacted', async () => {
    const [source, target] = [await stores.of(from), await stores.of(to)];
    await put(source, '/stood/a', 'old');
    await put(target, '/stood/a', 'was there');
    let isAsked = true;
    const after = once(async () => {
      await put(source, '/stood/a', 'newer');
      throw LOST;
    });
    const silent = replaced(
      interrupted(target, { after: async (_, { outcome }) => (outcome === 'done' ? await after() : undefined) }),
      {
        get: async (key, options) => {
          if (options?.revision !== undefined && isAsked) throw new EtcdError('timedOut', 'No answer.');
          return await target.get(key, options);
        },
      },
    );
    const job = new TransferJob(await planFor([source, silent], '/stood/', '/stood/', { taken: 'overwrite' }));
    await assert.rejects(job.run(), (error) => EtcdError.is(error, 'fateUnknown'));
    await assert.rejects(job.run(), (error) => EtcdError.is(error, 'timedOut'));
    isAsked = false;
    const { revision } = await target.get(bytes('/stood/a'));
    assert.equal((await to.etcdctl(['compact', String(revision)])).code, 0);
    const report = await job.run();
    assert.deepEqual([told(report).changed, told(report).stale], [['/stood/a'], ['/stood/a']]);
    assert.deepEqual(await contents(target, '/stood/'), { '/stood/a': 'old' });
  });

  it('leave an old key that somebody else deletes and creates anew with the same value', async () => {
    const [source, target] = [await stores.of(from), await stores.of(to)];
    await put(source, '/anew/a', 'value');
    const before = once(async () => {
      await remove(source, '/anew/a');
      await put(source, '/anew/a', 'value');
    });
    const plan = await planFor([source, interrupted(target, { before })], '/anew/', '/anew/');
    assert.deepEqual(told(await new TransferJob(plan).run()), { ...NOTHING_LEFT, done: 0, changed: ['/anew/a'] });
    assert.deepEqual(await contents(source, '/anew/'), { '/anew/a': 'value' });
    assert.deepEqual(await contents(target, '/anew/'), {});
  });

  it('say that a copy in v2 is left where its answer was lost and nobody knows what stood there', async () => {
    const [source, target] = [await stores.of(from), await stores.of(to, 'v2')];
    await put(source, '/unknown/a', 'old');
    await put(target, '/unknown/a', 'was there');
    const after = once(async () => {
      await put(source, '/unknown/a', 'newer');
      throw LOST;
    });
    const silent = interrupted(target, {
      after: async (_, { outcome }) => (outcome === 'done' ? await after() : undefined),
    });
    const plan = await planFor([source, silent], '/unknown/', '/unknown/', { taken: 'overwrite' });
    const job = new TransferJob(plan);
    await assert.rejects(job.run(), (error) => EtcdError.is(error, 'fateUnknown'));
    const report = await job.run();
    assert.deepEqual([told(report).changed, told(report).stale], [['/unknown/a'], ['/unknown/a']]);
    assert.deepEqual(await contents(source, '/unknown/'), { '/unknown/a': 'newer' });
  });

  it('count a move as done whose last answer was lost, also where somebody else created the old name anew since', async () => {
    for (const isAnew of [false, true]) {
      const [source, target] = [await stores.of(from), await stores.of(to)];
      const key = `/last/${isAnew}/a`;
      await put(source, key, 'value');
      const isDelete = (changes: readonly Change[]) => changes.some(({ kind }) => kind === 'delete');
      const lose = once(async () => {
        if (isAnew) await put(source, key, 'theirs');
        throw LOST;
      });
      const silent = interrupted(source, { after: async (changes) => (isDelete(changes) ? await lose() : undefined) });
      const job = new TransferJob(await planFor([silent, target], key, key));
      await assert.rejects(job.run(), (error) => EtcdError.is(error, 'fateUnknown'));
      const report = await job.run();
      assert.equal(told(report).stale.length, 0);
      assert.deepEqual(await contents(target, key), { [key]: 'value' });
      assert.deepEqual(await contents(source, key), isAnew ? { [key]: 'theirs' } : {});
      assert.equal(report.done, 1);
    }
  });

  it('tell of what they did within a store also where its answer was lost, so that it can be undone', async () => {
    const store = await stores.of(from);
    for (const name of ['a', 'b']) await put(store, `/heard/${name}`, name);
    const after = once(async () => {
      throw LOST;
    });
    const job = new TransferJob(await planFor(interrupted(store, { after }), '/heard/', '/of/'));
    const written: Written[] = [];
    const record = (some: readonly Written[]) => void written.push(...some);
    await assert.rejects(job.run({ record }), (error) => EtcdError.is(error, 'fateUnknown'));
    assert.deepEqual(told(await job.run({ record })), { ...NOTHING_LEFT, done: 2 });
    assert.deepEqual(written.map(({ target }) => text(target)).toSorted(), ['/of/a', '/of/b']);
    const { kv } = await store.get(bytes('/of/a'));
    assert.equal(written[0]?.revision, kv?.modRevision);
    // Nothing is recorded twice.
    assert.equal((await job.run({ record })).done, 2);
    assert.equal(written.length, 2);
  });

  for (const within of [true, false])
    it(`go on where a lease ends just before its key is copied ${within ? 'within a store' : 'to another connection'}`, async () => {
      const source = await stores.of(from);
      const target = within ? source : await stores.of(from);
      const prefix = `/ended ${within}/`;
      const lease = (await source.leases?.grant(600)) ?? 0n;
      await source.put(bytes(`${prefix}a`), bytes('leased'), 'absent', { lifetime: { lease } });
      await put(source, `${prefix}b`, 'stays');
      const busy = interrupted(target, { before: once(async () => await source.leases?.revoke(lease)) });
      const report = await new TransferJob(
        await planFor(within ? busy : [source, busy], prefix, `/new${prefix}`),
      ).run();
      assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 1, changed: [`${prefix}a`] });
      assert.deepEqual(await contents(source, prefix), {});
      assert.deepEqual(await contents(source, `/new${prefix}`), { [`/new${prefix}b`]: 'stays' });
    });

  for (const within of [true, false])
    it(`write the copy anew that was there and that somebody deletes ${within ? 'within a store' : 'in another one'}: the old key is not all there was`, async () => {
      const source = await stores.of(from);
      const target = within ? source : await stores.of(to);
      const [prefix, there] = [`/deleted ${within}/`, `/there ${within}/`];
      await put(source, `${prefix}a`, 'value');
      await put(target, `${there}a`, 'value');
      let transactions = 0;
      const busy = interrupted(target, {
        before: async () => {
          // The first transaction meets the existing key, the second one checks it.
          if (++transactions === 2) await remove(target, `${there}a`);
        },
      });
      const plan = await planFor(within ? busy : [source, busy], prefix, there);
      assert.deepEqual(told(await new TransferJob(plan).run()), { ...NOTHING_LEFT, done: 1 });
      assert.deepEqual(await contents(source, prefix), {});
      assert.deepEqual(await contents(target, there), { [`${there}a`]: 'value' });
    });

  it('overwrite nothing that was written after it was seen, however many names are taken', async () => {
    const [source, target] = [await stores.of(from), await stores.of(to)];
    const names = Array.from({ length: 60 }, (_, index) => `/many/${String(index).padStart(2, '0')}`);
    for (const [index, key] of names.entries()) {
      await put(source, key, `value of ${key}`);
      if (index % 3 > 0) await put(target, key, index % 3 === 1 ? 'other' : `value of ${key}`);
    }
    const plan = await planFor([source, target], '/many/', '/many/', { taken: 'overwrite', move: false });
    for (const [index, key] of names.entries()) if (index % 6 === 1) await put(target, key, 'theirs');
    const report = await new TransferJob(plan).run();
    const theirs = new Set(names.filter((_, index) => index % 6 === 1));
    assert.deepEqual([report.done, report.present, report.overwritten, report.leftCount], [50, 20, 10, 10]);
    const there = await contents(target, '/many/');
    for (const key of names) assert.equal(there[key], theirs.has(key) ? 'theirs' : `value of ${key}`, key);
  });

  it('go on at a newer revision where what they read is compacted, and leave what was written since', async () => {
    const [source, target] = [await stores.of(from), await stores.of(to)];
    const names = ['/compacted/a', '/compacted/b', '/compacted/c'];
    for (const key of names) await put(source, key, 'value');
    const plan = await planFor([source, target], '/compacted/', '/compacted/');
    let scans = 0;
    const compacted = replaced(source, {
      async *scan(range, options) {
        const isFirst = scans++ === 0;
        for await (const page of source.scan(range, options)) {
          if (!isFirst) {
            yield page;
            continue;
          }
          yield { ...page, kvs: page.kvs.slice(0, 1) };
          await put(source, '/compacted/b', 'theirs');
          throw new EtcdError('compacted', 'It is compacted.');
        }
      },
    });
    const report = await new TransferJob({ ...plan, source: compacted }).run();
    assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 2, changed: ['/compacted/b'] });
    assert.equal(scans, 2);
    assert.deepEqual(await contents(source, '/compacted/'), { '/compacted/b': 'theirs' });
    assert.deepEqual(Object.keys(await contents(target, '/compacted/')), ['/compacted/a', '/compacted/c']);
    const always = replaced(source, {
      scan() {
        throw new EtcdError('compacted', 'It is compacted.');
      },
    });
    await assert.rejects(new TransferJob({ ...plan, source: always }).run(), (error) =>
      EtcdError.is(error, 'compacted'),
    );
  });
});
