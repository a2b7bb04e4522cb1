import assert from 'node:assert/strict';
import { keyText } from '../../../src/etcd/keys/keyText.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { ETCD_SERIES, NEWER_SERIES, skipIfUnavailable } from '../versions.ts';

for (const version of [...ETCD_SERIES, ...NEWER_SERIES])
  describe(`leases in listings, etcd ${version}`, () => {
    let server: EtcdServer;
    let connection: Awaited<ReturnType<typeof connectV3>>;
    let requests = 0;

    before(async function () {
      await skipIfUnavailable(this, version);
      server = await startEtcd({ version });
      connection = await connectV3(settingsFor(server.endpoint, { log: () => requests++ }));
    });
    after(async () => {
      connection?.close();
      await server?.stop();
    });

    it('are told of keys and not of folders, in the one request of the listing', async () => {
      const { store } = connection;
      const lease = (await store.leases?.grant(600)) ?? 0n;
      const put = async (key: string, lifetime: 'forever' | { readonly lease: bigint }) =>
        await store.put(bytes(key), bytes('x'), 'absent', { lifetime });
      await put('/a', { lease });
      await put('/b', 'forever');
      await put('/folder/c', { lease });
      const before = requests;
      const { children } = await store.listChildren(bytes('/')).next(100);
      assert.equal(requests - before, 1);
      const leased = children.flatMap(({ path, hasLease }) => (hasLease ? [keyText(path)] : []));
      // Without values, etcd 3.7 tells no lease.
      assert.deepEqual(leased, version === '3.7' ? [] : ['/a']);
    });
  });
