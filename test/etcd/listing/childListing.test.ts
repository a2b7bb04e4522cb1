import assert from 'node:assert/strict';
import { listChildren, type RangeReader } from '../../../src/etcd/listing/childListing.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { ChildListing } from '../../../src/etcd/keyStore.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { listingReader } from '../../../src/etcd/v3/listingReader.ts';
import { KV } from '../../../src/etcd/v3/transport/rpc_pb.js';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { Hierarchy } from '../../../src/etcd/keys/hierarchy.ts';
import { expectedChildren, plain, type PlainChild } from '../../unit/listing/expectedChildren.ts';
import { binary, MemoryReader } from '../../unit/listing/memoryReader.ts';
import { oddKeyspace } from '../../unit/listing/oddKeyspace.ts';
import { farPace, fixedPace, nearPace } from '../../unit/listing/paces.ts';
import { Random } from '../../unit/listing/random.ts';
import { folders, kubernetes, leaves } from '../../unit/listing/shapes.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { ETCD_SERIES } from '../versions.ts';

const KEYS_PER_TRANSACTION = 128;
const ODD_KEYSPACES = 25;

async function takeRest(listing: ChildListing, size: number): Promise<PlainChild[]> {
  const children: PlainChild[] = [];
  for (;;) {
    const page = await listing.next(size);
    children.push(...page.children.map(plain));
    if (page.done) return children;
  }
}

const paths = (children: readonly PlainChild[]): string[] => children.map(({ path }) => path);

for (const version of ETCD_SERIES) {
  describe(`listing children on etcd ${version}`, function () {
    this.timeout('5m');
    let server: EtcdServer;
    let connection: Awaited<ReturnType<typeof connectV3>>;

    /** Writes these sorted keys, and removes all others. */
    async function fill(keys: readonly string[]): Promise<void> {
      const { session, store } = connection;
      await store.delete([prefixRange(bytes(''))]);
      for (let at = 0; at < keys.length; at += KEYS_PER_TRANSACTION) {
        const success = keys.slice(at, at + KEYS_PER_TRANSACTION).map((key) => ({
          request: { case: 'requestPut' as const, value: { key: binary(key), value: bytes('x') } },
        }));
        await session.call(KV.method.txn, { success }, { repeatable: false, requireLeader: true });
      }
    }

    before(async () => {
      server = await startEtcd({ version });
      connection = await connectV3(settingsFor(server.endpoint));
    });
    after(async () => {
      connection?.close();
      await server?.stop();
    });

    it('finds every child and count in odd keyspaces', async () => {
      for (let seed = 1; seed <= ODD_KEYSPACES; seed++) {
        const random = new Random(seed);
        const { keys, separators, prefixes } = oddKeyspace(random);
        await fill(keys);
        for (const prefix of prefixes) {
          const options = { hierarchy: new Hierarchy(separators.map(binary)), pace: random.pick([nearPace, farPace]) };
          const listing = listChildren(listingReader(connection.session), binary(prefix), options);
          const page = await listing.next(Infinity);
          assert.ok(page.done);
          assert.deepEqual(
            page.children.map(plain),
            expectedChildren(keys, prefix, separators),
            `seed ${seed}, folder ${JSON.stringify(prefix)}`,
          );
        }
      }
    });

    it('gets the answers that keys in memory give', async () => {
      const keys = kubernetes('/registry/');
      await fill(keys);
      // One request at a time, so that none can overtake another and change the next request.
      const pace = fixedPace({ ...nearPace.settings, parallel: 1 });
      for (const folder of ['', '/', '/registry/', '/registry/pods/', '/registry/pods/default/', '/none/']) {
        const memory = new MemoryReader(keys);
        const inMemory = await listChildren(memory.read, binary(folder), { pace }).next(Infinity);
        let requests = 0;
        const read: RangeReader = (...request) => {
          requests++;
          return listingReader(connection.session)(...request);
        };
        const inEtcd = await listChildren(read, binary(folder), { pace }).next(Infinity);
        assert.deepEqual(inEtcd.children, inMemory.children);
        assert.equal(requests, memory.requests, folder);
      }
    });

    it('pages through a folder as it was, whatever is written meanwhile', async () => {
      const keys = folders('/b/', 50, 100);
      await fill(keys);
      const { store } = connection;
      const listing = store.listChildren(bytes('/b/'));
      const first = await listing.next(10);
      await store.put(bytes('/b/new'), bytes('x'), 'absent');
      await store.put(bytes('/b/dir-0040/new'), bytes('x'), 'absent');
      await store.delete([prefixRange(bytes('/b/dir-0030/'))]);
      const rest = await takeRest(listing, 10);
      const expected = expectedChildren(keys, '/b/');
      assert.deepEqual(paths([...first.children.map(plain), ...rest]), paths(expected));
      assert.equal(rest.find(({ name }) => name === 'dir-0040')?.keyCount, 100);
      const again = await takeRest(store.listChildren(bytes('/b/')), Infinity);
      assert.equal(again.length, 50);
      assert.equal(again.find(({ name }) => name === 'dir-0040')?.keyCount, 101);
    });

    it('says that its revision was compacted away', async () => {
      await fill(folders('/b/', 50, 100));
      const { store } = connection;
      const listing = store.listChildren(bytes('/b/'));
      const { revision } = await listing.next(1);
      await store.put(bytes('/b/new'), bytes('x'), 'absent');
      await server.etcdctl(['compact', String(revision + 1n)]);
      await assert.rejects(listing.next(Infinity), failsAs('compacted'));
      await assert.rejects(listing.next(Infinity), failsAs('compacted'));
    });

    it('goes on after it was aborted', async () => {
      const keys = folders('/b/', 300, 40);
      await fill(keys);
      const read = listingReader(connection.session);
      let abort = new AbortController();
      let requests = 0;
      const listing = listChildren(
        (ranges, options) => {
          // Aborts every third request once it is under way.
          if (++requests % 3 === 0) queueMicrotask(() => abort.abort());
          return read(ranges, options);
        },
        binary('/b/'),
        { pace: nearPace },
      );
      const children: PlainChild[] = [];
      let aborted = 0;
      for (let done = false; !done;) {
        abort = new AbortController();
        try {
          const page = await listing.next(50, abort.signal);
          children.push(...page.children.map(plain));
          done = page.done;
        } catch (error) {
          assert.ok(failsAs('cancelled')(error));
          aborted++;
        }
      }
      assert.ok(aborted > 0);
      assert.deepEqual(paths(children), paths(expectedChildren(keys, '/b/')));
    });

    it('lists the names of a prefix only', async () => {
      const keys = [...folders('/b/', 30, 20), ...leaves('/b/', 2000)].toSorted();
      await fill(keys);
      const listing = connection.store.listChildren(bytes('/b/'), { namePrefix: bytes('leaf-0001') });
      assert.deepEqual(await takeRest(listing, 60), expectedChildren(keys, '/b/', ['/'], 'leaf-0001'));
    });
  });
}
