import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { connectEtcd, type OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import { Endpoints } from '../../../src/etcd/http/endpoints.ts';
import { Http2Client } from '../../../src/etcd/http/http2Client.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import { deletions } from '../../../src/etcd/past/deletions.ts';
import { keyHistory } from '../../../src/etcd/past/keyHistory.ts';
import { GrpcTransport } from '../../../src/etcd/v3/transport/grpcTransport.ts';
import { Session } from '../../../src/etcd/v3/session.ts';
import { V3Store } from '../../../src/etcd/v3/v3Store.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { until } from '../eventually.ts';
import { ETCD_SERIES, NEWER_SERIES, skipIfUnavailable } from '../versions.ts';

const HEARTBEAT = 200;
/** Together more events than may wait. */
const LARGE_PARTS = 300;
const PART_KEYS = 100;
/** Milliseconds that a slow reader takes for a batch. */
const SLOW = 100;

for (const version of [...ETCD_SERIES, ...NEWER_SERIES])
  describe(`what waits for the present beside a live watch of a quiet etcd ${version}`, () => {
    let server: EtcdServer;
    const ends: (() => void)[] = [];

    before(async function () {
      await skipIfUnavailable(this, version);
      server = await startEtcd({ version });
    });
    afterEach(() => {
      for (const end of ends.splice(0)) end();
    });
    after(() => server?.stop());

    async function connect(transport: 'grpc' | 'gateway' = 'grpc'): Promise<OpenEtcd> {
      const connection = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3', transport });
      ends.push(connection.close);
      return connection;
    }

    /** Follows a prefix from a revision on until the test ends; resolves once the watch exists. */
    async function follow(
      store: V3Store | OpenEtcd['store'],
      prefix: string,
      fromRevision?: bigint,
    ): Promise<string[]> {
      const stop = new AbortController();
      ends.push(() => stop.abort());
      const seen: string[] = [];
      const stands = Promise.withResolvers<void>();
      void (async () => {
        const watch = store.watch(prefixRange(bytes(prefix)), {
          ...(fromRevision !== undefined && { fromRevision }),
          interrupted: ({ kind }) => seen.push(`interrupted: ${kind}`),
          signal: stop.signal,
        });
        for await (const { events } of watch) {
          for (const event of events) seen.push(event.kind === 'put' ? `put ${text(event.kv.key)}` : event.kind);
          stands.resolve();
        }
      })().catch(stands.reject);
      await stands.promise;
      return seen;
    }

    async function put(key: string, value = 'x'): Promise<void> {
      assert.equal((await server.etcdctl(['put', key, value])).code, 0);
    }

    for (const transport of ['grpc', 'gateway'] as const)
      it(`finds deleted keys and a history to their ends, by ${transport}`, async () => {
        const { store } = await connect(transport);
        const prefix = `/${transport}/`;
        for (const name of ['1', '2', '3']) await put(`${prefix}${name}`);
        await server.etcdctl(['del', `${prefix}3`]);
        await put('/other/last');
        const { revision } = await store.get(bytes(`${prefix}1`));
        const seen = await follow(store, prefix, revision + 1n);
        const found: string[] = [];
        for await (const { changes, revision: reached, newest } of deletions(store, prefixRange(bytes(prefix)))) {
          for (const { key, deleted } of changes) if (deleted) found.push(text(key) ?? '');
          assert.ok(reached <= newest);
        }
        assert.deepEqual(found, [`${prefix}3`]);
        const kinds: string[] = [];
        for await (const { kind } of keyHistory(store, bytes(`${prefix}3`), undefined, store)) kinds.push(kind);
        assert.deepEqual(kinds, ['deleted', 'version', 'absent']);
        assert.equal(seen.length, 0);
        await put(`${prefix}after`);
        await until(() => Promise.resolve(seen.includes(`put ${prefix}after`)));
        assert.deepEqual(seen, [`put ${prefix}after`], 'the revision before the one that is wanted is left out');
      });

    it('never mistakes a healthy watch for a dead one, whenever it begins', async () => {
      const http2 = new Http2Client(settingsFor(server.endpoint), new Endpoints(settingsFor(server.endpoint)));
      ends.push(() => http2.close());
      const store = new V3Store(
        new Session(new GrpcTransport(http2, { heartbeat: HEARTBEAT, tellsEnd: true }), undefined),
      );
      const { revision } = await store.get(bytes('/a'));
      const first = await follow(store, '/a/', revision);
      await delay(4 * HEARTBEAT);
      const second = await follow(store, '/b/', revision + 1n);
      await delay(12 * HEARTBEAT);
      assert.deepEqual([first, second], [[], []]);
      await put('/b/1');
      await until(() => Promise.resolve(second.includes('put /b/1')));
    });

    it('reads a history to its end that is larger than what may wait, beside other watches', async function () {
      this.timeout('2m');
      const { store } = await connect();
      const deleted: string[] = [];
      for (let part = 0; part < LARGE_PARTS; part++) {
        const puts = Array.from({ length: PART_KEYS }, (_, number) => ({
          kind: 'put' as const,
          key: bytes(`/large/${part}/${number}`),
          value: bytes('x'),
          expected: 'absent' as const,
        }));
        assert.equal((await store.transact(puts)).outcome, 'done');
      }
      for (const part of [0, LARGE_PARTS - 1]) {
        deleted.push(`/large/${part}/0`);
        await server.etcdctl(['del', `/large/${part}/0`]);
      }
      await follow(store, '/elsewhere/');
      const slow = async () => {
        const found: string[] = [];
        for await (const { changes, isGuess } of deletions(store, prefixRange(bytes('/large/')))) {
          await delay(SLOW);
          for (const { key, deleted: isGone } of changes) if (isGone) found.push(text(key) ?? '');
          assert.ok(!store.capabilities.tellsEnd || !isGuess);
        }
        return found;
      };
      for (let round = 0; round < 3; round++) assert.deepEqual(await Promise.all([slow(), slow()]), [deleted, deleted]);
    });
  });
