import assert from 'node:assert/strict';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import type { RequestLogEntry } from '../../../src/etcd/http/httpClient.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { oddKeyspace } from '../../../scripts/demo/oddKeys.ts';
import { connectV3, type V3Connection } from '../../../src/etcd/connect/connectV3.ts';
import { KV } from '../../../src/etcd/v3/transport/rpc_pb.js';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { putValue } from '../putValue.ts';
import { failsAs } from '../errorKind.ts';
import { eventText, followed, type Followed } from './followed.ts';
import { ALL_VERSIONS_AND_TRANSPORTS, skipIfUnavailable } from '../versions.ts';

for (const { version, transport } of ALL_VERSIONS_AND_TRANSPORTS) {
  describe(`watching etcd ${version} over ${transport}`, () => {
    let server: EtcdServer;
    let connection: V3Connection;
    let store: KeyStore;
    const watches: Followed[] = [];
    const requests: RequestLogEntry[] = [];

    before(async function () {
      this.timeout('5m');
      await skipIfUnavailable(this, version);
      server = await startEtcd({ version });
      const settings = settingsFor(server.endpoint, { log: (entry) => requests.push(entry) });
      connection = await connectV3({ ...settings, transport });
      ({ store } = connection);
    });
    afterEach(async () => {
      for (const open of watches.splice(0)) await open.stop();
    });
    after(async () => {
      connection?.close();
      await server?.stop();
    });

    function watch(...[range, options]: [Parameters<typeof followed>[1], Parameters<typeof followed>[2]?]): Followed {
      const watching = followed(store, range, options);
      watches.push(watching);
      return watching;
    }

    /** Writes keys, each transaction as one revision. */
    async function writeMany(prefix: string, keys: number, perTransaction: number, size: number): Promise<void> {
      const value = new Uint8Array(size).fill(0x61);
      for (let at = 0; at < keys; at += perTransaction) {
        const success = Array.from({ length: perTransaction }, (_, index) => ({
          request: { case: 'requestPut' as const, value: { key: bytes(`${prefix}${at + index}`), value } },
        }));
        await connection.session.call(KV.method.txn, { success }, { repeatable: false, requireLeader: true });
      }
    }

    const write = (key: string, value: string) => putValue(store, bytes(key), value);

    it('says that it can', () => assert.equal(store.capabilities.following, 'watch'));

    it('tells each put and delete with its revision, and nothing of other keys', async () => {
      const watching = watch(prefixRange(bytes('/a/')));
      await watching.stands();
      assert.deepEqual(watching.batches[0]?.events, []);
      const first = await write('/a/1', 'one');
      await write('/b', 'other');
      await write('/a/1', 'two');
      await store.delete([prefixRange(bytes('/a/'))]);
      const events = await watching.until(3);
      assert.deepEqual(events.map(eventText), ['put /a/1 one', 'put /a/1 two', 'delete /a/1']);
      const [put] = events;
      assert.ok(put?.kind === 'put');
      assert.deepEqual(
        [put.kv.createRevision, put.kv.modRevision, put.kv.version, put.kv.lease],
        [first, first, 1n, 0n],
      );
      assert.equal(watching.batches.at(-1)?.revision, first + 3n);
    });

    it('tells each key as it was before, where that is asked', async () => {
      const watching = watch(singleKeyRange(bytes('/before')), { previous: true });
      await watching.stands();
      await write('/before', 'one');
      await write('/before', 'two');
      await write('/before-not', 'this');
      await store.delete([singleKeyRange(bytes('/before'))]);
      const told = (await watching.until(3)).map(eventText);
      assert.deepEqual(told, ['put /before one', 'put /before two < one', 'delete /before < two']);
    });

    it('begins at an earlier revision, and takes one that is still to come for that of an older store', async () => {
      const first = await write('/from', '1');
      await write('/from', '2');
      const watching = watch(singleKeyRange(bytes('/from')), { fromRevision: first + 1n });
      assert.deepEqual((await watching.until(1)).map(eventText), ['put /from 2']);
      assert.equal(watching.batches[0]?.revision, first);
      const next = watch(singleKeyRange(bytes('/from')), { fromRevision: first + 2n });
      await next.stands();
      await write('/from', '3');
      assert.deepEqual((await next.until(1)).map(eventText), ['put /from 3']);
      const later = watch(singleKeyRange(bytes('/from')), { fromRevision: first + 100n });
      assert.ok(failsAs('compacted')(await later.ended));
    });

    it('tells keys of any bytes, over the whole keyspace', async () => {
      const watching = watch(prefixRange(new Uint8Array()));
      await watching.stands();
      const keys = [...oddKeyspace()].map(({ key }) => Buffer.from(key));
      for (const key of keys) await store.put(key, bytes('odd'), 'absent');
      const told = (await watching.until(keys.length)).map((event) => (event.kind === 'put' ? event.kv.key : event));
      assert.deepEqual(
        told.map((key) => Buffer.from(key as Uint8Array)),
        keys,
      );
    });

    it('tells whole revisions, also of large transactions that come in fragments', async function () {
      this.timeout('5m');
      const { revision } = await store.get(bytes('/large/'));
      await writeMany('/large/', 200, 20, 50_000);
      const watching = watch(prefixRange(bytes('/large/')), { fromRevision: revision + 1n });
      assert.equal((await watching.until(200)).length, 200);
      for (const batch of watching.batches) {
        const ends = new Map<bigint, number>();
        for (const event of batch.events)
          if (event.kind === 'put') ends.set(event.kv.modRevision, (ends.get(event.kv.modRevision) ?? 0) + 1);
        assert.ok([...ends.values()].every((count) => count === 20));
        assert.equal(batch.revision, [...ends.keys()].at(-1) ?? revision);
      }
    });

    it('loses nothing where the iteration is slower than the writes, and holds up no other watch', async function () {
      this.timeout('5m');
      const abort = new AbortController();
      const slow = store.watch(prefixRange(bytes('/slow/')), { signal: abort.signal })[Symbol.asyncIterator]();
      await slow.next();
      const fast = watch(prefixRange(bytes('/slow/')));
      await fast.stands();
      await writeMany('/slow/', 30_000, 100, 10);
      assert.equal((await fast.until(30_000)).length, 30_000);
      const revisions: bigint[] = [];
      while (revisions.length < 30_000) {
        const { value } = await slow.next();
        for (const event of value.events) if (event.kind === 'put') revisions.push(event.kv.modRevision);
      }
      assert.equal(revisions.length, 30_000);
      assert.deepEqual(
        revisions,
        fast.events().map((event) => event.kind === 'put' && event.kv.modRevision),
      );
      abort.abort();
      assert.equal((await slow.next()).done, true);
    });

    it('fails as compacted where its events are gone, and says which revision is the oldest', async () => {
      const first = await write('/gone', '1');
      const second = await write('/gone', '2');
      await server.etcdctl(['compact', String(second)]);
      const watching = watch(singleKeyRange(bytes('/gone')), { fromRevision: first });
      const error = await watching.ended;
      assert.ok(failsAs('compacted')(error));
      assert.equal((error as { oldestRevision?: bigint }).oldestRevision, second);
    });

    it('opens and ends a hundred watches, each with its own events', async function () {
      this.timeout('5m');
      requests.length = 0;
      const all = Array.from({ length: 100 }, (_, index) => watch(singleKeyRange(bytes(`/many/${index}`))));
      await Promise.all(all.map((each) => each.stands()));
      const opened = requests.filter(({ path }) => /watch$/i.test(path));
      assert.equal(opened.length, transport === 'grpc' ? 1 : 100);
      await Promise.all(all.filter((_, index) => index % 2 === 0).map((each) => each.stop()));
      await writeMany('/many/', 100, 50, 1);
      const rest = all.filter((_, index) => index % 2 === 1);
      await Promise.all(rest.map((each) => each.until(1)));
      assert.equal(
        all.reduce((sum, each) => sum + each.events().length, 0),
        50,
      );
    });
  });
}
