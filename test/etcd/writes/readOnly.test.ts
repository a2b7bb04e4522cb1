import assert from 'node:assert/strict';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';

describe('a read-only connection', () => {
  let server: EtcdServer;
  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
  });
  after(() => server?.stop());

  for (const api of ['v2', 'v3'] as const) {
    it(`reads ${api} keys, and refuses every write before it is sent`, async () => {
      const writing = await connectEtcd({ ...settingsFor(server.endpoint), api });
      const key = bytes(`/guarded/${api}`);
      const written = await writing.store.put(key, bytes('kept'), 'absent');
      assert.ok(written.outcome === 'written');
      const sent: string[] = [];
      const settings = settingsFor(server.endpoint, { log: ({ method, path }) => sent.push(`${method} ${path}`) });
      const { store, close } = await connectEtcd({ ...settings, api, readOnly: true });
      assert.equal(store.capabilities.writable, false);
      assert.equal(text((await store.get(key)).kv?.value), 'kept');
      const { children } = await store.listChildren(bytes('/guarded/')).next(10);
      assert.ok(children.some(({ path }) => text(path) === `/guarded/${api}`));
      sent.length = 0;
      const refused = failsAs('readOnly');
      await assert.rejects(store.put(key, bytes('x'), written), refused);
      await assert.rejects(store.delete([singleKeyRange(key)]), refused);
      await assert.rejects(store.transact([{ kind: 'delete', key, expected: written }]), refused);
      if (store.leases) {
        await assert.rejects(store.leases.grant(10), refused);
        await assert.rejects(store.leases.revoke(1n), refused);
        await assert.rejects(store.leases.keepAlive(1n), refused);
      }
      if (store.createDirectory) await assert.rejects(store.createDirectory(bytes('/guarded/d/')), refused);
      assert.deepEqual(sent, []);
      for await (const { kvs } of store.scan(prefixRange(bytes('/guarded/')), { values: true }))
        assert.ok(kvs.some(({ value }) => text(value) === 'kept'));
      close();
      writing.close();
    });
  }
});
