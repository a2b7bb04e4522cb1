import assert from 'node:assert/strict';
import { compareSides, type ComparedSide, type ComparisonOptions } from '../../../src/etcd/past/compareSides.ts';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { Random } from '../../unit/listing/random.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { putValue } from '../putValue.ts';
import { failsAs } from '../errorKind.ts';
import { ETCD_SERIES } from '../versions.ts';

for (const version of ETCD_SERIES)
  describe(`comparing keyspaces of etcd ${version}`, () => {
    let server: EtcdServer;
    let store: KeyStore;
    let close: () => void;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version, extraArgs: ['--enable-v2'] });
      ({ store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3' }));
    });
    after(async () => {
      close?.();
      await server?.stop();
    });

    const put = (key: Uint8Array, value: string) => putValue(store, key, value);

    async function differences(
      left: ComparedSide,
      right: ComparedSide,
      by: ComparisonOptions['by'] = 'revision',
    ): Promise<string[]> {
      const found: string[] = [];
      for await (const batch of compareSides(left, right, { by }))
        found.push(...batch.differences.map(({ kind, name }) => `${kind} ${Buffer.from(name).toString('latin1')}`));
      return found;
    }

    it('tells what was added, changed and deleted between two revisions, and between one and now', async () => {
      const prefix = bytes('/two/');
      for (const name of ['same', 'changed', 'deleted', 'recreated']) await put(bytes(`/two/${name}`), '1');
      const first = (await store.get(prefix)).revision;
      await put(bytes('/two/changed'), '2');
      await store.delete([singleKeyRange(bytes('/two/recreated'))]);
      await put(bytes('/two/recreated'), '1');
      const second = await put(bytes('/two/added'), '1');
      await store.delete([singleKeyRange(bytes('/two/deleted'))]);
      await put(bytes('/two/later'), '1');
      await put(bytes('/two-not'), '1');
      assert.deepEqual(await differences({ store, prefix, revision: first }, { store, prefix, revision: second }), [
        'added added',
        'changed changed',
        'rewritten recreated',
      ]);
      assert.deepEqual(await differences({ store, prefix, revision: first }, { store, prefix }), [
        'added added',
        'changed changed',
        'deleted deleted',
        'added later',
        'rewritten recreated',
      ]);
      assert.deepEqual(await differences({ store, prefix }, { store, prefix }), []);
    });

    it('tells what was only written again, or got another lease, from what has another value', async () => {
      const prefix = bytes('/values/');
      // So many and so large that their values take several requests.
      const names = Array.from({ length: 40 }, (_, index) => `${index}`.padStart(2, '0'));
      const big = 'x'.repeat(100_000);
      for (const name of names) await put(bytes(`/values/${name}`), big);
      const { revision } = await store.get(prefix);
      const lease = await store.leases?.grant(600);
      assert.ok(lease);
      for (const [index, name] of names.entries()) {
        const key = bytes(`/values/${name}`);
        const { kv } = await store.get(key);
        assert.ok(kv);
        const value = bytes(index % 4 === 1 ? `${big}y` : big);
        if (index % 4 > 0) await store.put(key, value, kv, index % 4 === 2 ? { lifetime: { lease } } : {});
      }
      const kinds = ['', 'changed', 'leaseChanged', 'rewritten'];
      const expected = names.flatMap((name, index) => (index % 4 > 0 ? [`${kinds[index % 4]} ${name}`] : []));
      assert.deepEqual(await differences({ store, prefix, revision }, { store, prefix }), expected);
    });

    it('agrees with the two sets of keys, for random bytes and many pages', async function () {
      this.timeout('5m');
      const random = new Random(3);
      const prefix = bytes('/random/');
      const keyOf = () =>
        Buffer.concat([prefix, Uint8Array.from({ length: 1 + random.below(3) }, () => random.below(256))]);
      const write = async (count: number) => {
        for (let index = 0; index < count; index++) {
          const key = keyOf();
          if (random.below(3) === 0) await store.delete([singleKeyRange(key)]);
          else await put(key, String(index));
        }
        const state = new Map<string, bigint>();
        let revision = 0n;
        for await (const page of store.scan(prefixRange(prefix))) {
          revision = page.revision;
          for (const { key, modRevision } of page.kvs)
            state.set(Buffer.from(key.subarray(prefix.length)).toString('latin1'), modRevision);
        }
        return { state, revision };
      };
      const [before, after] = [await write(400), await write(400)];
      const expected = [...new Set([...before.state.keys(), ...after.state.keys()])]
        .toSorted((a, b) => Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')))
        .flatMap((name) => {
          const [left, right] = [before.state.get(name), after.state.get(name)];
          if (left === right) return [];
          return [`${left === undefined ? 'added' : right === undefined ? 'deleted' : 'changed'} ${name}`];
        });
      const sides = [before, after].map(({ revision }) => ({ store, prefix, revision }));
      assert.ok(sides[0] && sides[1] && expected.length > 100);
      assert.deepEqual(await differences(sides[0], sides[1]), expected);
    });

    it('compares two folders by their values, and those of another API', async () => {
      const { store: v2, close: closeV2 } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v2' });
      try {
        for (const name of ['a', 'b', 'c']) await put(bytes(`/left/${name}`), name);
        for (const name of ['b', 'c', 'd']) await put(bytes(`/right/${name}`), name === 'c' ? 'other' : name);
        await v2.put(bytes('/right/b'), bytes('b'), 'absent');
        const left = { store, prefix: bytes('/left/') };
        const right = { store, prefix: bytes('/right/') };
        assert.deepEqual(await differences(left, right, 'value'), ['deleted a', 'changed c', 'added d']);
        const rightV2 = { store: v2, prefix: bytes('/right/') };
        assert.deepEqual(await differences(left, rightV2, 'value'), ['deleted a', 'deleted c']);
      } finally {
        closeV2();
      }
    });

    it('reads two large sides page by page, and stops reading when it is left', async function () {
      this.timeout('5m');
      const prefix = bytes('/large/');
      const values = Array.from({ length: 65_000 }, (_, index) => bytes(`/large/${String(index).padStart(6, '0')}`));
      for (let start = 0; start < values.length; start += 100)
        await store.transact(
          values
            .slice(start, start + 100)
            .map((key) => ({ kind: 'put', key, value: bytes('x'), expected: 'absent' }) as const),
        );
      const { revision } = await store.get(prefix);
      await put(bytes('/large/044999'), 'changed');
      const reads: number[] = [];
      let found = 0;
      for await (const { differences: some, read, total } of compareSides(
        { store, prefix, revision },
        { store, prefix },
        { by: 'revision' },
      )) {
        reads.push(read);
        found += some.length;
        assert.equal(total, 130_000);
      }
      assert.equal(reads.at(-1), 130_000);
      // A step reads from each side the keys that are decoded at a time.
      const steps = reads.map((read, index) => read - (reads[index - 1] ?? 0));
      assert.ok(Math.max(...steps) <= 2000, `steps of ${Math.max(...steps)} keys`);
      assert.equal(found, 1);
      for await (const _ of compareSides({ store, prefix, revision }, { store, prefix }, { by: 'revision' })) break;
    });

    it('says what is compacted, also in the middle of it', async () => {
      const prefix = bytes('/large/');
      const { revision } = await store.get(prefix);
      await put(bytes('/large/1'), '2');
      const oldest = await put(bytes('/large/1'), '3');
      const batches = compareSides({ store, prefix, revision }, { store, prefix }, { by: 'revision' });
      assert.equal((await batches.next()).done, false);
      await server.etcdctl(['compaction', String(oldest)]);
      const rest = (async () => {
        for await (const _ of batches);
      })();
      await assert.rejects(rest, failsAs('compacted', new RegExp(`^Revision ${revision} is compacted`)));
      assert.equal(text((await store.get(bytes('/large/1'))).kv?.value), '3');
    });

    it('can be cancelled', async () => {
      const abort = new AbortController();
      const prefix = bytes('/large/');
      const batches = compareSides({ store, prefix }, { store, prefix }, { by: 'revision', signal: abort.signal });
      await batches.next();
      abort.abort();
      await assert.rejects(batches.next(), failsAs('cancelled'));
    });
  });
