import assert from 'node:assert/strict';
import { toBinaryKey } from '../../../src/etcd/keys/binaryKey.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { turnOf } from '../../../src/etcd/turns.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { ETCD_SERIES } from '../versions.ts';

for (const version of ETCD_SERIES)
  describe(`lines for locks, etcd ${version}`, () => {
    let server: EtcdServer;
    let connection: Awaited<ReturnType<typeof connectV3>>;

    before(async () => {
      server = await startEtcd({ version });
      connection = await connectV3(settingsFor(server.endpoint));
    });
    after(async () => {
      connection?.close();
      await server?.stop();
    });

    it('are in the listing, with the create revision of each key that is named after its lease', async () => {
      const { store } = connection;
      const leases = await Promise.all([600, 600, 600].map(async (ttl) => (await store.leases?.grant(ttl)) ?? 0n));
      const created = new Map<string, bigint>();
      for (const lease of leases) {
        const key = `/locks/${lease.toString(16)}`;
        const result = await store.put(bytes(key), bytes(''), 'absent', { lifetime: { lease } });
        assert.ok(result.outcome === 'written');
        created.set(key, result.modRevision);
        await store.put(bytes(key), bytes('again'), { modRevision: result.modRevision }, { lifetime: { lease } });
      }
      const [lease = 0n, other = 0n] = leases;
      await store.put(bytes('/locks/named'), bytes(''), 'absent', { lifetime: { lease } });
      await store.put(bytes('/locks/694d81417acd4755'), bytes(''), 'absent');
      await store.put(bytes(`/locks/other/${other.toString(16)}`), bytes(''), 'absent', { lifetime: { lease } });
      const { children } = await store.listChildren(bytes('/locks/')).next(100);
      const turns = children.flatMap(({ path, turn }) =>
        turn === undefined ? [] : [[toBinaryKey(path), turn] as const],
      );
      assert.deepEqual(new Map(turns), created);
      assert.equal(children.length, 6);
      const { kv } = await store.get(bytes(`/locks/${lease.toString(16)}`));
      assert.equal(kv && turnOf(kv), created.get(`/locks/${lease.toString(16)}`));
    });
  });
