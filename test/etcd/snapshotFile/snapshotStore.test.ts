import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { keptRevisions } from '../../../src/etcd/past/compaction.ts';
import { compareSides } from '../../../src/etcd/past/compareSides.ts';
import { deletions } from '../../../src/etcd/past/deletions.ts';
import { keyHistory } from '../../../src/etcd/past/keyHistory.ts';
import { storeAtRevision } from '../../../src/etcd/past/storeAtRevision.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import { bytes, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { eventually } from '../eventually.ts';
import { NEWER_SERIES, skipIfUnavailable } from '../versions.ts';
import { ALL, connectTo, contentOf, live, plain, treeOf } from './keyspace.ts';
import { OpenFiles, saveSnapshot, statusOf, succeed, type OpenFile } from './snapshots.ts';

const PASSWORD = 'correct-horse';
const HASHED = 'another-horse';
const ROOT = { username: 'root', password: PASSWORD };
const COMPACTED = 60n;

for (const version of ['3.4', '3.5', ...NEWER_SERIES] as const)
  describe(`a snapshot of etcd ${version}`, () => {
    let server: EtcdServer;
    let etcd: OpenEtcd;
    let store: KeyStore;
    let path: string;
    let file: OpenFile;
    const files = new OpenFiles();

    before(async function () {
      this.timeout('5m');
      await skipIfUnavailable(this, version);
      server = await startEtcd({ version, rootUser: { rootPassword: PASSWORD } });
      etcd = await connectTo(server);
      await live(etcd.store, 150);
      await succeed(server, ['compact', String(COMPACTED), '--physical'], undefined, { user: '' });
      await succeed(server, ['user', 'add', 'alice', '--interactive=false'], `${HASHED}\n`, { user: '' });
      for (const step of [
        ['user', 'add', 'by-certificate', '--no-password'],
        ['role', 'add', 'readers'],
        ['role', 'grant-permission', 'readers', 'readwrite', '/folder', '/foldes'],
        ['user', 'grant-role', 'alice', 'readers'],
      ])
        await succeed(server, step, undefined, { user: '' });
      await succeed(server, ['user', 'add', 'root', '--interactive=false'], `${PASSWORD}\n`, { user: '' });
      for (const step of [
        ['role', 'add', 'root'],
        ['user', 'grant-role', 'root', 'root'],
        ['auth', 'enable'],
      ])
        await succeed(server, step, undefined, { user: '' });
      etcd.close();
      etcd = await connectTo(server, ROOT);
      ({ store } = etcd);
      path = await saveSnapshot(server, await files.folder());
      file = await files.open(path);
    });
    after(async () => {
      await files.close();
      etcd?.close();
      await server?.stop();
    });

    it('has every key, value, version and lease of every revision since the compaction', async () => {
      const { newest } = await keptRevisions(store);
      const { revision, compacted } = file.reader.summary();
      assert.deepEqual({ revision, compacted }, { revision: newest, compacted: COMPACTED });
      for (let at = COMPACTED; at <= newest; at++) {
        const expected = await contentOf(store, { revision: at });
        assert.deepEqual(await contentOf(file.store, { revision: at }), expected, `revision ${at}`);
        const { found } = await contentOf(file.store, { revision: at, values: false });
        assert.equal(found.length, expected.total);
      }
      assert.deepEqual(await contentOf(file.store), await contentOf(store));
      await assert.rejects(contentOf(file.store, { revision: COMPACTED - 1n }), failsAs('compacted'));
      await assert.rejects(contentOf(file.store, { revision: newest + 1n }), failsAs('futureRevision'));
    });

    it('lists the same folders, and counts the same keys in them', async () => {
      const { newest } = await keptRevisions(store);
      for (let at = COMPACTED; at <= newest; at += 11n)
        assert.deepEqual(await treeOf(file.store, at), await treeOf(store, at), `revision ${at}`);
      const ranges = [
        ALL,
        { start: bytes('/folder 1'), end: bytes('/folder 4') },
        { start: bytes('x'), end: bytes('a') },
      ];
      for (const range of ranges) {
        const { keys } = await file.store.count([range]);
        let scanned = 0;
        for await (const page of store.scan(range)) scanned += page.kvs.length;
        assert.equal(keys, scanned);
      }
      const { children } = await file.store.listChildren(bytes('/')).next(10);
      const folder = children.find((child) => text(child.path) === '/folder 0/');
      const { keys } = await store.count([prefixRange(bytes('/folder 0/'))]);
      assert.equal(folder?.keyCount, keys);
      const from = bytes('/folder 2/');
      const listed = await file.store.listChildren(bytes('/'), { namePrefix: bytes('folder'), from }).next(10);
      const expected = await store.listChildren(bytes('/'), { namePrefix: bytes('folder'), from }).next(10);
      assert.deepEqual(listed.children.map(plainPath), expected.children.map(plainPath));
    });

    it('has the keys alone, and several at once', async () => {
      const keysOf = async (of: KeyStore) => {
        const keys: string[] = [];
        for await (const page of of.scanKeys(ALL))
          for (let index = 0; index < page.keys.length; index++)
            keys.push(Buffer.from(page.keys.key(index)).toString('latin1'));
        return keys;
      };
      const keys = await keysOf(store);
      assert.deepEqual(await keysOf(file.store), keys);
      const wanted = [...keys.map((key) => new Uint8Array(Buffer.from(key, 'latin1'))), bytes('/none')];
      const { kvs } = await file.store.getMany(wanted, { values: true });
      assert.deepEqual(kvs, (await store.getMany(wanted, { values: true })).kvs);
    });

    it('has the history of each key, and knows what was deleted', async () => {
      const historyOf = async (of: KeyStore, key: Uint8Array) => {
        const entries: unknown[] = [];
        for await (const entry of keyHistory(of, key))
          entries.push(entry.kind === 'version' ? { ...entry, kv: { ...entry.kv, ...plain(entry.kv) } } : entry);
        return entries;
      };
      const deletedIn = async (of: KeyStore) => {
        const found: unknown[] = [];
        for await (const { changes } of deletions(of, ALL)) found.push(...changes);
        return found;
      };
      const names = new Set<string>();
      for await (const { changes } of deletions(file.store, ALL))
        for (const { key } of changes) names.add(Buffer.from(key).toString('latin1'));
      assert.ok(names.size > 5);
      for (const name of names) {
        const key = new Uint8Array(Buffer.from(name, 'latin1'));
        assert.deepEqual(await historyOf(file.store, key), await historyOf(store, key), name);
      }
      assert.deepEqual(await deletedIn(file.store), await deletedIn(store));
    });

    it('can be compared with the cluster, now and then', async () => {
      const differencesWith = async (right: KeyStore) => {
        let count = 0;
        const sides = [file.store, right].map((each) => ({ store: each, prefix: new Uint8Array() })) as [never, never];
        for await (const { differences } of compareSides(...sides, { by: 'value' })) count += differences.length;
        return count;
      };
      assert.equal(await differencesWith(store), 0);
      assert.notEqual(await differencesWith(storeAtRevision(store, COMPACTED)), 0);
    });

    it('cannot be written to or watched', async () => {
      await assert.rejects(file.store.put(), failsAs('readOnly'));
      await assert.rejects(file.store.delete(), failsAs('readOnly'));
      await assert.rejects(file.store.transact(), failsAs('readOnly'));
      const changes = file.store.watch(ALL, { signal: AbortSignal.timeout(60_000) })[Symbol.asyncIterator]();
      await assert.rejects(changes.next(), failsAs('unsupported'));
    });

    it('has the hash, revision and size that etcdctl tells', async () => {
      const { hash, revision, entries, totalSize } = file.reader.status();
      for (const series of ['3.4', '3.5'] as const) {
        const told = await statusOf(path, series);
        assert.deepEqual(
          { hash, revision: Number(revision), totalKey: entries, totalSize },
          { hash: told.hash, revision: told.revision, totalKey: told.totalKey, totalSize: told.totalSize },
        );
      }
      assert.equal(file.reader.summary().checksum, 'verified');
      assert.deepEqual(file.reader.summary().damages, []);
    });

    it('has the hash that the member has of what its keys were', async () => {
      const { newest } = await keptRevisions(store);
      // For the revision of the compaction itself, etcd returns the hash that it computed before.
      for (let at = COMPACTED + 1n; at <= newest; at += 7n) {
        const told = await store.contentHash?.(at);
        assert.deepEqual(await file.store.contentHash(at), told, `revision ${at}`);
      }
    });

    it('has the users, roles, leases and members, but no password', async () => {
      const { facts } = file.reader.summary();
      assert.equal(facts.isAuthEnabled, true);
      assert.deepEqual(
        facts.users.toSorted((a, b) => a.name.localeCompare(b.name)),
        [
          { name: 'alice', roles: ['readers'], hasNoPassword: false },
          { name: 'by-certificate', roles: [], hasNoPassword: true },
          { name: 'root', roles: ['root'], hasNoPassword: false },
        ],
      );
      const readers = facts.roles.find(({ name }) => name === 'readers');
      assert.deepEqual(
        readers?.permissions.map(({ access, key, rangeEnd }) => [
          access,
          String(Buffer.from(key)),
          String(Buffer.from(rangeEnd)),
        ]),
        [['readwrite', '/folder', '/foldes']],
      );
      const leases = (await store.leases?.list()) ?? [];
      assert.deepEqual(
        facts.leases,
        leases.map((id) => ({ id, grantedTtl: 3600 })),
      );
      const members: { members: { name: string; peerURLs: string[] }[] } = JSON.parse(
        await succeed(server, ['member', 'list', '-w', 'json']),
      );
      assert.deepEqual(
        facts.members.map(({ name, peerUrls, isLearner }) => ({ name, peerUrls, isLearner })),
        members.members.map(({ name, peerURLs }) => ({ name, peerUrls: peerURLs, isLearner: false })),
      );
      assert.ok(server.version.startsWith(facts.version.slice(0, 3)), facts.version);
      assert.ok((await readFile(path, 'latin1')).includes('$2a$'), 'the file has hashes of passwords');
      const told = JSON.stringify(file.reader.summary(), (_name, value) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      assert.ok(!told.includes('$2a$'));
    });

    it('is the same as the db file of the running member, which cannot be verified', async () => {
      const db = join(server.dataDir, 'member', 'snap', 'db');
      const { newest } = await keptRevisions(store);
      const opened = await eventually(async () => {
        const found = await files.open(db);
        assert.equal(found.reader.summary().revision, newest);
        return found;
      });
      const { checksum, damages } = opened.reader.summary();
      assert.deepEqual({ checksum, damages }, { checksum: 'none', damages: [] });
      assert.deepEqual(await contentOf(opened.store), await contentOf(store));
      assert.deepEqual(await opened.store.contentHash(newest), await store.contentHash?.(newest));
    });
  });

function plainPath({ path, kind }: { readonly path: Uint8Array; readonly kind: string }): string {
  return `${kind} ${Buffer.from(path).toString('latin1')}`;
}

describe('a snapshot of an etcd that has raised an alarm', () => {
  it('tells the alarm and its member', async function () {
    this.timeout('2m');
    const files = new OpenFiles();
    const server = await startEtcd({ version: '3.5', extraArgs: ['--quota-backend-bytes', '1000000'] });
    try {
      const alarms = async () => (await succeed(server, ['alarm', 'list'])).trim();
      for (let count = 0; (await alarms()) === '' && count < 50; count++)
        await server.etcdctl(['put', `/full/${count}`, 'v'.repeat(100_000)]);
      const [, memberId = ''] = /^memberID:(\d+) alarm:NOSPACE$/m.exec(await alarms()) ?? [];
      const file = await files.open(await saveSnapshot(server, await files.folder()));
      assert.deepEqual(file.reader.summary().facts.alarms, [
        { memberId: BigInt(memberId).toString(16), alarm: 'noSpace' },
      ]);
    } finally {
      await files.close();
      await server.stop();
    }
  });
});
