import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { putBack } from '../../../src/etcd/writes/putBack.ts';
import type { Undone } from '../../../src/etcd/writes/undone.ts';
import { TransferJob } from '../../../src/etcd/transfer/transferJob.ts';
import type { Written } from '../../../src/etcd/transfer/transferWriter.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { Random } from '../../unit/listing/random.ts';
import { bytes, text } from '../connecting.ts';
import { eventually } from '../eventually.ts';
import { interrupted, once, replaced } from '../interrupted.ts';
import { SecondWriter } from '../secondWriter.ts';
import { checkBoth, contents, CONTESTED, NOTHING_LEFT, planFor, Stores, told, TWENTY } from './transferring.ts';

describe('moving and copying keys between stores', () => {
  let from: EtcdServer;
  let to: EtcdServer;
  const stores = new Stores();

  before(async function () {
    this.timeout('5m');
    from = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
    to = await startEtcd({ version: '3.5', extraArgs: ['--max-txn-ops', '16'] });
  });
  after(async () => {
    await from?.stop();
    await to?.stop();
  });
  afterEach(() => stores.close());

  async function fill(store: KeyStore, prefix: string, names: readonly string[]): Promise<void> {
    for (const name of names)
      assert.equal((await store.put(bytes(prefix + name), bytes(`value of ${name}`), 'absent')).outcome, 'written');
  }

  async function overwrite(store: KeyStore, key: string, value: string): Promise<void> {
    const { kv } = await store.get(bytes(key));
    assert.ok(kv);
    assert.equal((await store.put(kv.key, bytes(value), kv)).outcome, 'written');
  }

  it('moves keys to a server that takes 16 operations in a transaction, and back', async () => {
    const [here, there] = [await stores.of(from), await stores.of(to)];
    const names = Array.from({ length: 100 }, (_, index) => `k${index}`);
    await fill(here, '/ops/', names);
    assert.equal((await new TransferJob(await planFor([here, there], '/ops/', '/ops/')).run()).done, 100);
    assert.equal(there.capabilities.transactionSteps, 16);
    assert.equal(Object.keys(await contents(there, '/ops/')).length, 100);
    assert.deepEqual(await contents(here, '/ops/'), {});
    // Within this store, a key takes two operations.
    const fresh = await stores.of(to);
    assert.equal((await new TransferJob(await planFor(fresh, '/ops/', '/within/')).run()).done, 100);
    const back = await planFor([await stores.of(to), here], '/within/', '/back/');
    assert.equal((await new TransferJob(back).run()).done, 100);
    assert.equal((await contents(here, '/back/'))['/back/k99'], 'value of k99');
  });

  it('undoes on such a server what a copy created and overwrote, unless others wrote it since', async () => {
    const store = await stores.of(to);
    const names = Array.from({ length: 40 }, (_, index) => `k${index}`);
    await fill(store, '/undone/', names);
    for (const name of ['k1', 'k2']) await store.put(bytes(`/copied/${name}`), bytes('was there'), 'absent');
    const plan = await planFor(store, '/undone/', '/copied/', { move: false, taken: 'overwrite' });
    const changes: Undone[] = [];
    const record = (written: readonly Written[]) => {
      for (const { target, previous, revision: modRevision } of written)
        changes.push(previous ? { previous, left: { modRevision } } : { created: target, left: { modRevision } });
    };
    await new TransferJob(plan).run({ record });
    for (const name of ['k2', 'k3']) {
      const { kv } = await store.get(bytes(`/copied/${name}`));
      assert.ok(kv);
      await store.put(kv.key, bytes('of a colleague'), kv);
    }
    // A store that does not know the server's limit yet.
    const { restored, removed, changedSince } = await putBack(await stores.of(to), changes);
    // One of the overwritten keys is left alone, and one of the created ones.
    assert.deepEqual([restored, removed], [38, 37]);
    assert.deepEqual(changedSince.map(text).toSorted(), ['/copied/k2', '/copied/k3']);
    assert.deepEqual(await contents(store, '/copied/'), {
      '/copied/k1': 'was there',
      '/copied/k2': 'of a colleague',
      '/copied/k3': 'of a colleague',
    });
  });

  it('lists, counts and reads many keys of such a server', async () => {
    const store = await stores.of(to);
    const keys = Array.from({ length: 300 }, (_, index) => bytes(`/many/${index}/key`));
    for (const key of keys) await store.put(key, bytes('v'), 'absent');
    const { children } = await (await stores.of(to)).listChildren(bytes('/many/')).next(1000);
    assert.equal(children.length, 300);
    const { kvs } = await (await stores.of(to)).getMany([...keys.slice(0, 128), bytes('/many/none')]);
    assert.deepEqual([kvs.length, kvs.filter(Boolean).length], [129, 128]);
    const ranges = keys.slice(0, 100).map((key) => ({ start: key, end: Uint8Array.of(...key, 0) }));
    assert.equal((await (await stores.of(to)).count(ranges)).keys, 100);
  });

  it('works where a transaction has one operation', async function () {
    this.timeout('5m');
    const server = await startEtcd({ extraArgs: ['--max-txn-ops', '1'] });
    try {
      const store = await stores.of(server);
      await fill(store, '/one/', ['a', 'b', 'c']);
      assert.equal((await eventually(() => planFor(store, '/one/', '/single/'))).roots.length, 1);
      const job = new TransferJob(await planFor(store, '/one/', '/single/'));
      assert.deepEqual(told(await job.run()), { ...NOTHING_LEFT, done: 3 });
      assert.deepEqual(Object.keys(await contents(store, '/')), ['/single/a', '/single/b', '/single/c']);
    } finally {
      await server.stop();
    }
  });

  it('keeps leases where another connection leads to the same cluster, and says where they are lost', async () => {
    const [here, there] = [await stores.of(from), await stores.of(to)];
    const lease = await here.leases?.grant(600);
    assert.ok(lease);
    await here.put(bytes('/leased/k'), bytes('v'), 'absent', { lifetime: { lease } });
    const same = await planFor([here, await stores.of(from)], '/leased/', '/still leased/', { move: false });
    assert.equal((await new TransferJob(same).run()).withoutLease, 0);
    assert.equal((await here.get(bytes('/still leased/k'))).kv?.lease, lease);
    const other = await planFor([here, there], '/leased/', '/leased/', { move: false });
    assert.equal((await new TransferJob(other).run()).withoutLease, 1);
    assert.equal((await there.get(bytes('/leased/k'))).kv?.lease, 0n);
  });

  it('does not take a key for its own copy where two connections lead to it', async () => {
    const [one, other] = [await stores.of(from), await stores.of(from)];
    await fill(one, '/itself/', ['a']);
    const report = await new TransferJob(await planFor([one, other], '/itself/', '/itself/')).run();
    assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 0, taken: ['/itself/a'] });
    assert.deepEqual(await contents(one, '/itself/'), { '/itself/a': 'value of a' });
  });

  it('moves what v2 can hold from v3, and leaves the rest', async () => {
    const [v3, v2] = [await stores.of(from), await stores.of(from, 'v2')];
    await fill(v3, '/mixed/', ['a', 'b//c', 'd/', 'e/f']);
    await v3.put(bytes('/mixed/g'), Uint8Array.of(255), 'absent');
    const report = await new TransferJob(await planFor([v3, v2], '/mixed/', '/mixed/')).run();
    const impossible = ['/mixed/b//c', '/mixed/d/', '/mixed/g'];
    assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 2, impossible });
    assert.match(report.whyImpossible ?? '', /empty segments/);
    assert.deepEqual(await contents(v2, '/mixed/'), { '/mixed/a': 'value of a', '/mixed/e/f': 'value of e/f' });
    assert.deepEqual(Object.keys(await contents(v3, '/mixed/')), impossible);
  });

  it('leaves a v3 key that is a folder too where v2 has the folder', async () => {
    const [v3, v2] = [await stores.of(from), await stores.of(from, 'v2')];
    await fill(v3, '/both/', ['x', 'x/y']);
    const report = await new TransferJob(await planFor([v3, v2], '/both/', '/both/')).run();
    assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 1, impossible: ['/both/x/y'] });
    assert.deepEqual(Object.keys(await contents(v3, '/both/')), ['/both/x/y']);
  });

  it('keeps the time to live of a v2 key as a lease in v3', async () => {
    const [v2, v3] = [await stores.of(from, 'v2'), await stores.of(to)];
    await v2.put(bytes('/timed/k'), bytes('v'), 'absent', { lifetime: { ttl: 500 } });
    assert.equal((await new TransferJob(await planFor([v2, v3], '/timed/', '/timed/')).run()).done, 1);
    const lease = (await v3.get(bytes('/timed/k'))).kv?.lease ?? 0n;
    const left = (await v3.leases?.timeToLive(lease)) ?? 0;
    assert.ok(left > 400 && left <= 500, String(left));
    assert.deepEqual(await contents(v2, '/timed/'), {});
  });

  for (const api of ['v2', 'v3'] as const)
    for (const move of [true, false])
      it(`takes the copy back where the ${api} key changes before it is ${move ? 'deleted' : 'checked'}`, async () => {
        const [source, target] = [await stores.of(from, api), await stores.of(to)];
        const prefix = `/changing/${api}/${move}/`;
        await fill(source, prefix, ['a', 'b', 'gone']);
        await target.put(bytes(`${prefix}b`), bytes('was there'), 'absent');
        const before = once(async () => {
          for (const name of ['a', 'b']) await overwrite(source, prefix + name, 'newer');
          const { kv } = await source.get(bytes(`${prefix}gone`));
          if (kv) await source.transact([{ kind: 'delete', key: kv.key, expected: kv }]);
        });
        const busy = interrupted(target, { before });
        const plan = await planFor([source, busy], prefix, prefix, { move, taken: 'overwrite' });
        const report = await new TransferJob(plan).run();
        assert.equal(report.done, 0);
        assert.deepEqual(await contents(source, prefix), { [`${prefix}a`]: 'newer', [`${prefix}b`]: 'newer' });
        assert.deepEqual(await contents(target, prefix), { [`${prefix}b`]: 'was there' });
        assert.deepEqual(
          told(report).changed.toSorted(),
          ['a', 'b', 'gone'].map((name) => prefix + name),
        );
        assert.deepEqual(told(report).stale, []);
      });

  it('leaves the old key where somebody writes over its copy at once', async () => {
    const [source, target] = [await stores.of(from), await stores.of(to)];
    await fill(source, '/raced/', ['a']);
    const plan = await planFor([source, target], '/raced/', '/raced/');
    const getMany: KeyStore['getMany'] = async (keys, options) => {
      await overwrite(target, '/raced/a', 'of a colleague');
      return await target.getMany(keys, options);
    };
    const raced = replaced(target, { getMany });
    const report = await new TransferJob({ ...plan, target: raced }).run();
    assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 0, taken: ['/raced/a'] });
    assert.deepEqual(await contents(source, '/raced/'), { '/raced/a': 'value of a' });
    assert.deepEqual(await contents(target, '/raced/'), { '/raced/a': 'of a colleague' });
  });

  it('puts back at the new name what stood there with its lease, where the old key changes', async () => {
    const [source, target] = [await stores.of(from), await stores.of(to)];
    await fill(source, '/was leased/', ['a']);
    await target.put(bytes('/was leased/a'), bytes('was there'), 'absent', { lifetime: { ttl: 600 } });
    const lease = (await target.get(bytes('/was leased/a'))).kv?.lease ?? 0n;
    assert.notEqual(lease, 0n);
    const busy = interrupted(target, { before: once(() => overwrite(source, '/was leased/a', 'newer')) });
    const plan = await planFor([source, busy], '/was leased/', '/was leased/', { taken: 'overwrite' });
    assert.deepEqual(told(await new TransferJob(plan).run()).changed, ['/was leased/a']);
    const { kv } = await target.get(bytes('/was leased/a'));
    assert.deepEqual([text(kv?.value), kv?.lease], ['was there', lease]);
  });

  for (const taken of ['skip', 'overwrite'] as const)
    it(`takes a copy back whose answer was lost where the old key was written meanwhile (${taken})`, async () => {
      const [source, target] = [await stores.of(from), await stores.of(to)];
      const key = `/unheard/${taken}/a`;
      await fill(source, `/unheard/${taken}/`, ['a']);
      if (taken === 'overwrite') await target.put(bytes(key), bytes('was there'), 'absent');
      const after = once(async () => {
        await overwrite(source, key, 'of a colleague');
        throw new EtcdError('fateUnknown', 'The answer was lost.');
      });
      const silent = interrupted(target, {
        after: async (_, { outcome }) => {
          if (outcome === 'done') await after();
        },
      });
      const plan = await planFor([source, silent], `/unheard/${taken}/`, `/unheard/${taken}/`, { taken });
      const job = new TransferJob(plan);
      await assert.rejects(job.run(), (error) => EtcdError.is(error, 'fateUnknown'));
      assert.deepEqual(told(await job.run()), { ...NOTHING_LEFT, done: 0, changed: [key] });
      assert.deepEqual(await contents(source, key), { [key]: 'of a colleague' });
      assert.deepEqual(await contents(target, key), taken === 'skip' ? {} : { [key]: 'was there' });
    });

  it('leaves a key whose value the other server does not take', async function () {
    this.timeout('5m');
    const small = await startEtcd({ extraArgs: ['--max-request-bytes', '20000'] });
    try {
      const [source, target] = [await stores.of(from), await stores.of(small)];
      await fill(source, '/size/', ['a', 'c']);
      await source.put(bytes('/size/b'), new Uint8Array(50_000).fill(65), 'absent');
      for (let index = 0; index < 10; index++)
        await source.put(bytes(`/size/d${index}`), new Uint8Array(5_000).fill(65), 'absent');
      const report = await new TransferJob(await planFor([source, target], '/size/', '/size/')).run();
      assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 12, impossible: ['/size/b'] });
      assert.deepEqual(Object.keys(await contents(source, '/size/')), ['/size/b']);
    } finally {
      await small.stop();
    }
  });

  it('loses nothing of anybody when one of both servers is killed at 20 random moments while somebody else writes the same keys', async function () {
    this.timeout('4m');
    const [source, target] = [await stores.of(from), await stores.of(to)];
    const [theirSource, theirTarget] = [await stores.of(from), await stores.of(to)];
    const random = new Random(29);
    for (let round = 0; round < 20; round++) {
      const [here, there] = [`/both here/${round}/`, `/both there/${round}/`];
      for (const name of TWENTY)
        await eventually(() => source.put(bytes(here + name), bytes(`value of ${name}`), 'absent'));
      const victim = random.below(2) === 0 ? from : to;
      const job = new TransferJob(await eventually(() => planFor([source, target], here, there)));
      const others = [
        new SecondWriter(
          theirSource,
          CONTESTED.slice(0, 4).map((name) => here + name),
          random,
        ),
        new SecondWriter(
          theirTarget,
          CONTESTED.slice(4).map((name) => there + name),
          random,
        ),
      ];
      const moving = job.run().catch((error: unknown) => {
        assert.ok(EtcdError.is(error), String(error));
      });
      await new Promise((resolve) => setTimeout(resolve, random.below(30)));
      await victim.kill();
      await moving;
      await victim.restart();
      const again =
        round % 2 === 0 ? job : new TransferJob(await eventually(() => planFor([source, target], here, there)));
      const report = await eventually(() => again.run());
      for (const other of others) await other.stop();
      const after = { left: await contents(source, here), there: await contents(target, there), from: here, to: there };
      for (const other of others) await checkBoth(report, other, after);
    }
  });

  it('loses nothing when one of both servers is killed at 50 random moments of a move between them, and goes on when it is called again', async function () {
    this.timeout('5m');
    const [source, target] = [await stores.of(from), await stores.of(to)];
    const random = new Random(23);
    // The store must know the server's limit, so that a batch has the same transactions in each round.
    await target.getMany(Array.from({ length: 128 }, (_, index) => bytes(`/none/${index}`)));
    for (let round = 0; round < 50; round++) {
      const prefix = `/kill/${round}/`;
      const value = new Uint8Array(20_000).fill(65 + (round % 26));
      const names = Array.from({ length: 20 }, (_, index) => `${prefix}${index}`);
      for (const name of names) await eventually(() => source.put(bytes(name), value, 'absent'));
      const victim = random.below(2) === 0 ? from : to;
      // In every other pair of rounds just before one of the four transactions, otherwise at any time.
      const point = round % 4 < 2 ? random.below(4) : undefined;
      let transactions = 0;
      let killed: Promise<void> | undefined;
      const counted = (store: KeyStore) =>
        interrupted(store, {
          before: () => {
            if (transactions++ === point) killed = victim.kill();
          },
        });
      const plan = await eventually(() => planFor([counted(source), counted(target)], prefix, prefix));
      const job = new TransferJob(plan);
      let stopped = false;
      const moving = job.run().catch((error: unknown) => {
        assert.ok(EtcdError.is(error), String(error));
        stopped = true;
      });
      if (point === undefined) {
        await new Promise((resolve) => setTimeout(resolve, random.below(30)));
        killed = victim.kill();
      }
      await moving;
      await killed;
      if (point !== undefined) assert.equal(stopped, !(point === 3 && victim === to));
      await victim.restart();
      const [left, there] = [
        await eventually(() => contents(source, prefix)),
        await eventually(() => contents(target, prefix)),
      ];
      for (const name of names) assert.ok((left[name] ?? there[name]) === text(value), `${name} is lost`);
      // Resumed, or started again with nothing but the two servers.
      const again =
        round % 2 === 0 ? job : new TransferJob(await eventually(() => planFor([source, target], prefix, prefix)));
      const report = await eventually(() => again.run());
      const done = again === job ? 20 : Object.keys(left).length;
      assert.deepEqual(told(report), { ...NOTHING_LEFT, done, present: report.present });
      assert.deepEqual(await contents(source, prefix), {});
      assert.deepEqual(Object.values(await contents(target, prefix)), Array(20).fill(text(value)));
    }
  });
});
