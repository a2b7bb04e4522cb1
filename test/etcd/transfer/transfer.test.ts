import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { TransferJob } from '../../../src/etcd/transfer/transferJob.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { Random } from '../../unit/listing/random.ts';
import { bytes, text } from '../connecting.ts';
import { eventually } from '../eventually.ts';
import { interrupted, once } from '../interrupted.ts';
import { SecondWriter } from '../secondWriter.ts';
import { checkBoth, contents, CONTESTED, NOTHING_LEFT, planFor, Stores, told, TWENTY } from './transferring.ts';

describe('moving and copying keys to new names', () => {
  let server: EtcdServer;
  const stores = new Stores();

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
  });
  after(() => server?.stop());
  afterEach(() => stores.close());

  async function fill(store: KeyStore, prefix: string, names: readonly string[]): Promise<void> {
    for (const name of names)
      assert.equal((await store.put(bytes(prefix + name), bytes(`value of ${name}`), 'absent')).outcome, 'written');
  }

  for (const api of ['v2', 'v3'] as const) {
    it(`moves all ${api} keys of a prefix, and overwrites none`, async () => {
      const store = await stores.of(server, api);
      const names = Array.from({ length: 150 }, (_, index) => `odd name ${index}%`);
      await fill(store, `/${api}/from/`, names);
      await store.put(bytes(`/${api}/to/odd name 7%`), bytes('not ours'), 'absent');
      const report = await new TransferJob(await planFor(store, `/${api}/from/`, `/${api}/to/`)).run();
      assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 149, taken: [`/${api}/from/odd name 7%`] });
      assert.deepEqual(await contents(store, `/${api}/from/`), {
        [`/${api}/from/odd name 7%`]: 'value of odd name 7%',
      });
      const moved = await contents(store, `/${api}/to/`);
      assert.equal(Object.keys(moved).length, 150);
      assert.equal(moved[`/${api}/to/odd name 7%`], 'not ours');
      assert.equal(moved[`/${api}/to/odd name 149%`], 'value of odd name 149%');
    });

    it(`copies ${api} keys and leaves the old ones`, async () => {
      const store = await stores.of(server, api);
      await fill(store, `/${api}/source/`, ['a', 'b/c']);
      const plan = await planFor(store, `/${api}/source/`, `/${api}/copy/`, { move: false });
      assert.equal((await new TransferJob(plan).run()).done, 2);
      for (const prefix of ['source', 'copy'])
        assert.deepEqual(Object.values(await contents(store, `/${api}/${prefix}/`)), ['value of a', 'value of b/c']);
    });

    it(`overwrites ${api} keys as they were seen, and none that was written since`, async () => {
      const store = await stores.of(server, api);
      await fill(store, `/${api}/new/`, ['a', 'b', 'c']);
      for (const name of ['a', 'b']) await store.put(bytes(`/${api}/old/${name}`), bytes('older'), 'absent');
      const plan = await planFor(store, `/${api}/new/`, `/${api}/old/`, { taken: 'overwrite' });
      const { kv } = await store.get(bytes(`/${api}/old/b`));
      assert.ok(kv);
      await store.put(bytes(`/${api}/old/b`), bytes('a colleague was faster'), kv);
      await store.put(bytes(`/${api}/old/c`), bytes('a colleague was first'), 'absent');
      const report = await new TransferJob(plan).run();
      const taken = [`/${api}/new/b`, `/${api}/new/c`];
      assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 1, overwritten: 1, taken });
      assert.deepEqual(Object.values(await contents(store, `/${api}/old/`)), [
        'value of a',
        'a colleague was faster',
        'a colleague was first',
      ]);
      assert.deepEqual(Object.keys(await contents(store, `/${api}/new/`)), taken);
    });

    it(`leaves ${api} keys alone that were written, deleted or created since they were seen`, async () => {
      const store = await stores.of(server, api);
      await fill(store, `/${api}/busy/`, ['a', 'b', 'c']);
      const plan = await planFor(store, `/${api}/busy/`, `/${api}/calm/`);
      const { kv } = await store.get(bytes(`/${api}/busy/b`));
      assert.ok(kv);
      await store.put(bytes(`/${api}/busy/b`), bytes('newer'), kv);
      await store.put(bytes(`/${api}/busy/d`), bytes('created'), 'absent');
      const report = await new TransferJob(plan).run();
      assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 2, changed: [`/${api}/busy/b`, `/${api}/busy/d`] });
      assert.deepEqual(Object.keys(await contents(store, `/${api}/calm/`)), [`/${api}/calm/a`, `/${api}/calm/c`]);
    });
  }

  it('gives keys other names where theirs are taken, and finds them again', async () => {
    const store = await stores.of(server);
    await fill(store, '/names/from/', ['a', 'b']);
    for (const name of ['a', 'a copy 1', 'b']) await store.put(bytes(`/names/to/${name}`), bytes('taken'), 'absent');
    const alternative = (key: Uint8Array, attempt: number) => Buffer.concat([key, bytes(` copy ${attempt}`)]);
    const plan = await planFor(store, '/names/from/', '/names/to/', { taken: 'rename', move: false, alternative });
    assert.deepEqual(told(await new TransferJob(plan).run()), { ...NOTHING_LEFT, done: 2 });
    assert.deepEqual(told(await new TransferJob(plan).run()), { ...NOTHING_LEFT, done: 2, present: 2 });
    assert.deepEqual(Object.keys(await contents(store, '/names/to/')), [
      '/names/to/a',
      '/names/to/a copy 1',
      '/names/to/a copy 2',
      '/names/to/b',
      '/names/to/b copy 1',
    ]);
  });

  it('gives no other name to what is to be left where its name is taken', async () => {
    const store = await stores.of(server);
    await fill(store, '/left/from/', ['a']);
    await store.put(bytes('/left/to/a'), bytes('taken'), 'absent');
    const alternative = (key: Uint8Array, attempt: number) => Buffer.concat([key, bytes(` copy ${attempt}`)]);
    for (const taken of ['skip', 'overwrite'] as const) {
      const plan = await planFor(store, '/left/from/', '/left/to/', { taken, alternative });
      if (taken === 'overwrite')
        await store.put(bytes('/left/to/a'), bytes('theirs'), (await store.get(bytes('/left/to/a'))).kv ?? 'absent');
      assert.deepEqual(told(await new TransferJob(plan).run()).taken, ['/left/from/a']);
    }
    assert.deepEqual(await contents(store, '/left/to/'), { '/left/to/a': 'theirs' });
  });

  it('takes what has the same value already for moved, and does not write it again', async () => {
    const store = await stores.of(server);
    await fill(store, '/same/from/', ['a', 'b']);
    await fill(store, '/same/to/', ['a']);
    const { kv: before } = await store.get(bytes('/same/to/a'));
    const report = await new TransferJob(await planFor(store, '/same/from/', '/same/to/')).run();
    assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 2, present: 1 });
    assert.deepEqual(await contents(store, '/same/from/'), {});
    assert.equal((await store.get(bytes('/same/to/a'))).kv?.modRevision, before?.modRevision);
  });

  it('takes no key that ends with its lease for the copy of one that stays, nor the other way round', async () => {
    const store = await stores.of(server);
    await fill(store, '/stays/', ['a']);
    await store.put(bytes('/ends/a'), bytes('value of a'), 'absent', { lifetime: { ttl: 600 } });
    for (const [source, target] of [
      ['/stays/', '/ends/'],
      ['/ends/', '/stays/'],
    ] as const) {
      const report = await new TransferJob(await planFor(store, source, target)).run();
      assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 0, taken: [`${source}a`] });
      assert.deepEqual(await contents(store, source), { [`${source}a`]: 'value of a' });
    }
  });

  // A scan meets `er/x` before `x`, and `a` before `z/a`.
  for (const [key, folder] of [
    ['x', 'er/'],
    ['a', 'z/'],
  ] as const)
    it(`never writes over a key that is to be moved itself: ${key} into ${folder}`, async () => {
      const store = await stores.of(server);
      const prefix = `/chain ${folder}`;
      await fill(store, prefix, [key, folder + key]);
      const plan = await planFor(store, prefix, prefix + folder, { taken: 'overwrite' });
      const report = await new TransferJob(plan).run();
      assert.equal(report.done + report.leftCount, 2);
      assert.deepEqual(
        Object.values(await contents(store, prefix)).toSorted(),
        [`value of ${folder}${key}`, `value of ${key}`].toSorted(),
      );
    });

  for (const move of [true, false])
    it(`does not ${move ? 'move' : 'copy'} what somebody writes just before`, async () => {
      const store = await stores.of(server);
      const [from, to] = [`/just/${move}/`, `/just ${move}/`];
      await fill(store, from, ['a', 'b']);
      const before = once(async () => {
        const { kv } = await store.get(bytes(`${from}a`));
        await store.put(bytes(`${from}a`), bytes('newer'), kv ?? 'absent');
      });
      // Another connection would not be the same store.
      const busy = interrupted(store, { before });
      const report = await new TransferJob(await planFor(busy, from, to, { move })).run();
      assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 1, changed: [`${from}a`] });
      assert.deepEqual(await contents(store, to), { [`${to}b`]: 'value of b' });
      assert.equal((await contents(store, from))[`${from}a`], 'newer');
    });

  it('keeps leases, and every byte of keys and values', async () => {
    const store = await stores.of(server);
    const lease = await store.leases?.grant(600);
    assert.ok(lease);
    const key = Buffer.concat([bytes('/bytes/'), Uint8Array.of(0, 255, 47, 128)]);
    const value = Uint8Array.from({ length: 256 }, (_, index) => index);
    await store.put(key, value, 'absent', { lifetime: { lease } });
    await new TransferJob(await planFor(store, '/bytes/', '/moved bytes/')).run();
    const moved = Buffer.concat([bytes('/moved bytes/'), Uint8Array.of(0, 255, 47, 128)]);
    const { kv } = await store.get(moved);
    assert.deepEqual(new Uint8Array(kv?.value ?? []), value);
    assert.equal(kv?.lease, lease);
  });

  it('moves a prefix into itself and out again', async () => {
    const store = await stores.of(server);
    await fill(store, '/deep/', ['x', 'y/z']);
    assert.equal((await new TransferJob(await planFor(store, '/deep/', '/deep/er/')).run()).done, 2);
    assert.deepEqual(Object.keys(await contents(store, '/deep/')), ['/deep/er/x', '/deep/er/y/z']);
    assert.equal((await new TransferJob(await planFor(store, '/deep/er/', '/deep/')).run()).done, 2);
    assert.deepEqual(Object.keys(await contents(store, '/deep/')), ['/deep/x', '/deep/y/z']);
  });

  it('removes v2 directories that a move leaves empty, and no other', async () => {
    const store = await stores.of(server, 'v2');
    await fill(store, '/tree/', ['a', 'b/c', 'b/d/e', 'kept/k']);
    const plan = await planFor(store, '/tree/', '/moved tree/');
    const { kv } = await store.get(bytes('/tree/kept/k'));
    assert.ok(kv);
    await store.put(bytes('/tree/kept/k'), bytes('newer'), kv);
    assert.equal((await new TransferJob(plan).run()).done, 3);
    const { children } = await store.listChildren(bytes('/tree/')).next(10);
    assert.deepEqual(
      children.map(({ path }) => text(path)),
      ['/tree/kept/'],
    );
  });

  it('stops when it is cancelled, says how far it came, and goes on', async () => {
    const store = await stores.of(server);
    await fill(
      store,
      '/stop/',
      Array.from({ length: 200 }, (_, index) => `k${index}`),
    );
    const job = new TransferJob(await planFor(store, '/stop/', '/stopped/'));
    const abort = new AbortController();
    await assert.rejects(
      job.run({ signal: abort.signal, progress: () => abort.abort() }),
      /^EtcdError: Stopped after moving \d+ keys/,
    );
    assert.deepEqual(told(await job.run()), { ...NOTHING_LEFT, done: 200 });
    assert.equal(Object.keys(await contents(store, '/stopped/')).length, 200);
  });

  it('loses nothing of anybody when the server is killed at 20 random moments while somebody else writes the same keys', async function () {
    this.timeout('3m');
    const [store, theirs] = [await stores.of(server), await stores.of(server)];
    const random = new Random(17);
    for (let round = 0; round < 20; round++) {
      const [from, to] = [`/both/${round}/from/`, `/both/${round}/to/`];
      await fill(store, from, TWENTY);
      const job = new TransferJob(await planFor(store, from, to));
      const other = new SecondWriter(
        theirs,
        CONTESTED.map((name, index) => (index < 4 ? from : to) + name),
        random,
      );
      const moving = job.run().catch((error: unknown) => {
        assert.ok(EtcdError.is(error), String(error));
      });
      await new Promise((resolve) => setTimeout(resolve, random.below(15)));
      await server.kill();
      await moving;
      await server.restart();
      const again = round % 2 === 0 ? job : new TransferJob(await eventually(() => planFor(store, from, to)));
      const report = await eventually(() => again.run());
      await other.stop();
      await checkBoth(report, other, { left: await contents(store, from), there: await contents(store, to), from, to });
    }
  });

  it('loses nothing when the server is killed at 50 random moments, and goes on when it is called again', async function () {
    this.timeout('5m');
    const store = await stores.of(server);
    const random = new Random(11);
    for (let round = 0; round < 50; round++) {
      const [from, to] = [`/kill/${round}/from/`, `/kill/${round}/to/`];
      const value = new Uint8Array(20_000).fill(65 + (round % 26));
      for (let index = 0; index < 20; index++) await store.put(bytes(`${from}${index}`), value, 'absent');
      const job = new TransferJob(await planFor(store, from, to));
      const moving = job.run().catch((error: unknown) => {
        assert.ok(EtcdError.is(error), String(error));
      });
      await new Promise((resolve) => setTimeout(resolve, random.below(15)));
      await server.kill();
      await moving;
      await server.restart();
      const [left, there] = [
        await eventually(() => contents(store, from)),
        await eventually(() => contents(store, to)),
      ];
      assert.equal(Object.keys(left).length + Object.keys(there).length, 20);
      if (round % 2 === 0) assert.deepEqual(told(await eventually(() => job.run())), { ...NOTHING_LEFT, done: 20 });
      else {
        const again = new TransferJob(await eventually(() => planFor(store, from, to)));
        const done = Object.keys(left).length;
        assert.deepEqual(told(await eventually(() => again.run())), { ...NOTHING_LEFT, done });
      }
      assert.deepEqual(await contents(store, from), {});
      assert.deepEqual(Object.values(await contents(store, to)), Array(20).fill(text(value)));
    }
  });
});
