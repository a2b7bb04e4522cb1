import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { putBack } from '../../../src/etcd/writes/putBack.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, text } from '../connecting.ts';
import { interrupted, once } from '../interrupted.ts';
import { contents, Stores } from '../transfer/transferring.ts';
import { exported, Imports, jsonFile, partsOf, writerOf } from './keyFiles.ts';

describe('imports while somebody else writes', () => {
  let server: EtcdServer;
  let imports: Imports;
  const stores = new Stores();

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
    imports = await Imports.begin();
  });
  after(async () => {
    await imports?.end();
    await server?.stop();
  });
  afterEach(() => stores.close());

  async function put(store: KeyStore, key: string, value: string): Promise<void> {
    const { kv } = await store.get(bytes(key));
    assert.equal((await store.put(bytes(key), bytes(value), kv ?? 'absent')).outcome, 'written');
  }

  for (const api of ['v2', 'v3'] as const) {
    it(`undo nothing that somebody else wrote alike in ${api} between the preview and the import`, async () => {
      const store = await stores.of(server, api);
      const prefix = `/alike-${api}/`;
      await put(store, `${prefix}changed`, 'old');
      const wanted = { [`${prefix}changed`]: 'x', [`${prefix}new`]: 'x', [`${prefix}ours`]: 'x' };
      const plan = await imports.plan(store, partsOf(jsonFile(wanted)));
      for (const name of ['changed', 'new']) await put(store, prefix + name, 'x');
      const writer = writerOf(store, plan);
      await writer.run();
      assert.deepEqual(writer.left, []);
      assert.deepEqual(await contents(store, prefix), wanted);
      const { undo } = writer;
      assert.ok(undo);
      const { removed } = await putBack(store, undo);
      assert.equal(removed, 1);
      assert.deepEqual(await contents(store, prefix), { [`${prefix}changed`]: 'x', [`${prefix}new`]: 'x' });
    });

    it(`know after a lost answer of ${api} what they wrote, and undo just that, as far as it is known`, async () => {
      const store = await stores.of(server, api);
      const prefix = `/lost-${api}/`;
      for (const only of ['changed', 'created']) {
        if (only === 'changed') await put(store, prefix + only, 'old');
        const plan = await imports.plan(store, partsOf(jsonFile({ [prefix + only]: 'new' })));
        const after = once(async () => {
          throw new EtcdError('fateUnknown', 'The answer was lost.');
        });
        const writer = writerOf(interrupted(store, { after }), plan);
        await assert.rejects(writer.run(), (error) => EtcdError.is(error, 'fateUnknown'));
        await writer.run();
        assert.deepEqual([writer.written, writer.left], [1, []]);
        const { undo } = writer;
        // v2 does not report what was there before.
        if (api === 'v2' && only === 'changed') assert.equal(undo, undefined);
        else assert.equal((await putBack(store, undo ?? [])).restored, 1);
      }
      const expected = api === 'v2' ? 'new' : 'old';
      assert.deepEqual(await contents(store, prefix), { [`${prefix}changed`]: expected });
    });

    it(`forget how to undo what was written in ${api} where that is too much to be kept`, async () => {
      const store = await stores.of(server, api);
      const wanted = { [`/much-${api}/a`]: 'x'.repeat(300), [`/much-${api}/b`]: 'x'.repeat(300) };
      const plan = await imports.plan(store, partsOf(jsonFile(wanted)));
      const writer = writerOf(store, plan, { undoBytes: 300 });
      await writer.run();
      assert.deepEqual([writer.written, writer.undo], [2, undefined]);
    });

    it(`leave what somebody else writes in ${api} just before a transaction`, async () => {
      const store = await stores.of(server, api);
      const prefix = `/just-before-${api}/`;
      for (const name of ['changed', 'deleted', 'ours']) await put(store, prefix + name, 'old');
      const names = ['changed', 'created', 'deleted', 'ours'];
      const wanted = Object.fromEntries(names.map((name) => [prefix + name, 'new']));
      const before = once(async () => {
        await put(store, `${prefix}changed`, 'theirs');
        await put(store, `${prefix}created`, 'theirs');
        const { kv } = await store.get(bytes(`${prefix}deleted`));
        if (kv) await store.transact([{ kind: 'delete', key: kv.key, expected: kv }]);
      });
      const busy = interrupted(store, { before });
      const writer = writerOf(busy, await imports.plan(store, partsOf(jsonFile(wanted))));
      await writer.run();
      assert.deepEqual(
        writer.left.map(({ key, why }) => [text(key), why]),
        ['changed', 'created', 'deleted'].map((name) => [prefix + name, 'changed']),
      );
      assert.deepEqual(await contents(store, prefix), {
        [`${prefix}changed`]: 'theirs',
        [`${prefix}created`]: 'theirs',
        [`${prefix}ours`]: 'new',
      });
    });
  }

  it('keep the lease that a key has, and give new keys none, where leases are to stay', async () => {
    const store = await stores.of(server);
    await store.put(bytes('/stay/a'), bytes('old'), 'absent', { lifetime: { ttl: 600 } });
    const lease = (await store.get(bytes('/stay/a'))).kv?.lease ?? 0n;
    assert.notEqual(lease, 0n);
    const keys = ['a', 'new'].map((name) => ({ key: `/stay/${name}`, value: 'new', ttl: 500, lease: 'ff' }));
    const leases = await store.leases?.list();
    const plan = await imports.plan(store, partsOf(JSON.stringify({ keys })));
    await writerOf(store, plan, { leases: 'stay' }).run();
    const found = await Promise.all(keys.map(({ key }) => store.get(bytes(key))));
    assert.deepEqual(
      found.map(({ kv }) => [text(kv?.value), kv?.lease]),
      [
        ['new', lease],
        ['new', 0n],
      ],
    );
    assert.deepEqual(await store.leases?.list(), leases);
  });

  it('take no key for newer than the file that is another one: below another prefix, or of another cluster', async () => {
    const store = await stores.of(server);
    await put(store, '/facts/a', 'exported');
    const file = await exported(store, '/facts/', 'json', true);
    await put(store, '/facts/a', 'newer');
    await put(store, '/elsewhere/a', 'another');
    const same = await imports.plan(store, partsOf(file));
    assert.deepEqual([same.count('conflicting'), same.count('changed')], [1, 0]);
    const elsewhere = await imports.plan(store, partsOf(file), '/elsewhere/');
    assert.deepEqual([elsewhere.count('conflicting'), elsewhere.count('changed')], [0, 1]);
    const other = file.replace(/"cluster": "\w+"/, '"cluster": "1"');
    assert.notEqual(other, file);
    const foreign = await imports.plan(store, partsOf(other));
    assert.deepEqual([foreign.count('conflicting'), foreign.count('changed')], [0, 1]);
  });
});
