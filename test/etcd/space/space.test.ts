import assert from 'node:assert/strict';
import { keyText } from '../../../src/etcd/keys/keyText.ts';
import { readOnlyStore } from '../../../src/etcd/readOnlyStore.ts';
import { storeAtRevision } from '../../../src/etcd/past/storeAtRevision.ts';
import { countChanges, type ChurnRow } from '../../../src/etcd/space/churn.ts';
import { canSample, measureFolder, sampleFolder, type FolderSpace } from '../../../src/etcd/space/folderSpace.ts';
import type { Sampled } from '../../../src/etcd/space/strata.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { seed } from '../../../scripts/demo/seed.ts';
import { Random } from '../../../scripts/demo/random.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { until } from '../eventually.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';

const NO_SIGNAL = new AbortController().signal;
const ignore = () => undefined;

for (const { version, transport } of VERSIONS_AND_TRANSPORTS) {
  describe(`what takes the space of etcd ${version} over ${transport}`, () => {
    let server: EtcdServer;
    let connection: Awaited<ReturnType<typeof connectV3>>;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version });
      connection = await connectV3({ ...settingsFor(server.endpoint), transport }, undefined);
      const random = new Random('space');
      const entries = [
        ...Array.from({ length: 6000 }, (_, at) => ({
          key: `/events/${(at * 7919) % 6000}/log`,
          value: 'e'.repeat(50 + random.below(900)),
        })),
        ...Array.from({ length: 40 }, (_, at) => ({ key: `/config/${at}`, value: 'c'.repeat(20_000) })),
        ...Array.from({ length: 3 }, (_, at) => ({ key: `/few/${at}`, value: 'f' })),
        { key: '/plain', value: 'p'.repeat(100) },
      ];
      await seed(connection.session, entries, ignore);
      for (let round = 0; round < 4; round++) await seed(connection.session, [{ key: '/few/1', value: 'f' }], ignore);
    });
    after(async () => {
      connection?.close();
      await server?.stop();
    });

    function sampled(): Promise<FolderSpace> {
      const { store } = connection;
      assert.ok(canSample(store));
      return sampleFolder(store, bytes('/'), ignore, NO_SIGNAL);
    }

    function figures({ rows }: FolderSpace): unknown[] {
      return rows.map(({ path, kind, keys, bytes: size, writes }) => [
        keyText(path),
        kind,
        keys,
        Math.round(size.value),
        writes?.value,
      ]);
    }

    it('is exact if everything is read, for each folder and key of a level', async () => {
      const measured = await measureFolder(connection.store, bytes('/'), ignore, NO_SIGNAL);
      const [events, ...others] = figures(measured);
      assert.deepEqual((events as unknown[]).slice(0, 3), ['/events/', 'folder', 6000]);
      assert.deepEqual(others, [
        ['/config/', 'folder', 40, 40 * 20_000 + 10 * 9 + 30 * 10, 40],
        ['/plain', 'key', 1, 106, 1],
        ['/few/', 'folder', 3, 3 * 7, 7],
      ]);
      assert.equal(measured.others, 0);
    });

    it('is estimated with exact counts, and close to what it is', async () => {
      const [exact, estimated] = [
        await measureFolder(connection.store, bytes('/'), ignore, NO_SIGNAL),
        await sampled(),
      ];
      for (const row of exact.rows) {
        const found = estimated.rows.find(({ path }) => keyText(path) === keyText(row.path));
        assert.ok(found, keyText(row.path));
        assert.equal(found.keys, row.keys);
        const off = Math.abs(found.bytes.value - row.bytes.value);
        // Twice the stated width: 5 of 100 lie beyond the width itself.
        assert.ok(off <= Math.max(1, 2 * found.bytes.plusMinus), `${keyText(row.path)} is off by ${off}`);
        assert.ok(found.bytes.plusMinus < row.bytes.value * 0.5);
      }
      const small = estimated.rows.find(({ path }) => keyText(path) === '/few/');
      assert.deepEqual(small && [small.bytes, small.writes], [
        { value: 21, plusMinus: 0 },
        { value: 7, plusMinus: 0 },
      ]);
    });

    it('is asked with as many requests for a large folder as for a small one', async () => {
      let requests = 0;
      const { store } = connection;
      assert.ok(canSample(store));
      const counted: Sampled = {
        ...readOnlyStore(store),
        firstKeys: (...all) => (requests++, store.firstKeys(...all)),
        count: (...all) => (requests++, store.count(...all)),
      };
      await sampleFolder(counted, bytes('/'), ignore, NO_SIGNAL);
      assert.ok(requests < 4 * 2 * 75, `${requests} requests`);
    });

    it('is that of a revision for a past store, and none that writes is there for a read-only one', async () => {
      const { store } = connection;
      const { revision } = await store.get(bytes('/plain'));
      await seed(connection.session, [{ key: '/past/new', value: 'n' }], ignore);
      const past = storeAtRevision(store, revision);
      assert.ok(canSample(past) && canSample(readOnlyStore(store)));
      const { kvs } = await past.firstKeys({ start: bytes('/past/'), end: bytes('/past0') }, 5);
      assert.deepEqual(kvs, []);
      await store.delete([{ start: bytes('/past/'), end: bytes('/past0') }]);
    });

    it('counts what changes, by folder, while it changes', async () => {
      const abort = new AbortController();
      let rows: readonly ChurnRow[] = [];
      const counting = countChanges(connection.store, bytes('/'), (latest) => (rows = latest), abort.signal);
      const texts = () => rows.map(({ path, changes }) => `${keyText(path)} ${changes}`).join();
      await until(async () => {
        await seed(connection.session, [{ key: '/churn/begins', value: '' }], ignore);
        return rows.length > 0;
      });
      const begun = rows[0]?.changes ?? 0;
      for (let at = 0; at < 5; at++) await seed(connection.session, [{ key: `/busy/${at}`, value: '' }], ignore);
      await until(async () => texts().includes('/busy/ 5'));
      assert.ok(begun > 0);
      abort.abort();
      await counting;
    });
  });
}
