import assert from 'node:assert/strict';
import { oddKeyspace } from '../../../scripts/demo/oddKeys.ts';
import { toBinaryKey } from '../../../src/etcd/keys/binaryKey.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { keyMatcher } from '../../../src/etcd/search/keyMatcher.ts';
import type { KeyHit, KeyQuery } from '../../../src/etcd/search/keyQuery.ts';
import { nameFilter } from '../../../src/etcd/search/nameFilter.ts';
import { searchKeys } from '../../../src/etcd/search/searchKeys.ts';
import { connectV2 } from '../../../src/etcd/v2/connectV2.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { KV } from '../../../src/etcd/v3/transport/rpc_pb.js';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { concat, delimited } from '../../../src/etcd/kubernetes/wire.ts';
import { stored } from '../../unit/kubernetes/stored.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { ETCD_SERIES } from '../versions.ts';

const PASSWORD = 'correct-horse';
const MANY = 65_000;

function search(store: KeyStore, wanted: Partial<KeyQuery>, folder = '', signal?: AbortSignal) {
  const query: KeyQuery = { kind: 'text', pattern: '', matchCase: true, values: false, ...wanted };
  return searchKeys(store, keyMatcher(query, bytes(folder), [bytes('/')]), signal);
}

async function found(store: KeyStore, wanted: Partial<KeyQuery>, folder = '') {
  const hits: KeyHit[] = [];
  let scanned = 0;
  for await (const step of search(store, wanted, folder)) {
    hits.push(...step.hits);
    ({ scanned } = step);
  }
  return { keys: hits.map(({ key }) => toBinaryKey(key)), hits, scanned };
}

