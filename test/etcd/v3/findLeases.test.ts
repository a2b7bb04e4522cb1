import assert from 'node:assert/strict';
import { findLeases, type LeaseFilter } from '../../../src/etcd/findLeases.ts';
import type { KeyStore, Leases } from '../../../src/etcd/keyStore.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';

for (const { version, transport } of VERSIONS_AND_TRANSPORTS) {
  describe(`leases that are looked for on etcd ${version} over ${transport}`, () => {
    let server: EtcdServer;
    let connection: Awaited<ReturnType<typeof connectV3>>;
    let leases: Leases;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version });
      connection = await connectV3({ ...settingsFor(server.endpoint), transport }, undefined);
      const { store } = connection;
      leases = store.leases ?? assert.fail('no leases');
      for (let each = 0; each < 45; each++) await put(store, await leases.grant(3000), `/app/${each}`);
      for (let each = 0; each < 5; each++) await put(store, await leases.grant(120), `/soon/${each}`);
      await leases.grant(3000);
    });
    after(async () => {
      connection?.close();
      await server?.stop();
    });

    async function put(store: KeyStore, lease: bigint, key: string): Promise<void> {
      await store.put(bytes(key), bytes('value'), 'absent', { lifetime: { lease } });
    }

    async function found(filter: LeaseFilter, most = 1000): Promise<number> {
      return (await findLeases(leases, filter, most)).infos.length;
    }

    it('are all without a condition', async () => {
      const { infos, asked, all } = await findLeases(leases, {}, 1000);
      assert.deepEqual([infos.length, asked, all], [51, 51, 51]);
    });

    it('have keys that begin like this, or less time left', async () => {
      assert.equal(await found({ prefix: bytes('/app/') }), 45);
      assert.equal(await found({ prefix: bytes('/app/4') }), 6);
      assert.equal(await found({ prefix: bytes('/none/') }), 0);
      assert.equal(await found({ secondsLeft: 600 }), 5);
      assert.equal(await found({ secondsLeft: 600, prefix: bytes('/app/') }), 0);
    });

    it('are asked about only until enough are found, each once', async () => {
      const asked: bigint[] = [];
      const counted: Leases = { ...leases, list: () => leases.list(), info: (id) => (asked.push(id), leases.info(id)) };
      const page = await findLeases(counted, {}, 30);
      assert.deepEqual([page.infos.length, page.asked, page.all], [30, 30, 51]);
      assert.equal(asked.length, 40);
      assert.equal(new Set(asked).size, asked.length);
    });

    it('stop being asked about at once when they are not wanted any more', async () => {
      const abort = new AbortController();
      let asked = 0;
      const slow: Leases = {
        ...leases,
        list: () => leases.list(),
        info: (id) => {
          if (++asked === 20) abort.abort();
          return leases.info(id);
        },
      };
      await assert.rejects(findLeases(slow, {}, 1000, { signal: abort.signal }));
      assert.equal(asked, 20);
    });
  });
}
