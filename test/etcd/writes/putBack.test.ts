import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { KeyStore, KeyValue, Lifetime } from '../../../src/etcd/keyStore.ts';
import { putBack } from '../../../src/etcd/writes/putBack.ts';
import { undoneKey, type Undone } from '../../../src/etcd/writes/undone.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, text } from '../connecting.ts';
import { interrupted, once, replaced } from '../interrupted.ts';
import { contents, Stores } from '../transfer/transferring.ts';

describe('putting keys back', () => {
  let server: EtcdServer;
  const stores = new Stores();

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
  });
  after(() => server?.stop());
  afterEach(() => stores.close());

  async function put(store: KeyStore, key: string, value: string, lifetime?: Lifetime): Promise<KeyValue> {
    const { kv: before } = await store.get(bytes(key));
    const { outcome } = await store.put(bytes(key), bytes(value), before ?? 'absent', lifetime && { lifetime });
    assert.equal(outcome, 'written');
    const { kv } = await store.get(bytes(key));
    assert.ok(kv);
    return kv;
  }

  async function remove(store: KeyStore, key: string): Promise<void> {
    const { kv } = await store.get(bytes(key));
    if (kv) assert.equal((await store.transact([{ kind: 'delete', key: kv.key, expected: kv }])).outcome, 'done');
  }

  /** Makes changes to undo: one key overwritten, one deleted, one created. */
  async function changes(store: KeyStore, prefix: string): Promise<readonly Undone[]> {
    const [overwritten, deleted] = [await put(store, `${prefix}a`, 'old'), await put(store, `${prefix}b`, 'old')];
    const left = await put(store, `${prefix}a`, 'new');
    await remove(store, `${prefix}b`);
    const created = await put(store, `${prefix}c`, 'new');
    return [
      { previous: overwritten, left: { modRevision: left.modRevision } },
      { previous: deleted, left: 'absent' },
      { created: created.key, left: { modRevision: created.modRevision } },
    ];
  }

  for (const api of ['v2', 'v3'] as const) {
    it(`restores what was overwritten and deleted in ${api}, and removes what was created`, async () => {
      const store = await stores.of(server, api);
      const result = await putBack(store, await changes(store, `/all-${api}/`));
      assert.deepEqual([result.restored, result.removed, result.changedSince, result.withoutLease], [3, 1, [], 0]);
      assert.deepEqual(await contents(store, `/all-${api}/`), { [`/all-${api}/a`]: 'old', [`/all-${api}/b`]: 'old' });
      assert.deepEqual(
        result.overwritten.map(({ previous: { key, value } }) => [text(key), text(value)]),
        [[`/all-${api}/a`, 'new']],
      );
      // This can be undone in turn.
      assert.equal((await putBack(store, result.overwritten)).restored, 1);
      assert.equal((await contents(store, `/all-${api}/`))[`/all-${api}/a`], 'new');
    });

    it(`leaves what somebody else writes in ${api} just before, and says so`, async () => {
      for (const [index, name] of ['a', 'b', 'c'].entries()) {
        const store = await stores.of(server, api);
        const prefix = `/just-${api}/${name}/`;
        const undone = await changes(store, prefix);
        const busy = interrupted(store, { before: once(async () => void (await put(store, prefix + name, 'theirs'))) });
        const { restored, removed, changedSince } = await putBack(busy, undone);
        assert.deepEqual([restored, removed, changedSince.map(text)], [2, name === 'c' ? 0 : 1, [prefix + name]]);
        const now = await contents(store, prefix);
        assert.equal(now[prefix + name], 'theirs');
        for (const [other, each] of undone.entries())
          if (other !== index)
            assert.equal(now[text(undoneKey(each)) ?? ''], 'created' in each ? undefined : 'old', `${name} ${other}`);
      }
    });

    it(`takes ${api} keys that are as they were for restored when it is called again`, async () => {
      const store = await stores.of(server, api);
      const undone = await changes(store, `/again-${api}/`);
      await putBack(store, undone);
      const { restored, removed, changedSince } = await putBack(store, undone);
      assert.deepEqual([restored, removed, changedSince], [3, 1, []]);
    });
  }

  it('goes on one by one where the server takes one step in a transaction, which it has not told yet', async function () {
    this.timeout('1m');
    const small = await startEtcd({ extraArgs: ['--max-txn-ops', '1'] });
    try {
      const store = await stores.of(small);
      for (const count of [2, 5]) {
        const undone: Undone[] = [];
        for (let number = 0; number < count; number++) {
          undone.push({ previous: await put(store, `/small/${count}/${number}`, 'old'), left: 'absent' });
          await remove(store, `/small/${count}/${number}`);
        }
        assert.equal((await putBack(await stores.of(small), undone)).restored, count);
        assert.equal(Object.keys(await contents(store, `/small/${count}/`)).length, count);
      }
    } finally {
      await small.stop();
    }
  });

  it('gives keys back their lease while that lives, and says of which it has ended', async () => {
    const store = await stores.of(server);
    const lease = (await store.leases?.grant(600)) ?? 0n;
    const ended = (await store.leases?.grant(600)) ?? 0n;
    const living = await put(store, '/leased/living', 'old', { lease });
    const dying = await put(store, '/leased/dying', 'old', { lease: ended });
    const another = await put(store, '/leased/another', 'old', { lease: ended });
    const chosen = await put(store, '/leased/chosen', 'old', { lease: ended });
    for (const name of ['living', 'dying', 'another', 'chosen']) await remove(store, `/leased/${name}`);
    await store.leases?.revoke(ended);
    const { restored, withoutLease } = await putBack(store, [
      { previous: living, left: 'absent' },
      { previous: dying, left: 'absent' },
      { previous: another, left: 'absent' },
      { previous: chosen, left: 'absent', lifetime: { lease } },
    ]);
    assert.deepEqual([restored, withoutLease], [4, 2]);
    const leases = await Promise.all(
      ['living', 'dying', 'chosen'].map(async (name) => (await store.get(bytes(`/leased/${name}`))).kv?.lease),
    );
    assert.deepEqual(leases, [lease, 0n, lease]);
  });

  it('says how many were restored before it stopped, and completes what is left when it is called again', async () => {
    const store = await stores.of(server);
    const undone: Undone[] = [];
    for (let number = 0; number < 300; number++) {
      const kv = await put(store, `/stopped/${number}`, 'old');
      undone.push({ previous: kv, left: 'absent' });
      await remove(store, `/stopped/${number}`);
    }
    let transactions = 0;
    const dying = replaced(store, {
      transact: async (steps) => {
        if (++transactions === 3) throw new EtcdError('timedOut', 'No answer.');
        return await store.transact(steps);
      },
    });
    await assert.rejects(putBack(dying, undone), /^EtcdError: Stopped after restoring 256 keys: No answer\./);
    const first = replaced(store, { transact: () => Promise.reject(new EtcdError('timedOut', 'No answer.')) });
    await assert.rejects(putBack(first, undone), /^EtcdError: No answer\.$/);
    const { restored, changedSince } = await putBack(store, undone);
    assert.deepEqual([restored, changedSince], [300, []]);
    assert.equal(Object.keys(await contents(store, '/stopped/')).length, 300);
  });
});
