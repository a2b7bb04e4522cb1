import assert from 'node:assert/strict';
import type { CommandContext } from '../../src/commands/context/commandContext.ts';
import type { ImportRecord } from '../../src/commands/context/interruptedWork.ts';
import { restoredImport } from '../../src/commands/keyFiles/importRecord.ts';
import { restoredTransfer, transferRecord } from '../../src/commands/transfer/transferRecord.ts';
import { applyToRight } from '../../src/commands/past/applyCommands.ts';
import type { Connection } from '../../src/connections/connection.ts';
import { EtcdError } from '../../src/etcd/errors.ts';
import { bytes } from '../etcd/connecting.ts';
import { Comparison } from '../../src/views/comparison/comparison.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { FollowedTree } from './followedTree.ts';
import { setConnections } from './settings.ts';

for (const api of ['v2', 'v3'] as const)
  describe(`work of ${api} that began before its connection was pointed at another cluster`, () => {
    let earlier: EtcdServer;
    let now: EtcdServer;
    let tree: FollowedTree | undefined;

    beforeEach(async function () {
      this.timeout('5m');
      const start = () => startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
      [earlier, now] = [await start(), await start()];
    });
    afterEach(async () => {
      tree?.dispose();
      await setConnections();
      await earlier.stop();
      await now.stop();
    });

    /** Returns the context of commands, and the connection, whose settings now have this endpoint. */
    async function pointedAt({ endpoint }: EtcdServer): Promise<{ context: CommandContext; connection: Connection }> {
      tree?.dispose();
      await setConnections({ name: 'moved', endpoints: [endpoint], api });
      tree = new FollowedTree();
      const { connection } = await tree.root();
      return { context: { connections: tree.connections } as unknown as CommandContext, connection };
    }

    /**
     * Creates the record of a move whose old and new names exist in both clusters, at revisions that both have reached.
     */
    async function interruptedMove(connection: Connection) {
      const store = await connection.store('interactive');
      const cluster = await store.clusterId?.();
      assert.ok(cluster);
      const { revision: seen } = await store.get(bytes('/old/a'));
      return transferRecord({
        source: connection,
        target: connection,
        plan: {
          source: store,
          target: store,
          roots: [{ kind: 'folder', from: bytes('/old/'), to: bytes('/new/') }],
          move: true,
          taken: 'skip',
          seen: { source: seen, target: seen },
          oneCluster: true,
        },
        clusters: { source: cluster, target: cluster },
        total: 1,
        label: 'Move /old/',
        doneLabel: 'Moved /old/',
        isQuiet: true,
      });
    }

    const isRefused = (error: unknown) =>
      EtcdError.is(error, 'configuration') &&
      /^moved is now a different cluster .* Nothing was done\.$/.test(error.message);

    const hasOtherEndpoints = (error: unknown) =>
      EtcdError.is(error) && error.message.startsWith('moved has different endpoints than when this started.');

    async function apply({ context }: { context: CommandContext }, comparison: Comparison): Promise<void> {
      const shown = { tree: { comparison }, view: { selection: [] } };
      await applyToRight({ ...context, comparison: shown } as unknown as CommandContext, undefined, undefined);
    }

    it('does not go on there, and does where it was', async () => {
      for (const server of [earlier, now]) {
        const { connection } = await pointedAt(server);
        const store = await connection.store('interactive');
        await store.put(bytes('/old/a'), bytes(server.endpoint), 'absent');
      }
      const there = await pointedAt(earlier);
      const move = await interruptedMove(there.connection);
      const importing: ImportRecord = {
        ...{ kind: 'import', id: 'import', label: 'Import', time: 0, total: 1, done: 0, next: 0 },
        ...{ connection: { id: there.connection.id, cluster: move.source.cluster } },
        ...{ file: '/no/such/file', isFolder: false, prefix: '', leases: 'stay', digest: '' },
      };

      const { context, connection } = await pointedAt(now);
      assert.equal(connection.id, there.connection.id);
      await assert.rejects(restoredTransfer(context, move), isRefused);
      await assert.rejects(restoredImport(context, importing), isRefused);
      const { kv } = await (await connection.store('interactive')).get(bytes('/old/a'));
      assert.deepEqual(kv?.value, bytes(now.endpoint));

      const back = await pointedAt(earlier);
      const { task } = await restoredTransfer(back.context, move);
      assert.equal(task.clusters.source, move.source.cluster);
    });

    it('applies no differences there that were found where it was', async () => {
      const place = ({ connection }: { connection: Connection }, prefix: string) => ({
        connection,
        prefix: bytes(prefix),
      });
      for (const server of [now, earlier]) {
        const store = await (await pointedAt(server)).connection.store('interactive');
        await store.put(bytes('/left/a'), bytes('left'), 'absent');
      }
      const there = await pointedAt(earlier);
      const comparison = new Comparison(place(there, '/left/'), place(there, '/right/'));
      await comparison.run(() => undefined);
      assert.deepEqual(comparison.counts, { changed: 0, added: 0, deleted: 1, rewritten: 0, leaseChanged: 0 });

      await assert.rejects(apply(await pointedAt(now), comparison), hasOtherEndpoints);
      // Another cluster may also be reached by the same endpoints.
      const { context, connection } = await pointedAt(now);
      const moved = new Comparison(place({ connection }, '/left/'), place({ connection }, '/right/'));
      const { clusters, kept, counts } = comparison;
      await assert.rejects(apply({ context }, Object.assign(moved, { clusters, kept, counts })), isRefused);
      const { kv } = await (await connection.store('interactive')).get(bytes('/right/a'));
      assert.equal(kv, undefined);
    });
  });
