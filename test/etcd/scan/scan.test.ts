import assert from 'node:assert/strict';
import { toBinaryKey } from '../../../src/etcd/keys/binaryKey.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { ETCD_SERIES } from '../versions.ts';

const KEYS = 24_000;
const KEYS_PER_TRANSACTION = 128;
const RANGE = prefixRange(bytes('/scan/'));
/** Half more than the intended size of a page, in bytes. */
const LONGEST = { grpc: 1.5 * 1.5 * 1024 ** 2, gateway: 1.5 * 0.5 * 1024 ** 2 };

/** Returns long names, so that fewer keys make many pages. */
function keyAt(at: number): string {
  return `/scan/folder-${String(Math.floor(at / 300)).padStart(3, '0')}/${'name-'.repeat(30)}${String(at % 300).padStart(3, '0')}`;
}

for (const version of ETCD_SERIES) {
  for (const transport of ['grpc', 'gateway'] as const) {
    describe(`scanning etcd ${version} by ${transport}`, () => {
      let server: EtcdServer;
      let connection: Awaited<ReturnType<typeof connectV3>>;
      const answers: number[] = [];
      const expected = Array.from({ length: KEYS }, (_, at) => keyAt(at));

      before(async function () {
        this.timeout('5m');
        server = await startEtcd({ version });
        const log = ({ bytes: size = 0 }) => void answers.push(size);
        connection = await connectV3({ ...settingsFor(server.endpoint, { log }), transport });
        for (let at = 0; at < KEYS; at += KEYS_PER_TRANSACTION) {
          const keys = expected.slice(at, at + KEYS_PER_TRANSACTION);
          const result = await connection.store.transact(
            keys.map((key, index) => ({
              kind: 'put',
              key: bytes(key),
              value: bytes(`value ${at + index}`),
              expected: 'absent',
            })),
          );
          assert.equal(result.outcome, 'done');
        }
      });
      beforeEach(() => void answers.splice(0));
      after(async () => {
        connection?.close();
        await server?.stop();
      });

      it('reads each key once, at one revision, in answers of bounded size, while others write', async () => {
        const { store } = connection;
        const found: string[] = [];
        const revisions = new Set<bigint>();
        for await (const { keys, total, revision } of store.scanKeys(RANGE)) {
          revisions.add(revision);
          assert.equal(total, KEYS);
          for (let at = 0; at < keys.length; at++) {
            assert.equal(keys.text(at), toBinaryKey(keys.key(at)));
            found.push(keys.text(at));
          }
          if (found.length < KEYS) await store.put(bytes(`/scan/folder-050/new-${found.length}`), bytes(''), 'absent');
        }
        assert.deepEqual(found, expected);
        assert.equal(revisions.size, 1);
        assert.ok(Math.max(...answers) <= LONGEST[transport], `an answer of ${Math.max(...answers)} bytes`);
        await store.delete([prefixRange(bytes('/scan/folder-050/new-'))]);
      });

      it('reads values as they were at that revision', async () => {
        const { store } = connection;
        const found: (readonly [string, string])[] = [];
        const revisions = new Set<bigint>();
        for await (const { kvs, total, revision } of store.scan(RANGE, { values: true })) {
          if (revisions.size === 0) {
            const { kv } = await store.get(bytes(keyAt(KEYS - 1)));
            assert.ok(kv);
            await store.put(kv.key, bytes('newer'), { modRevision: kv.modRevision });
          }
          revisions.add(revision);
          assert.equal(total, KEYS);
          found.push(...kvs.map(({ key, value }) => [toBinaryKey(key), toBinaryKey(value)] as const));
        }
        assert.deepEqual(
          found,
          expected.map((key, at) => [key, `value ${at}`]),
        );
        assert.equal(revisions.size, 1);
        assert.ok(Math.max(...answers) <= LONGEST[transport], `an answer of ${Math.max(...answers)} bytes`);
      });

      it('tells what else is known of keys without reading their values', async () => {
        let read = 0;
        for await (const { kvs } of connection.store.scan(RANGE)) {
          for (const kv of kvs) assert.ok(kv.modRevision > 0n && kv.value.length === 0);
          read += kvs.length;
        }
        assert.equal(read, KEYS);
      });

      it('asks for no more once its caller has stopped', async () => {
        for await (const page of connection.store.scan(RANGE, { values: true })) {
          assert.ok(page.kvs.length > 0);
          break;
        }
        const asked = answers.length;
        await connection.store.get(bytes('/other'));
        assert.ok(asked <= 5 && answers.length <= asked + 4, `${asked} and ${answers.length} answers`);
      });
    });
  }
}
