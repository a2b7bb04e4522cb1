import assert from 'node:assert/strict';
import { EtcdError } from '../../src/etcd/errors.ts';
import type { Change, KeyStore } from '../../src/etcd/keyStore.ts';
import { putBack, type Undone } from '../../src/etcd/putBack.ts';
import { TransferJob } from '../../src/etcd/transfer/transferJob.ts';
import type { Written } from '../../src/etcd/transfer/transferWriter.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Random } from '../unit/keyspace/random.ts';
import { bytes, text } from './connecting.ts';
import { eventually } from './eventually.ts';
import { contents, NOTHING_LEFT, planFor, Stores, told } from './transferring.ts';

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

  /** The store, where something happens before each of its transactions. */
  function interrupted(store: KeyStore, before: (changes: readonly Change[]) => Promise<void>): KeyStore {
    const transact: KeyStore['transact'] = async (changes) => {
      await before(changes);
      return await store.transact(changes);
    };
    return new Proxy(store, {
      get(_, name) {
        if (name === 'transact') return transact;
        const value: unknown = Reflect.get(store, name, store);
        return typeof value === 'function' ? (value.bind(store) as unknown) : value;
      },
    });
  }

  it('moves keys to a server that takes 16 operations in a transaction, and back', async () => {
    const [here, there] = [await stores.of(from), await stores.of(to)];
    const names = Array.from({ length: 100 }, (_, index) => `k${index}`);
    await fill(here, '/ops/', names);
    assert.equal((await new TransferJob(await planFor([here, there], '/ops/', '/ops/')).run()).done, 100);
    assert.equal(there.capabilities.transactionSteps, 16);
    assert.equal(Object.keys(await contents(there, '/ops/')).length, 100);
    assert.deepEqual(await contents(here, '/ops/'), {});
    // Within it a key takes two operations.
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
    // A store that has not learned yet how little the server takes.
    const { restored, removed, changedSince } = await putBack(await stores.of(to), changes);
    // One of those that were overwritten is left alone, and one of those that were created.
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
    this.timeout('1m');
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
        let open = true;
        const busy = interrupted(target, async (changes) => {
          if (!open || !changes.some(({ kind }) => kind === 'put')) return;
          open = false;
          for (const name of ['a', 'b']) {
            const { kv } = await source.get(bytes(prefix + name));
            if (kv) await source.put(kv.key, bytes('newer'), kv);
          }
          const { kv } = await source.get(bytes(`${prefix}gone`));
          if (kv) await source.transact([{ kind: 'delete', key: kv.key, expected: kv }]);
        });
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
    const raced = new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name !== 'getMany') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        const getMany: KeyStore['getMany'] = async (keys, options) => {
          const { kv } = await target.get(bytes('/raced/a'));
          if (kv) await target.put(kv.key, bytes('of a colleague'), kv);
          return await target.getMany(keys, options);
        };
        return getMany;
      },
    });
    const report = await new TransferJob({ ...plan, target: raced }).run();
    assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 0, taken: ['/raced/a'] });
    assert.deepEqual(await contents(source, '/raced/'), { '/raced/a': 'value of a' });
    assert.deepEqual(await contents(target, '/raced/'), { '/raced/a': 'of a colleague' });
  });

  it('leaves a key whose value the other server does not take', async function () {
    this.timeout('1m');
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

  it('loses nothing when one of both servers is killed at 50 random moments of a move between them, and goes on when it is called again', async function () {
    this.timeout('4m');
    const [source, target] = [await stores.of(from), await stores.of(to)];
    const random = new Random(23);
    // It has to have learned how many operations that server takes, so that a batch has the same transactions in each round.
    await target.getMany(Array.from({ length: 128 }, (_, index) => bytes(`/none/${index}`)));
    for (let round = 0; round < 50; round++) {
      const prefix = `/kill/${round}/`;
      const value = new Uint8Array(20_000).fill(65 + (round % 26));
      const names = Array.from({ length: 20 }, (_, index) => `${prefix}${index}`);
      for (const name of names) await eventually(() => source.put(bytes(name), value, 'absent'));
      const victim = random.below(2) === 0 ? from : to;
      // In every other pair of rounds just before one of the four transactions, else at any time.
      const point = round % 4 < 2 ? random.below(4) : undefined;
      let transactions = 0;
      let killed: Promise<void> | undefined;
      const counted = (store: KeyStore) =>
        interrupted(store, async () => {
          if (transactions++ === point) killed = victim.kill();
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
      // Resumed, or begun anew by whoever has only the two servers to go by.
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
