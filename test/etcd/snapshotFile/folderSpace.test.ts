import assert from 'node:assert/strict';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import type { ChildSpace, KeySpace } from '../../../src/etcd/space/keySpace.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, text } from '../connecting.ts';
import { NEWER_SERIES, skipIfUnavailable } from '../versions.ts';
import { connectTo } from './keyspace.ts';
import { OpenFiles, saveSnapshot, succeed, type OpenFile } from './snapshots.ts';

interface Write {
  readonly key: string;
  /** Undefined for a deletion. */
  readonly value: string | undefined;
  readonly revision: bigint;
}

const NOTHING: KeySpace = { keys: 0, bytes: 0, revisions: 0, allBytes: 0 };

for (const version of ['3.4', '3.5', ...NEWER_SERIES] as const)
  describe(`the space in a snapshot of etcd ${version}`, () => {
    const files = new OpenFiles();
    const writes: Write[] = [];
    let server: EtcdServer;

    before(async function () {
      this.timeout('2m');
      await skipIfUnavailable(this, version);
      server = await startEtcd({ version });
      const { store, close } = await connectTo(server);
      for (let round = 0; round < 4; round++)
        for (const [index, key] of [
          ...['/config/a', '/config/b', '/config/deep/c', '/config/deep/er/d', '/logs/gone/x', '/logs/ä', '/z'],
          ...['plain', '/config', '/logs/gone/y'],
        ].entries())
          await write(store, key, 'v'.repeat(round * 10 + index));
      for (const key of ['/logs/gone/x', '/logs/gone/y', '/config/b']) await write(store, key, undefined);
      await write(store, '/config/b', 'back');
      close();
    });
    after(async () => {
      await files.close();
      await server?.stop();
    });

    async function write(store: KeyStore, key: string, value: string | undefined): Promise<void> {
      const { kv } = await store.get(bytes(key));
      const expected = kv ? { modRevision: kv.modRevision } : 'absent';
      const change =
        value === undefined
          ? ({ kind: 'delete', key: bytes(key), expected: { modRevision: kv?.modRevision ?? 0n } } as const)
          : ({ kind: 'put', key: bytes(key), value: bytes(value), expected } as const);
      const result = await store.transact([change]);
      assert.ok(result.outcome === 'done');
      writes.push({ key, value, revision: result.revision });
    }

    /** Returns what these writes take below each child of a prefix. */
    function expectedOf(kept: readonly Write[], prefix: string): Map<string, KeySpace> {
      const spaces = new Map<string, KeySpace>();
      for (const each of kept) {
        if (!each.key.startsWith(prefix)) continue;
        const slash = each.key.indexOf('/', prefix.length);
        const path = slash < 0 ? each.key : each.key.slice(0, slash + 1);
        const { keys, bytes: present, revisions, allBytes } = spaces.get(path) ?? NOTHING;
        const size = Buffer.byteLength(each.key) + (each.value?.length ?? 0);
        const isPresent = each.value !== undefined && writes.findLast(({ key }) => key === each.key) === each;
        spaces.set(path, {
          keys: keys + (isPresent ? 1 : 0),
          bytes: present + (isPresent ? size : 0),
          revisions: revisions + 1,
          allBytes: allBytes + size,
        });
      }
      return spaces;
    }

    async function assertSpaces({ store }: OpenFile, kept: readonly Write[]): Promise<void> {
      for (const prefix of ['', '/', '/config/', '/config/deep/', '/logs/', '/none/']) {
        const { all, rows, others } = await store.folderSpace(bytes(prefix));
        const expected = expectedOf(kept, prefix);
        const found = rows.map(({ path, kind: _kind, ...space }: ChildSpace) => [text(path), space] as const);
        assert.deepEqual(new Map(found), expected, prefix);
        for (const { path, kind } of rows) assert.equal(kind, text(path)?.endsWith('/') ? 'folder' : 'key');
        const sizes = rows.map(({ allBytes }) => allBytes);
        assert.deepEqual(
          sizes,
          sizes.toSorted((a, b) => b - a),
          'the largest comes first',
        );
        const total = (figure: keyof KeySpace) => [...expected.values()].reduce((sum, each) => sum + each[figure], 0);
        assert.deepEqual(all, {
          keys: total('keys'),
          bytes: total('bytes'),
          revisions: total('revisions'),
          allBytes: total('allBytes'),
        });
        assert.equal(others, 0);
      }
    }

    it('is exactly what was written: keys, bytes and revisions of each folder', async () => {
      await assertSpaces(await files.open(await saveSnapshot(server, await files.folder())), writes);
    });

    it('is what a compaction leaves', async () => {
      const compacted = writes.at(-8)?.revision ?? 0n;
      await succeed(server, ['compact', String(compacted), '--physical']);
      const kept = writes.filter(
        (each) =>
          each.revision > compacted ||
          writes.findLast(({ key, revision }) => key === each.key && revision <= compacted) === each,
      );
      assert.ok(kept.length < writes.length / 2);
      await assertSpaces(await files.open(await saveSnapshot(server, await files.folder())), kept);
    });
  });
