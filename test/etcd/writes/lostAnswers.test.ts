import assert from 'node:assert/strict';
import { connectEtcd, type EtcdSettings } from '../../../src/etcd/connect/connect.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { networkError } from '../../../src/etcd/http/networkErrors.ts';
import type { Expectation, KeyStore } from '../../../src/etcd/keyStore.ts';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import { putBack } from '../../../src/etcd/writes/putBack.ts';
import { selfSigned, type Identity } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { eventually, until } from '../eventually.ts';
import { ETCD_SERIES } from '../versions.ts';
import { breakingProxy, type BreakingProxy } from './breakingProxy.ts';

/** Codes that a system, TLS or a library may report, even for an open connection. */
const CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'EPROTO',
  'ETIMEDOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'EADDRNOTAVAIL',
  'NO_CODE_OF_NODE',
];
const WAYS = [
  { api: 'v3', transport: 'grpc' },
  { api: 'v3', transport: 'gateway' },
  { api: 'v2' },
] as const satisfies readonly Partial<EtcdSettings>[];

describe('the failure of a request', () => {
  it('does not tell by its code whether the request was carried out', () => {
    const limits = { connect: 1000, response: 1000 };
    for (const code of CODES) {
      const thrown = Object.assign(new Error(`read ${code}`), { code, syscall: 'read' });
      assert.ok(networkError(thrown, new URL('http://etcd.example:2379'), limits).fateUnknown, code);
    }
  });
});

