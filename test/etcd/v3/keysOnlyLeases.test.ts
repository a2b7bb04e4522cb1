import assert from 'node:assert/strict';
import { Http2Client } from '../../../src/etcd/http/http2Client.ts';
import { HttpClient } from '../../../src/etcd/http/httpClient.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore, KeyValue } from '../../../src/etcd/keyStore.ts';
import { previewTransfer } from '../../../src/etcd/transfer/transferPreview.ts';
import { TransferJob } from '../../../src/etcd/transfer/transferJob.ts';
import { Session } from '../../../src/etcd/v3/session.ts';
import { GatewayTransport } from '../../../src/etcd/v3/transport/gatewayTransport.ts';
import { GrpcTransport } from '../../../src/etcd/v3/transport/grpcTransport.ts';
import { V3Store } from '../../../src/etcd/v3/v3Store.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { keysOnlyProxy, type KeysOnlyProxy } from './keysOnlyProxy.ts';

const KEY = bytes('/leased/key');
const ALL = prefixRange(bytes('/leased/'));

for (const transport of ['grpc', 'gateway'] as const)
  describe(`leases by ${transport} where answers without values name none`, () => {
    let server: EtcdServer;
    let proxy: KeysOnlyProxy;
    let store: KeyStore;
    let close: () => void;
    let lease: bigint;

    before(async () => {
      server = await startEtcd();
      proxy = await keysOnlyProxy(server.endpoint, transport);
      const settings = settingsFor(proxy.endpoint);
      const [grpc, http] = [new Http2Client(settings), new HttpClient(settings)];
      const way = transport === 'grpc' ? new GrpcTransport(grpc) : new GatewayTransport(http, 'v3');
      store = new V3Store(new Session(way, undefined));
      close = () => [grpc, http].forEach((client) => client.close());
      lease = (await store.leases?.grant(600)) ?? 0n;
      assert.notEqual(lease, 0n);
      await store.put(KEY, bytes('1'), 'absent', { lifetime: { lease } });
      await store.put(bytes('/leased/other'), bytes('1'), 'absent');
    });
    after(async () => {
      close();
      proxy.close();
      await server.stop();
    });

    async function scanned(values: boolean): Promise<readonly KeyValue[]> {
      const found: KeyValue[] = [];
      for await (const { kvs } of store.scan(ALL, { values })) found.push(...kvs);
      return found;
    }

    it('are known only where values were asked for', async () => {
      assert.equal((await store.getMany([KEY], { values: true })).kvs[0]?.lease, lease);
      assert.deepEqual(
        (await scanned(true)).map((kv) => kv.lease),
        [lease, 0n],
      );
      assert.equal((await store.get(KEY)).kv?.lease, lease);
      const before = proxy.changed;
      const [alone] = (await store.getMany([KEY])).kvs;
      assert.ok(alone && !('lease' in alone));
      assert.deepEqual(
        (await scanned(false)).map((kv) => 'lease' in kv),
        [false, false],
      );
      const result = await store.transact([{ kind: 'check', key: KEY, expected: 'absent' }]);
      assert.ok(result.outcome === 'conflict');
      const current = result.conflicts[0]?.current;
      assert.ok(current && !('lease' in current));
      assert.ok(proxy.changed >= before + 3, 'the proxy took leases from each of these answers');
    });

    it('of a large copy are not claimed to be none, and are kept', async () => {
      const roots = [{ kind: 'folder', from: bytes('/leased/'), to: bytes('/copied/') }] as const;
      const signal = new AbortController().signal;
      const asked = { source: store, target: store, roots, move: false, signal };
      const large = await previewTransfer({ ...asked, mostValues: { keys: 0, bytes: 0 } });
      assert.equal(large.leases.areAll, false);
      const small = await previewTransfer({ ...asked, mostValues: { keys: 10, bytes: 1000 } });
      assert.deepEqual(small.leases, { kept: 1, lost: 0, areAll: true });
      const { seen, oneCluster } = large;
      const job = new TransferJob({
        source: store,
        target: store,
        roots,
        move: false,
        taken: 'skip',
        seen,
        oneCluster,
      });
      await job.run({ signal });
      assert.equal((await store.get(bytes('/copied/key'))).kv?.lease, lease);
    });
  });
