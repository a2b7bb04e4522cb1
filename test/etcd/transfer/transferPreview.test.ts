import assert from 'node:assert/strict';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { TransferJob } from '../../../src/etcd/transfer/transferJob.ts';
import { previewTransfer, type TransferPreview } from '../../../src/etcd/transfer/transferPreview.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, text } from '../connecting.ts';
import { contents, NOTHING_LEFT, Stores, told } from './transferring.ts';

const MAX_VALUES = { keys: 1000, bytes: 1_000_000 };

describe('the preview of a move or copy', () => {
  let server: EtcdServer;
  let guarded: EtcdServer;
  const stores = new Stores();

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
    guarded = await startEtcd({ auth: { rootPassword: 'root' } });
    for (const args of [
      ['role', 'add', 'half'],
      ['role', 'grant-permission', 'half', 'readwrite', '/half/a', '/half/n'],
      ['role', 'grant-permission', 'half', 'read', '/half/', '/half0'],
      ['role', 'grant-permission', 'half', 'readwrite', '/to/', '/to0'],
      ['role', 'grant-permission', 'half', 'readwrite', '/part/a', '/part/n'],
      ['user', 'add', 'mina:pw', '--interactive=false'],
      ['user', 'grant-role', 'mina', 'half'],
    ])
      assert.equal((await guarded.etcdctl(args)).code, 0);
  });
  after(async () => {
    await server?.stop();
    await guarded?.stop();
  });
  afterEach(() => stores.close());

  async function fill(store: KeyStore, prefix: string, names: readonly string[], value = 'v'): Promise<void> {
    for (const name of names) await store.put(bytes(prefix + name), bytes(value), 'absent');
  }

  async function preview(
    both: readonly [KeyStore, KeyStore],
    from: string,
    to: string,
    more: { move?: boolean; mostValues?: typeof MAX_VALUES } = {},
  ): Promise<TransferPreview> {
    const roots = [{ kind: 'folder' as const, from: bytes(from), to: bytes(to) }];
    const { signal } = new AbortController();
    return await previewTransfer({
      ...{ source: both[0], target: both[1], roots, move: true, mostValues: MAX_VALUES, signal },
      ...more,
    });
  }

  function run(both: readonly [KeyStore, KeyStore], from: string, to: string, { seen, oneCluster }: TransferPreview) {
    const roots = [{ kind: 'folder' as const, from: bytes(from), to: bytes(to) }];
    return new TransferJob({
      source: both[0],
      target: both[1],
      roots,
      move: true,
      taken: 'skip',
      seen,
      oneCluster,
    }).run();
  }

  function fates({ entries }: TransferPreview): Record<string, string> {
    return Object.fromEntries(entries.map(({ target, fate }) => [text(target), fate]));
  }

  it('says what is created, what is taken and what is there already', async () => {
    const store = await stores.of(server);
    await fill(store, '/from/', ['new', 'same', 'taken']);
    await fill(store, '/to/', ['same']);
    await fill(store, '/to/', ['taken'], 'other');
    const shown = await preview([store, store], '/from/', '/to/');
    assert.deepEqual(fates(shown), { '/to/new': 'create', '/to/same': 'present', '/to/taken': 'taken' });
    assert.deepEqual(shown.counts, { create: 1, taken: 1, present: 1, denied: 0, impossible: 0 });
    assert.equal(shown.total, 3);
    const { kv } = await store.get(bytes('/to/taken'));
    assert.equal(shown.entries.find(({ fate }) => fate === 'taken')?.there, kv?.modRevision);
  });

  it('looks at thousands of keys without their values, and lists the first', async function () {
    this.timeout('5m');
    const store = await stores.of(server);
    for (let index = 0; index < 6000; index += 100)
      await store.transact(
        Array.from({ length: 100 }, (_, offset) => ({
          kind: 'put' as const,
          key: bytes(`/many/${index + offset}`),
          value: bytes('v'),
          expected: 'absent' as const,
        })),
      );
    await fill(store, '/few/', ['17'], 'other');
    const shown = await preview([store, store], '/many/', '/few/');
    assert.deepEqual([shown.total, shown.counts.create, shown.counts.taken], [6000, 5999, 1]);
    assert.equal(shown.bytes, undefined);
    assert.equal(shown.entries.length, 5001);
  });

  it('counts the leases that another cluster does not know', async () => {
    const [here, there] = [
      await stores.of(server),
      await stores.of(guarded, 'v3', { username: 'root', password: 'root' }),
    ];
    const lease = (await here.leases?.grant(600)) ?? 0n;
    await here.put(bytes('/leased/k'), bytes('v'), 'absent', { lifetime: { lease } });
    assert.deepEqual((await preview([here, there], '/leased/', '/leased/')).leases, { kept: 0, lost: 1, areAll: true });
    assert.deepEqual((await preview([here, here], '/leased/', '/released/')).leases, {
      kept: 1,
      lost: 0,
      areAll: true,
    });
  });

  it('says what v2 has no room for, and why', async () => {
    const [v3, v2] = [await stores.of(server), await stores.of(server, 'v2')];
    await fill(v3, '/mixed/', ['a', 'a-b', 'a/b', 'b//c', 'd']);
    await v3.put(bytes('/mixed/e'), Uint8Array.of(0xff), 'absent');
    const shown = await preview([v3, v2], '/mixed/', '/mixed/');
    assert.deepEqual(fates(shown), {
      '/mixed/a': 'create',
      '/mixed/a-b': 'create',
      '/mixed/a/b': 'impossible',
      '/mixed/b//c': 'impossible',
      '/mixed/d': 'create',
      '/mixed/e': 'impossible',
    });
    assert.ok(shown.entries.every(({ fate, why }) => (fate === 'impossible') === (why !== undefined)));
    const report = await run([v3, v2], '/mixed/', '/mixed/', shown);
    assert.equal(report.done, shown.counts.create);
  });

  it('says what this user may not move, moves the rest of the prefix, and loses nothing', async () => {
    const root = await stores.of(guarded, 'v3', { username: 'root', password: 'root' });
    await fill(root, '/half/', ['apple', 'melon', 'pear', 'plum']);
    const mina = await stores.of(guarded, 'v3', { username: 'mina', password: 'pw' });
    const shown = await preview([mina, mina], '/half/', '/to/');
    assert.deepEqual(fates(shown), {
      '/to/apple': 'create',
      '/to/melon': 'create',
      '/to/pear': 'denied',
      '/to/plum': 'denied',
    });
    const report = await run([mina, mina], '/half/', '/to/', shown);
    assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 2, denied: ['/half/pear', '/half/plum'] });
    assert.deepEqual(Object.keys(await contents(root, '/half/')), ['/half/pear', '/half/plum']);
    assert.deepEqual(Object.keys(await contents(root, '/to/')), ['/to/apple', '/to/melon']);
  });

  it('says that only a part of a prefix may be read, and moves that', async () => {
    const root = await stores.of(guarded, 'v3', { username: 'root', password: 'root' });
    await fill(root, '/part/', ['apple', 'pear']);
    const mina = await stores.of(guarded, 'v3', { username: 'mina', password: 'pw' });
    const shown = await preview([mina, mina], '/part/', '/to/part/');
    assert.deepEqual(shown.partlyReadable.map(text), ['/part/']);
    assert.equal((await run([mina, mina], '/part/', '/to/part/', shown)).done, 1);
    assert.deepEqual(Object.keys(await contents(root, '/part/')), ['/part/pear']);
  });

  it('moves what is permitted also where that changes after the preview, on the same server and on another', async () => {
    const root = await stores.of(guarded, 'v3', { username: 'root', password: 'root' });
    const here = await stores.of(server);
    for (const [name, target] of [
      ['same', undefined],
      ['other', here],
    ] as const) {
      const prefix = `/half/b${name}/`;
      await fill(root, prefix, ['1', '2', '3', '4']);
      const mina = await stores.of(guarded, 'v3', { username: 'mina', password: 'pw' });
      // Permissions are read once; then the role loses what the first two keys need.
      const both = [mina, target ?? mina] as const;
      const shown = await preview(both, prefix, `/to/${name}/`);
      const permitted = mina.permitted?.bind(mina);
      mina.permitted = async (...args) => {
        const ranges = await permitted?.(...args);
        if (args[0] !== 'write') return ranges;
        for (const change of [
          ['revoke-permission', 'half', '/half/a', '/half/n'],
          ['grant-permission', 'half', 'readwrite', `${prefix}3`, '/half/n'],
        ])
          await guarded.etcdctl(['role', ...change]);
        return ranges;
      };
      const report = await run(both, prefix, `/to/${name}/`, shown);
      assert.deepEqual(told(report), { ...NOTHING_LEFT, done: 2, denied: [`${prefix}1`, `${prefix}2`] });
      assert.deepEqual(Object.keys(await contents(root, prefix)), [`${prefix}1`, `${prefix}2`]);
      assert.deepEqual(Object.keys(await contents(target ?? root, `/to/${name}/`)), [`/to/${name}/3`, `/to/${name}/4`]);
      await guarded.etcdctl(['role', 'revoke-permission', 'half', `${prefix}3`, '/half/n']);
      await guarded.etcdctl(['role', 'grant-permission', 'half', 'readwrite', '/half/a', '/half/n']);
    }
  });
});