for (const way of WAYS) {
  const isV3 = way.api === 'v3';
  describe(`writes whose answers are lost, by ${isV3 ? way.transport : 'v2'}`, () => {
    let server: EtcdServer;
    let outside: KeyStore;
    const proxies: BreakingProxy[] = [];
    const closing: (() => void)[] = [];

    before(async function () {
      this.timeout('2m');
      server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2=true'] });
      const direct = await connectEtcd({ ...settingsFor(server.endpoint), api: way.api });
      outside = direct.store;
      closing.push(direct.close);
    });
    afterEach(() => {
      for (const close of closing.splice(1)) close();
      for (const proxy of proxies.splice(0)) proxy.close();
    });
    after(async () => {
      for (const close of closing) close();
      await server?.stop();
    });

    /** Opens a store that reaches the etcd through a number of endpoints. */
    async function connect(endpoints: number, tls?: Identity, target = server): Promise<KeyStore> {
      while (proxies.length < endpoints) proxies.push(await breakingProxy(target.port));
      const urls = proxies.map(({ port }) => `${tls ? 'https' : 'http'}://127.0.0.1:${port}`);
      const identity = tls ? { certificateAuthorities: [tls.certPem] } : {};
      const { store, close } = await connectEtcd({ ...settingsFor(urls, { tls: identity }), ...way });
      closing.push(close);
      return store;
    }

    async function create(store: KeyStore, key: string, value: string): Promise<Expectation> {
      const result = await store.put(bytes(key), bytes(value), 'absent');
      assert.ok(result.outcome === 'written');
      return result;
    }

    const hasArrived = (key: string, value: string | undefined) =>
      until(async () => text((await outside.get(bytes(key))).kv?.value) === value);
    const hold = () => {
      for (const proxy of proxies) proxy.hold();
    };
    const fail = (code: string) => {
      for (const proxy of proxies) proxy.fail(code);
    };

    for (const endpoints of [1, 2])
      it(`are known to be carried out, once, whatever is reported of the connection: ${endpoints} endpoint(s)`, async function () {
        this.timeout('1m');
        const store = await connect(endpoints);
        for (const code of CODES) {
          const key = `/code/${endpoints}/${code}`;
          const before = await create(store, key, 'old');
          await store.get(bytes(key));
          hold();
          const saving = store.put(bytes(key), bytes('new'), before);
          await hasArrived(key, 'new');
          fail(code);
          const saved = await saving;
          const { kv } = await outside.get(bytes(key));
          assert.ok(kv && saved.outcome === 'written', `${code}: ${saved.outcome}`);
          assert.equal(saved.modRevision, kv.modRevision);
          if (isV3) assert.equal(kv.version, 2n, code);
        }
      });

    it('have the revision of the key, and not that of a later read, so that they can be undone', async function () {
      const store = await connect(1);
      const expected = await create(store, '/undo', 'old');
      await store.get(bytes('/undo'));
      hold();
      const changing = store.transact([{ kind: 'put', key: bytes('/undo'), value: bytes('new'), expected }]);
      await hasArrived('/undo', 'new');
      for (let n = 0; n < 5; n++) await create(outside, `/later/${n}`, 'x');
      fail('ECONNRESET');
      const changed = await changing;
      assert.ok(changed.outcome === 'done');
      assert.equal(changed.revision, (await outside.get(bytes('/undo'))).kv?.modRevision);
      const left = { modRevision: changed.revision };
      const undone = await putBack(
        store,
        changed.previous.map((previous) => ({ previous, left })),
      );
      assert.deepEqual([undone.restored, undone.changedSince], [1, []]);
      assert.equal(text((await outside.get(bytes('/undo'))).kv?.value), 'old');
    });

    it('are told as done if they were deletes, with what was deleted', async () => {
      const store = await connect(1);
      for (const key of ['/del/1', '/del/2']) await create(store, key, key);
      const range = prefixRange(bytes('/del/'));
      const { revision } = await store.count([range]);
      hold();
      const deleting = store.delete([range], { unchangedSince: revision, previous: true });
      await hasArrived('/del/1', undefined);
      fail('ECONNRESET');
      const deleted = await deleting;
      assert.ok(deleted.outcome === 'deleted');
      assert.equal(deleted.keys, 2);
      assert.deepEqual(deleted.previous?.map(({ value }) => text(value)).toSorted(), ['/del/1', '/del/2']);
    });

    it('go to the next endpoint if nothing of them was sent', async () => {
      const store = await connect(2);
      const [first] = proxies;
      await store.get(bytes('/next'));
      await first?.stop();
      const saved = await eventually(() => store.put(bytes('/next'), bytes('x'), 'absent'), 'fateUnknown');
      assert.equal(saved.outcome, 'written');
    });

    if (isV3)
      it('are known to be carried out if TLS finds the answer damaged', async function () {
        this.timeout('1m');
        const tls = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
        const secure = await startEtcd({ tls });
        const trust = { tls: { certificateAuthorities: [tls.certPem] } };
        const direct = await connectEtcd({ ...settingsFor(secure.endpoint, trust), api: 'v3' });
        try {
          for (const endpoints of [1, 2]) {
            const key = `/damaged/${endpoints}`;
            const store = await connect(endpoints, tls, secure);
            const before = await create(store, key, 'old');
            hold();
            const saving = store.put(bytes(key), bytes('new'), before);
            await until(async () => text((await direct.store.get(bytes(key))).kv?.value) === 'new');
            for (const proxy of proxies) proxy.corrupt();
            const saved = await saving;
            const { kv } = await direct.store.get(bytes(key));
            assert.ok(saved.outcome === 'written', saved.outcome);
            assert.equal(saved.modRevision, kv?.modRevision);
            assert.equal(kv?.version, 2n);
          }
        } finally {
          direct.close();
          await secure.stop();
        }
      });

    if (isV3)
      it('are told apart from what somebody else has written since', async () => {
        const store = await connect(1);
        const a = await create(store, '/others/a', 'old');
        const b = await create(store, '/others/b', 'old');
        hold();
        const changing = store.transact([
          { kind: 'put', key: bytes('/others/a'), value: bytes('new'), expected: a },
          { kind: 'put', key: bytes('/others/b'), value: bytes('new'), expected: b },
        ]);
        await hasArrived('/others/b', 'new');
        const { kv } = await outside.get(bytes('/others/b'));
        assert.ok(kv);
        // The same value, at another revision.
        await outside.put(kv.key, kv.value, kv);
        fail('ENETDOWN');
        await assert.rejects(changing, failsAs('fateUnknown', /others have written its keys/));
      });

    if (isV3)
      it('leave no lease behind that etcd did not need', async () => {
        const store = await connect(1);
        const lifetime = { ttl: 8_000_000 };
        const tooLarge = new Uint8Array(1_700_000);
        const expected = 'absent';
        const refused = (error: unknown) => EtcdError.is(error, 'requestTooLarge');
        await assert.rejects(store.put(bytes('/big'), tooLarge, expected, { lifetime }), refused);
        const change = { kind: 'put', key: bytes('/big'), value: tooLarge, expected, lifetime } as const;
        await assert.rejects(store.transact([change]), refused);
        assert.deepEqual(await store.leases?.list(), []);
      });

    if (isV3)
      it('are known to have revoked a lease', async () => {
        const store = await connect(1);
        const lease = await store.leases?.grant(1000);
        assert.ok(lease !== undefined);
        await store.put(bytes('/leased'), bytes('x'), 'absent', { lifetime: { lease } });
        hold();
        const revoking = store.leases?.revoke(lease);
        await hasArrived('/leased', undefined);
        fail('EHOSTUNREACH');
        await revoking;
        assert.equal((await outside.count([singleKeyRange(bytes('/leased'))])).keys, 0);
      });
  });
}

for (const version of ETCD_SERIES)
  describe(`writes to etcd ${version} whose database becomes full`, () => {
    it('are told as done exactly if they were, though etcd refuses some that it has carried out', async function () {
      this.timeout('1m');
      const server = await startEtcd({ version, extraArgs: ['--quota-backend-bytes', String(8 * 1024 * 1024)] });
      const { store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3' });
      try {
        const value = new Uint8Array(400_000);
        const write = (key: string) =>
          store.put(bytes(key), value, 'absent').then(
            () => true,
            (error: unknown) => {
              assert.ok(EtcdError.is(error, 'quotaExceeded'), String(error));
              return false;
            },
          );
        // All are under way before the first one has made the database grow.
        const keys = Array.from({ length: 40 }, (_, number) => `/full/${number}`);
        const said = await Promise.all(keys.map(write));
        const { kvs } = await store.getMany(keys.map(bytes));
        const isThere = kvs.map((kv) => kv !== undefined);
        assert.deepEqual(said, isThere);
        // etcd counts what it has written only when it commits, up to 100 ms later.
        let later = 0;
        while (await write(`/full/later/${later++}`)) assert.ok(later < keys.length);
      } finally {
        close();
        await server.stop();
      }
    });
  });
