import assert from 'node:assert/strict';
import { connectEtcd, type OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import { compareHistory } from '../../../src/etcd/snapshotFile/sameHistory.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';
import { live } from './keyspace.ts';
import { OpenFiles, saveSnapshot, succeed, type OpenFile } from './snapshots.ts';

for (const { version, transport } of VERSIONS_AND_TRANSPORTS)
  describe(`a snapshot beside a cluster of etcd ${version} by ${transport}`, () => {
    let server: EtcdServer;
    let other: EtcdServer;
    let etcd: OpenEtcd;
    const files = new OpenFiles();

    before(async function () {
      this.timeout('5m');
      [server, other] = await Promise.all([startEtcd({ version }), startEtcd({ version })]);
      etcd = await connect(server);
      await live(etcd.store, 40);
    });
    after(async () => {
      await files.close();
      etcd?.close();
      await server?.stop();
      await other?.stop();
    });

    const connect = async ({ endpoint }: EtcdServer) =>
      await connectEtcd({ ...settingsFor(endpoint), api: 'v3', transport });

    const compare = async ({ reader, store }: OpenFile, { store: cluster }: OpenEtcd) =>
      await compareHistory(store, reader.summary(), cluster);

    const isUnsupported = version === '3.4' && transport === 'gateway';
    if (isUnsupported)
      it('is not compared: this gateway has no such hash', async () => {
        const file = await files.open(await saveSnapshot(server, await files.folder()));
        assert.equal(await compare(file, etcd), 'unsupported');
      });

    if (isUnsupported) return;

    it('is of it, also after writes and compactions, as long as its revision is kept', async () => {
      const file = await files.open(await saveSnapshot(server, await files.folder()));
      const { revision } = file.reader.summary();
      const told = await compare(file, etcd);
      assert.equal(told, 'same');
      await succeed(server, ['put', '/more', 'later']);
      await succeed(server, ['del', '/more']);
      assert.equal(await compare(file, etcd), 'same');
      await succeed(server, ['compact', String(revision - 10n), '--physical']);
      assert.equal(await compare(file, etcd), 'same');
      await succeed(server, ['put', '/more', 'later']);
      await succeed(server, ['compact', String(revision + 1n), '--physical']);
      assert.equal(await compare(file, etcd), 'notComparable');
    });

    it('is not of another one', async () => {
      const file = await files.open(await saveSnapshot(server, await files.folder()));
      const second = await connect(other);
      assert.equal(await compare(file, second), 'newerFile');
      const { revision, compacted } = file.reader.summary();
      for (let count = 0n; count <= revision; count += 20n)
        await second.store.transact(
          Array.from({ length: 20 }, (_, index) => ({
            kind: 'put',
            key: bytes(`/other/${count}/${index}`),
            value: bytes('another'),
            expected: 'absent',
          })),
        );
      for (let now = 0n; now < revision;) {
        const written = await second.store.put(bytes(`/one/${now}`), bytes('v'), 'absent');
        assert.ok(written.outcome === 'written');
        now = written.modRevision;
      }
      assert.equal(await compare(file, second), 'notComparable');
      await succeed(other, ['compact', String(compacted), '--physical']);
      assert.equal(await compare(file, second), 'different');
      second.close();
    });
  });