for (const version of ETCD_SERIES) {
  describe(`searching etcd ${version}`, () => {
    let server: EtcdServer;
    let connection: Awaited<ReturnType<typeof connectV3>>;
    let store: KeyStore;
    const asked: string[] = [];

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version });
      const log = ({ path }: { readonly path: string }) => void asked.push(path);
      connection = await connectV3({ ...settingsFor(server.endpoint, { log }), transport: 'grpc' });
      ({ store } = connection);
      await put([...oddKeyspace()].map(({ key, value }) => [key, value] as const));
      await put(Array.from({ length: MANY }, (_, at) => [`/many/${String(at).padStart(6, '0')}`, `${at}`] as const));
    });
    after(async () => {
      connection?.close();
      await server?.stop();
    });

    async function put(entries: readonly (readonly [string | Uint8Array, string | Uint8Array])[]): Promise<void> {
      for (let at = 0; at < entries.length; at += 100) {
        const success = entries.slice(at, at + 100).map(([key, value]) => ({
          request: { case: 'requestPut' as const, value: { key: Buffer.from(key), value: Buffer.from(value) } },
        }));
        await connection.session.call(KV.method.txn, { success }, { repeatable: false, requireLeader: true });
      }
    }

    it('finds keys of any bytes, by text, glob and regular expression', async () => {
      assert.deepEqual((await found(store, { pattern: String.raw`\xff\xfe` })).keys, ['/odd/\xff\xfe\xfd']);
      assert.deepEqual((await found(store, { kind: 'glob', pattern: '/odd/*break' })).keys, ['/odd/line\nbreak']);
      assert.deepEqual((await found(store, { kind: 'regex', pattern: '^/odd/.*[dD]ouble$|/\\.\\./' })).keys, [
        '/odd/../dots',
        '/odd//double',
      ]);
    });

    it('asks only for what can match', async () => {
      const { keys, scanned } = await found(store, { kind: 'regex', pattern: String.raw`^/many/00001\d$` });
      assert.equal(keys.length, 10);
      assert.equal(scanned, 10);
      asked.length = 0;
      assert.deepEqual(await found(store, { kind: 'regex', pattern: '^/other' }, '/many/'), {
        keys: [],
        hits: [],
        scanned: 0,
      });
      assert.deepEqual(asked, []);
    });

    it('goes on only as far as it is followed', async () => {
      asked.length = 0;
      const steps = search(store, { pattern: '7' }, '/many/');
      const first = (await steps.next()).value;
      assert.ok(first && first.hits.length > 100);
      assert.equal(first.total, MANY);
      assert.ok(first.scanned < MANY);
      await steps.return(undefined);
      assert.ok(asked.length <= 2, `${asked.length} requests`);
      const all = await found(store, { pattern: '7' }, '/many/');
      assert.equal(all.scanned, MANY);
      assert.equal(
        all.keys.length,
        Array.from({ length: MANY }, (_, at) => `${at}`).filter((each) => each.includes('7')).length,
      );
    });

    it('looks into the fields of Kubernetes objects', async () => {
      const data = delimited(2, concat([delimited(1, bytes('mode')), delimited(2, bytes('needle'))]));
      const damaged = Uint8Array.of(...stored('v1', 'ConfigMap', data).subarray(0, 20));
      await put([
        ['/registry/configmaps/a', stored('v1', 'ConfigMap', data)],
        ['/registry/configmaps/b', damaged],
        ['/registry/crontabs/c', '{"apiVersion":"e.com/v1","kind":"C","metadata":{},"mode":"needle"}\n'],
      ]);
      const { hits } = await found(store, { pattern: 'mode: needle', values: true }, '/registry/');
      assert.deepEqual(
        hits.map(({ key, value }) => [toBinaryKey(key), value?.excerpt]),
        [
          ['/registry/configmaps/a', 'data.mode: needle'],
          ['/registry/crontabs/c', 'mode: needle'],
        ],
      );
    });

    it('looks into values that are text', async () => {
      await put([
        ['/values/a', 'one\ntwo needles\n'],
        ['/values/b', Uint8Array.of(0, ...bytes('needle'))],
        ['/values/needle', 'c'],
      ]);
      const { hits } = await found(store, { pattern: 'needle', values: true }, '/values/');
      assert.deepEqual(
        hits.map(({ key, value }) => [toBinaryKey(key), value?.line]),
        [
          ['/values/a', 1],
          ['/values/needle', undefined],
        ],
      );
      assert.deepEqual((await found(store, { pattern: 'needle' }, '/values/')).keys, ['/values/needle']);
    });

    it('stops a regular expression that backtracks without end, and says on which key', async () => {
      await put([['/slow/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '']]);
      await assert.rejects(found(store, { kind: 'regex', pattern: '(a+)+$' }, '/slow/'), (error: Error) => {
        assert.match(error.message, /^The regular expression is too slow on \/slow\/a+!/);
        return failsAs('pattern')(error);
      });
    });

    it('stops when it is cancelled', async () => {
      const abort = new AbortController();
      const steps = search(store, { pattern: '7' }, '/many/', abort.signal);
      await steps.next();
      abort.abort();
      await assert.rejects(async () => {
        for await (const step of steps) void step;
      }, failsAs('cancelled'));
    });

    it('goes on behind a compaction, at a newer revision, and tells no key twice', async () => {
      const steps = search(store, { pattern: '/many/' }, '/many/');
      const seen: string[] = [];
      const take = (hits: readonly KeyHit[] = []) => hits.forEach(({ key }) => seen.push(toBinaryKey(key)));
      take((await steps.next()).value?.hits);
      await put([['/many/zzz', 'new']]);
      const { revision } = await store.get(bytes('/many/zzz'));
      await server.etcdctl(['compaction', '--physical', String(revision)]);
      for await (const { hits } of steps) take(hits);
      assert.equal(seen.length, MANY + 1);
      assert.equal(new Set(seen).size, MANY + 1);
      await server.etcdctl(['del', '/many/zzz']);
    });

    it('filters a large level by names, and lets the server do it where the beginning is fixed', async () => {
      const all = await names('777');
      const expected = Array.from({ length: MANY }, (_, at) => String(at).padStart(6, '0'));
      assert.deepEqual(
        all.names,
        expected.filter((name) => name.includes('777')),
      );
      const some = await names('0001[0-4]?');
      assert.deepEqual(some.names, expected.slice(100, 150));
      assert.ok(some.requests <= 2, `${some.requests} requests`);
      assert.deepEqual((await names('zzz')).names, []);
    });

    it('filters names of any bytes', async () => {
      const odd = async (pattern: string) => (await names(pattern, '/odd/')).names;
      assert.deepEqual(await odd(String.raw`\xff`), ['\xff\xfe\xfd']);
      assert.deepEqual(await odd('LINE?break'), []);
      assert.deepEqual(await odd('line?break'), ['line\nbreak']);
      assert.deepEqual(await odd('LINE'), ['line\nbreak']);
      assert.deepEqual(await odd('.?'), ['..']);
    });

    /** Reads the names that a filter selects, in pages of 7. */
    async function names(pattern: string, folder = '/many/'): Promise<{ names: string[]; requests: number }> {
      asked.length = 0;
      const listing = nameFilter(pattern).listing(store, bytes(folder));
      const listed: string[] = [];
      for (let done = false; !done;) {
        const page = await listing.next(7);
        assert.ok(page.children.length <= 7);
        listed.push(...page.children.map(({ name }) => toBinaryKey(name)));
        ({ done } = page);
      }
      return { names: listed, requests: asked.length };
    }

    it('finds what the roles of a user let it read', async function () {
      this.timeout('5m');
      for (const args of [
        ['role', 'add', 'part'],
        ['role', 'grant-permission', 'part', 'read', '/many/0000', '/many/0001'],
        ['user', 'add', `limited:${PASSWORD}`],
        ['user', 'grant-role', 'limited', 'part'],
        ['user', 'add', `root:${PASSWORD}`],
        ['user', 'grant-role', 'root', 'root'],
        ['auth', 'enable'],
      ])
        assert.equal((await server.etcdctl(args)).code, 0, args.join(' '));
      const limited = await connectV3(settingsFor(server.endpoint), { username: 'limited', password: PASSWORD });
      try {
        const { keys, scanned } = await found(limited.store, { pattern: '7' });
        assert.deepEqual({ scanned, found: keys.length }, { scanned: 100, found: 19 });
      } finally {
        limited.close();
      }
    });
  });

  describe(`searching v2 keys on etcd ${version}`, () => {
    let server: EtcdServer;
    let connection: Awaited<ReturnType<typeof connectV2>>;
    const keys = ['/a', '/app/one', '/app/two', '/app/deep/er/one', '/b c/ä%', '/b c/_hidden', '/zzz/one'];

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version, extraArgs: ['--enable-v2=true'] });
      connection = await connectV2(settingsFor(server.endpoint));
      for (const key of keys) await connection.store.put(bytes(key), bytes(`value of ${key}`), 'absent');
    });
    after(async () => {
      connection?.close();
      await server?.stop();
    });

    it('finds keys level by level, and asks only for directories where they can be', async () => {
      const { store } = connection;
      assert.deepEqual((await found(store, { pattern: 'one' })).keys.toSorted(), [
        '/app/deep/er/one',
        '/app/one',
        '/zzz/one',
      ]);
      const limited = await found(store, { kind: 'glob', pattern: '/app/t*' });
      assert.deepEqual({ keys: limited.keys, scanned: limited.scanned }, { keys: ['/app/two'], scanned: 1 });
      assert.deepEqual(
        (await found(store, { pattern: 'ä%' }, '/b c/')).keys.map((key) => Buffer.from(key, 'latin1').toString()),
        ['/b c/ä%'],
      );
      assert.deepEqual((await found(store, { kind: 'glob', pattern: '/none/*' })).keys, []);
      assert.equal((await found(store, { pattern: '/' })).scanned, keys.length - 1);
    });

    it('looks into values', async () => {
      assert.deepEqual((await found(connection.store, { pattern: 'of /app/t', values: true })).keys, ['/app/two']);
    });
  });
}
