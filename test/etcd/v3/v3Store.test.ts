import assert from 'node:assert/strict';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { selfSigned } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { ALL_VERSIONS_AND_TRANSPORTS, skipIfUnavailable } from '../versions.ts';

const PASSWORD = 'correct-horse';

for (const { version, transport } of ALL_VERSIONS_AND_TRANSPORTS) {
  describe(`V3Store on etcd ${version} over ${transport}, with TLS and authentication`, () => {
    let server: EtcdServer;
    let connection: Awaited<ReturnType<typeof connectV3>>;

    before(async function () {
      this.timeout('5m');
      await skipIfUnavailable(this, version);
      const tls = await selfSigned({ commonName: 'localhost', names: ['127.0.0.1'] });
      server = await startEtcd({ version, tls, auth: { rootPassword: PASSWORD } });
      const settings = settingsFor(server.endpoint, { tls: { certificateAuthorities: [tls.certPem] } });
      connection = await connectV3({ ...settings, transport }, { username: 'root', password: PASSWORD });
    });
    after(async () => {
      connection?.close();
      await server?.stop();
    });

    it('tells the server version and the transport', () => {
      assert.equal(connection.serverVersion, server.version);
      assert.equal(connection.transport, transport);
    });

    it('creates a key only if it is absent', async () => {
      const { store } = connection;
      const first = await store.put(bytes('/create/a'), bytes('one'), 'absent');
      assert.equal(first.outcome, 'written');
      const second = await store.put(bytes('/create/a'), bytes('two'), 'absent');
      assert.equal(second.outcome, 'conflict');
      assert.equal(text(second.outcome === 'conflict' ? second.current.kv?.value : undefined), 'one');
      assert.equal((await server.etcdctl(['get', '/create/a', '--print-value-only'])).stdout.trim(), 'one');
    });

    it('writes a key only if it is as it was read', async () => {
      const { store } = connection;
      await server.etcdctl(['put', '/cas/a', 'one']);
      const read = await store.get(bytes('/cas/a'));
      const modRevision = read.kv?.modRevision ?? 0n;
      await server.etcdctl(['put', '/cas/a', 'two']);
      const stale = await store.put(bytes('/cas/a'), bytes('mine'), { modRevision });
      assert.equal(stale.outcome, 'conflict');
      const current = stale.outcome === 'conflict' ? stale.current.kv : undefined;
      assert.equal(text(current?.value), 'two');
      const fresh = await store.put(bytes('/cas/a'), bytes('mine'), { modRevision: current?.modRevision ?? 0n });
      assert.equal(fresh.outcome, 'written');
      const after = await store.get(bytes('/cas/a'));
      assert.equal(text(after.kv?.value), 'mine');
      assert.equal(after.kv?.modRevision, fresh.outcome === 'written' ? fresh.modRevision : undefined);
    });

    it('does not re-create a key that was deleted meanwhile', async () => {
      const { store } = connection;
      await server.etcdctl(['put', '/cas/gone', 'one']);
      const modRevision = (await store.get(bytes('/cas/gone'))).kv?.modRevision ?? 0n;
      await server.etcdctl(['del', '/cas/gone']);
      const result = await store.put(bytes('/cas/gone'), bytes('mine'), { modRevision });
      assert.equal(result.outcome, 'conflict');
      assert.equal((await store.get(bytes('/cas/gone'))).kv, undefined);
    });

    it("keeps a key's lease when it writes the value, and tells the lease's remaining time", async () => {
      const { store } = connection;
      const granted = await server.etcdctl(['lease', 'grant', '300']);
      const lease = /lease (\w+) granted/.exec(granted.stdout)?.[1] ?? '';
      await server.etcdctl(['put', `--lease=${lease}`, '/leased', 'one']);
      const { kv } = await store.get(bytes('/leased'));
      assert.equal(BigInt(`0x${lease}`), kv?.lease);
      await store.put(bytes('/leased'), bytes('two'), { modRevision: kv?.modRevision ?? 0n });
      const after = (await store.get(bytes('/leased'))).kv;
      assert.equal(text(after?.value), 'two');
      assert.equal(BigInt(`0x${lease}`), after?.lease);
      const seconds = await store.leases?.timeToLive(after?.lease ?? 0n);
      assert.ok(seconds !== undefined && seconds > 0 && seconds <= 300);
      assert.equal(await store.leases?.timeToLive(12345n), undefined);
    });

    it('keeps every byte of keys and values', async () => {
      const { store } = connection;
      const key = Uint8Array.from({ length: 256 }, (_, index) => index);
      const value = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 256);
      await store.put(key, value, 'absent');
      const { kv } = await store.get(key);
      assert.deepEqual(Buffer.from(kv?.value ?? []), Buffer.from(value));
      assert.deepEqual(Buffer.from(kv?.key ?? []), Buffer.from(key));
    });

    it('deletes a folder in one revision and leaves its neighbours', async () => {
      const { store } = connection;
      for (const key of ['/a', '/a/1', '/a/2', '/a/b/3', '/ab', '/a0']) await server.etcdctl(['put', key, 'x']);
      const folder = [prefixRange(bytes('/a/'))];
      assert.equal((await store.count(folder)).keys, 3);
      const result = await store.delete(folder);
      assert.ok(result.outcome === 'deleted' && result.keys === 3);
      const left = (await server.etcdctl(['get', '/a', '--prefix', '--keys-only'])).stdout.split('\n').filter(Boolean);
      assert.deepEqual(left, ['/a', '/a0', '/ab']);
    });

    it('deletes several keys in one transaction, unless one was written since they were counted', async () => {
      const { store } = connection;
      for (const key of ['/d/1', '/d/2', '/d/3']) await server.etcdctl(['put', key, 'x']);
      const ranges = ['/d/1', '/d/3'].map((key) => singleKeyRange(bytes(key)));
      const { keys, revision } = await store.count(ranges);
      assert.equal(keys, 2);
      await server.etcdctl(['put', '/d/3', 'changed']);
      assert.deepEqual(await store.delete(ranges, { unchangedSince: revision }), { outcome: 'changed' });
      assert.equal((await store.count([prefixRange(bytes('/d/'))])).keys, 3);
      const again = await store.count(ranges);
      const result = await store.delete(ranges, { unchangedSince: again.revision });
      assert.ok(result.outcome === 'deleted' && result.keys === 2);
      assert.equal((await store.count([prefixRange(bytes('/d/'))])).keys, 1);
    });

    it('says that a value is too large, and that nothing was changed', async () => {
      const { store } = connection;
      for (const size of [1_600_000, 2_500_000]) {
        await assert.rejects(store.put(bytes('/large'), new Uint8Array(size), 'absent'), failsAs('requestTooLarge'));
      }
      assert.equal((await store.get(bytes('/large'))).kv, undefined);
    });

    it('stops a request that is aborted', async () => {
      const abort = new AbortController();
      const pending = connection.store.get(bytes('/x'), abort);
      abort.abort();
      await assert.rejects(pending, failsAs('cancelled'));
    });
  });

  describe(`a full etcd ${version} over ${transport}`, () => {
    it('says that the database is full, and still reads and deletes', async function () {
      this.timeout('5m');
      await skipIfUnavailable(this, version);
      const server = await startEtcd({ version, extraArgs: ['--quota-backend-bytes', '1000000'] });
      const { store, close } = await connectV3({ ...settingsFor(server.endpoint), transport });
      try {
        const value = new Uint8Array(300_000);
        const fill = async () => {
          // etcd checks the size only now and then, so the number of writes that it accepts varies.
          for (let index = 0; ; index++) await store.put(bytes(`/fill/${index}`), value, 'absent');
        };
        await assert.rejects(fill(), failsAs('quotaExceeded'));
        assert.ok((await store.get(bytes('/fill/0'))).kv);
        assert.equal((await store.delete([singleKeyRange(bytes('/fill/0'))])).outcome, 'deleted');
      } finally {
        close();
        await server.stop();
      }
    });
  });
}
