import assert from 'node:assert/strict';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { compareSides } from '../../../src/etcd/past/compareSides.ts';
import type { Difference } from '../../../src/etcd/past/difference.ts';
import {
  applyDifferences,
  keysToApply,
  type AppliedDifferences,
  type ChangedSide,
} from '../../../src/etcd/transfer/applyDifferences.ts';
import { connectV2 } from '../../../src/etcd/v2/connectV2.ts';
import { putBack } from '../../../src/etcd/writes/putBack.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';

const prefixes = { left: bytes('/stage/'), right: bytes('/prod/') };

for (const { version, transport } of VERSIONS_AND_TRANSPORTS) {
  describe(`differences that are applied, etcd ${version} by ${transport}`, function () {
    this.timeout('2m');
    let servers: [EtcdServer, EtcdServer];
    let sides: Record<ChangedSide, KeyStore>;
    const closing: (() => void)[] = [];

    before(async () => {
      const extraArgs = ['--enable-v2=true'];
      servers = await Promise.all([startEtcd({ version, extraArgs }), startEtcd({ version, extraArgs })]);
      const [left, right] = await Promise.all(
        servers.map(({ endpoint }) => connectV3({ ...settingsFor(endpoint), transport })),
      );
      assert.ok(left && right);
      closing.push(left.close, right.close);
      sides = { left: left.store, right: right.store };
    });
    after(async () => {
      for (const close of closing) close();
      await Promise.all(servers.map((server) => server.stop()));
    });
    beforeEach(async () => {
      await sides.left.delete([prefixRange(prefixes.left)]);
      await sides.right.delete([prefixRange(prefixes.right)]);
    });

    async function put(side: ChangedSide, name: string, value: string, lease?: bigint): Promise<void> {
      const key = bytes(`${side === 'left' ? '/stage' : '/prod'}/${name}`);
      const { kv } = await sides[side].get(key);
      const expected = kv ? { modRevision: kv.modRevision } : 'absent';
      const lifetime = lease === undefined ? 'keep' : { lease };
      assert.equal((await sides[side].put(key, bytes(value), expected, { lifetime })).outcome, 'written');
    }

    /** Reads a side as `name=value` lines. */
    async function content(store: KeyStore, prefix: Uint8Array): Promise<string[]> {
      const lines: string[] = [];
      for await (const { kvs } of store.scan(prefixRange(prefix), { values: true, levels: true }))
        lines.push(...kvs.map(({ key, value }) => `${text(key.subarray(prefix.length))}=${text(value)}`));
      return lines.toSorted();
    }
    const leftContent = () => content(sides.left, prefixes.left);
    const rightContent = () => content(sides.right, prefixes.right);

    async function compared(revision?: bigint): Promise<Difference[]> {
      const found: Difference[] = [];
      const left = { store: sides.left, prefix: prefixes.left, revision };
      for await (const { differences } of compareSides(
        left,
        { store: sides.right, prefix: prefixes.right },
        { by: 'value' },
      ))
        found.push(...differences);
      return found;
    }

    async function apply(
      differences: readonly Difference[],
      side: ChangedSide,
      { undoBytes = 1_000_000, revision }: { readonly undoBytes?: number; readonly revision?: bigint } = {},
    ): Promise<AppliedDifferences> {
      const other = side === 'right' ? 'left' : 'right';
      return await applyDifferences({
        from: { store: sides[other], prefix: prefixes[other], revision },
        to: sides[side],
        keys: keysToApply(differences, side, prefixes),
        undoBytes,
        signal: new AbortController().signal,
        advanced: () => undefined,
      });
    }

    for (const side of ['right', 'left'] as const)
      it(`make the ${side} side equal, and are undone exactly`, async () => {
        for (let at = 0; at < 60; at++) await put('left', `both/${at}`, `new ${at}`);
        for (let at = 0; at < 60; at++) await put('right', `both/${at}`, at < 10 ? `new ${at}` : `old ${at}`);
        await put('left', 'only left', 'l');
        await put('right', 'only right', 'r');
        const before = { left: await leftContent(), right: await rightContent() };
        const result = await apply(await compared(), side);
        assert.deepEqual(
          [result.created, result.overwritten, result.deleted, result.changedSince, result.refused, result.stopped],
          [1, 50, 1, [], [], undefined],
        );
        assert.deepEqual(await leftContent(), await rightContent());
        assert.deepEqual(
          side === 'right' ? await leftContent() : await rightContent(),
          before[side === 'right' ? 'left' : 'right'],
        );
        await putBack(sides[side], result.undo ?? assert.fail());
        assert.deepEqual({ left: await leftContent(), right: await rightContent() }, before);
      });

    it('leave alone what has changed on either side since, also where it was absent', async () => {
      for (const name of ['a', 'b', 'c']) await put('left', name, 'new');
      for (const name of ['a', 'b', 'c', 'gone']) await put('right', name, 'old');
      await put('left', 'fresh', 'new');
      const differences = await compared();
      await put('left', 'a', 'newer');
      await put('right', 'b', 'of another writer');
      await put('left', 'gone', 'back again');
      await put('right', 'fresh', 'of another writer');
      const result = await apply(differences, 'right');
      assert.deepEqual([result.created, result.overwritten, result.deleted], [0, 1, 0]);
      assert.deepEqual(result.changedSince.map(text).toSorted(), ['/prod/a', '/prod/b', '/prod/fresh', '/prod/gone']);
      assert.deepEqual(await rightContent(), [
        'a=old',
        'b=of another writer',
        'c=new',
        'fresh=of another writer',
        'gone=old',
      ]);
    });

    it('keep the lease of an existing key, and give none to a new one', async () => {
      const [leftLease, rightLease] = [await sides.left.leases?.grant(600), await sides.right.leases?.grant(600)];
      await put('left', 'leased', 'new', leftLease);
      await put('left', 'created', 'new', leftLease);
      await put('right', 'leased', 'old', rightLease);
      await apply(await compared(), 'right');
      const leaseOf = async (name: string) => (await sides.right.get(bytes(`/prod/${name}`))).kv?.lease ?? 0n;
      assert.deepEqual([await leaseOf('leased'), await leaseOf('created')], [rightLease, 0n]);
    });

    it('take values of an earlier revision', async () => {
      await put('left', 'a', 'then');
      const { revision } = await sides.left.get(bytes('/stage/a'));
      await put('left', 'a', 'now');
      await put('right', 'a', 'other');
      await apply(await compared(revision), 'right', { revision });
      assert.deepEqual(await rightContent(), ['a=then']);
    });

    it('keep no more for undo than allowed, and are applied nevertheless', async () => {
      await put('left', 'a', 'new');
      await put('right', 'a', 'o'.repeat(1000));
      const { undo, overwritten } = await apply(await compared(), 'right', { undoBytes: 100 });
      assert.deepEqual([undo, overwritten], [undefined, 1]);
    });

    it('say what was done before a server stopped', async () => {
      for (let at = 0; at < 50; at++) await put('left', String(at).padStart(2, '0'), 'new');
      const differences = await compared();
      const abort = new AbortController();
      const result = await applyDifferences({
        from: { store: sides.left, prefix: prefixes.left },
        to: sides.right,
        keys: keysToApply(differences, 'right', prefixes),
        undoBytes: 1_000_000,
        signal: abort.signal,
        advanced: () => abort.abort(),
      });
      assert.equal(result.stopped?.kind, 'cancelled');
      assert.equal((await rightContent()).length, result.created);
      assert.ok(result.created > 0 && result.created < 50);
      await putBack(sides.right, result.undo ?? assert.fail());
      assert.deepEqual(await rightContent(), []);
    });

    it('go to v2 keys too, where names that it does not have are refused', async () => {
      const { store, close } = await connectV2(settingsFor(servers[1].endpoint));
      closing.push(close);
      const keys = ['fine', 'a//b'];
      for (const key of keys) await put('left', key, 'x');
      const found = keys.map((name) => bytes(`/stage/${name}`));
      const { kvs } = await sides.left.getMany(found);
      const result = await applyDifferences({
        from: { store: sides.left, prefix: prefixes.left },
        to: store,
        keys: kvs.map((source, index) => ({
          key: bytes(`/v2 ${transport}/${keys[index] ?? ''}`),
          sourceKey: found[index] ?? assert.fail(),
          source,
          target: undefined,
        })),
        undoBytes: 1_000_000,
        signal: new AbortController().signal,
        advanced: () => undefined,
      });
      assert.deepEqual([result.created, result.refused.map(({ key }) => text(key))], [1, [`/v2 ${transport}/a//b`]]);
      await putBack(store, result.undo ?? assert.fail());
      assert.equal((await store.get(bytes(`/v2 ${transport}/fine`))).kv, undefined);
    });
  });
}
