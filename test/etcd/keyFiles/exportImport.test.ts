import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaryKeyspace, languageKeyspace, oddKeyspace } from '../../../scripts/demo/oddKeys.ts';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { exportKeys } from '../../../src/etcd/keyFiles/exportKeys.ts';
import { IMPORT_STATES } from '../../../src/etcd/keyFiles/importStates.ts';
import { readKeyFolder, writeKeyFolder } from '../../../src/etcd/keyFiles/keyFolder.ts';
import { Hierarchy } from '../../../src/etcd/keys/hierarchy.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { putBack } from '../../../src/etcd/writes/putBack.ts';
import { gathered } from '../../unit/keyFiles/randomEntries.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { exported, Imports, jsonFile, localFolder, partsOf, writerOf } from './keyFiles.ts';
import { ETCD_SERIES } from '../versions.ts';

for (const version of ETCD_SERIES)
  describe(`export and import, etcd ${version}`, () => {
    let server: EtcdServer;
    let other: EtcdServer;
    let imports: Imports;
    const open: (() => void)[] = [];

    before(async function () {
      this.timeout('5m');
      [server, other] = await Promise.all([
        startEtcd({ version, extraArgs: version === '3.4' ? ['--enable-v2'] : [] }),
        startEtcd({ version }),
      ]);
      imports = await Imports.begin();
    });
    after(async () => {
      await imports?.end();
      await server?.stop();
      await other?.stop();
    });
    afterEach(() => {
      for (const close of open.splice(0)) close();
    });

    async function connect({ endpoint }: EtcdServer, api: 'v2' | 'v3' = 'v3'): Promise<KeyStore> {
      const { store, close } = await connectEtcd({ ...settingsFor(endpoint), api });
      open.push(close);
      return store;
    }

    async function put(store: KeyStore, key: string, value: string): Promise<bigint> {
      const { kv } = await store.get(bytes(key));
      const result = await store.put(bytes(key), bytes(value), kv ?? 'absent');
      assert.ok(result.outcome === 'written');
      return result.modRevision;
    }

    /** Returns every key of a prefix, without the prefix, and its value. */
    async function contents(store: KeyStore, prefix = ''): Promise<Map<string, string>> {
      const found = new Map<string, string>();
      for await (const { kvs } of store.scan(prefixRange(bytes(prefix)), { values: true }))
        for (const { key, value } of kvs)
          found.set(
            Buffer.from(key.subarray(bytes(prefix).length)).toString('latin1'),
            Buffer.from(value).toString('latin1'),
          );
      return found;
    }

    async function clear(store: KeyStore): Promise<void> {
      await store.delete([prefixRange(new Uint8Array())]);
    }

    async function fillOddly(store: KeyStore): Promise<void> {
      await clear(store);
      const buffer = (content: string | Uint8Array) => (typeof content === 'string' ? bytes(content) : content);
      for (const { key, value } of [...oddKeyspace(), ...binaryKeyspace(), ...languageKeyspace()])
        assert.equal((await store.put(buffer(key), buffer(value), 'absent')).outcome, 'written');
    }

    async function exportFolder(store: KeyStore, prefix: string, folder: string): Promise<void> {
      const request = { ranges: [prefixRange(bytes(prefix))], prefix: bytes(prefix), facts: true };
      await writeKeyFolder(localFolder(folder), exportKeys(store, request), store);
    }

    for (const format of ['json', 'yaml', 'folder'] as const)
      it(`carries every odd key and value to another cluster as ${format}, byte by byte`, async function () {
        this.timeout('5m');
        const [from, to] = [await connect(server), await connect(other)];
        await fillOddly(from);
        await clear(to);
        const folder = await mkdtemp(join(tmpdir(), 'etcd-export-'));
        try {
          let parts;
          if (format === 'folder') {
            await exportFolder(from, '', folder);
            parts = readKeyFolder(localFolder(folder));
          } else parts = partsOf(await exported(from, '', format), format);
          const plan = await imports.plan(to, parts);
          assert.equal(plan.count('added'), plan.length);
          const writer = writerOf(to, plan);
          await writer.run();
          assert.deepEqual(writer.left, []);
          const [before, after] = [await contents(from), await contents(to)];
          assert.ok(before.size > 70);
          assert.deepEqual(after, before);
        } finally {
          await rm(folder, { recursive: true });
        }
      });

    it('exports one revision, which the file names, while others write', async () => {
      const store = await connect(server);
      await clear(store);
      for (let number = 0; number < 300; number++) await put(store, `/busy/${number}`, 'before');
      const { revision } = await store.count([prefixRange(bytes('/busy/'))]);
      let values = 0;
      const request = {
        ranges: ['1', '2'].map((start) => prefixRange(bytes(`/busy/${start}`))),
        prefix: bytes('/busy/'),
        facts: false,
      };
      for await (const part of exportKeys(store, request)) {
        if ('header' in part) assert.equal(part.header.revision, revision);
        else for (const { value } of part.entries) assert.equal(text(value), 'before', String(values++));
        await put(store, '/busy/299', 'after');
        await put(store, '/busy/2new', 'after');
      }
      assert.equal(text((await store.get(bytes('/busy/299'))).kv?.value), 'after');
    });

    it('says of each key what it is beside the store, and writes only what is chosen', async () => {
      const store = await connect(server);
      await clear(store);
      for (const key of ['same', 'edited', 'theirs', 'gone']) await put(store, `/plan/${key}`, key);
      const file = (await exported(store, '/plan/', 'json'))
        .replace('"value":"edited"', '"value":"mine"')
        .replace('"value":"theirs"', '"value":"mine too"');
      await put(store, '/plan/theirs', 'written after the export');
      await store.delete([prefixRange(bytes('/plan/gone'))]);
      const plan = await imports.plan(store, partsOf(file));
      const states = Array.from({ length: plan.length }, (_, index) => plan.stateOf(index));
      assert.deepEqual(states, ['changed', 'added', 'unchanged', 'conflicting']);
      assert.deepEqual(
        IMPORT_STATES.map((state) => plan.count(state)),
        [1, 1, 1, 1, 0],
      );
      assert.deepEqual(plan.indexesOf('conflicting', 0, 10), [3]);
      assert.equal(text((await plan.spool.at(3)).key), '/plan/theirs');
      const writer = writerOf(store, plan, { takes: (index) => index < 2 });
      await writer.run();
      assert.deepEqual([writer.written, writer.left], [2, []]);
      assert.deepEqual(
        [...(await contents(store, '/plan/')).values()],
        ['mine', 'gone', 'same', 'written after the export'],
      );
      assert.ok(writer.undo);
      await putBack(store, writer.undo);
      assert.equal(text((await store.get(bytes('/plan/edited'))).kv?.value), 'edited');
      assert.equal((await store.get(bytes('/plan/gone'))).kv, undefined);
    });

    it('does not take the revisions of another cluster for its own', async () => {
      const [from, to] = [await connect(server), await connect(other)];
      await put(from, '/cluster/a', 'one');
      for (let writes = 0; writes < 50; writes++) await put(to, '/cluster/a', `two ${writes}`);
      const plan = await imports.plan(to, partsOf(await exported(from, '/cluster/', 'json', true)));
      assert.equal(plan.stateOf(0), 'changed');
    });

    it('leaves alone what others wrote between preview and import, and names it', async () => {
      const store = await connect(server);
      await clear(store);
      const keys = Object.fromEntries(
        Array.from({ length: 300 }, (_, number) => [`/raced/${number}`, 'from the file']),
      );
      await put(store, '/raced/0', 'there');
      const plan = await imports.plan(store, partsOf(jsonFile(keys)));
      await put(store, '/raced/0', 'changed meanwhile');
      await put(store, '/raced/299', 'created meanwhile');
      const writer = writerOf(store, plan);
      await writer.run();
      assert.equal(writer.written, 298);
      assert.deepEqual(
        writer.left.map(({ key, why }) => [text(key), why]),
        [
          ['/raced/0', 'changed'],
          ['/raced/299', 'changed'],
        ],
      );
      const now = await contents(store, '/raced/');
      assert.deepEqual(
        [now.get('0'), now.get('299'), now.get('150')],
        ['changed meanwhile', 'created meanwhile', 'from the file'],
      );
    });

    it('puts another prefix in place of the file’s', async () => {
      const store = await connect(server);
      await clear(store);
      await put(store, '/old/a', '1');
      await put(store, '/old/b/c', '2');
      const file = await exported(store, '/old/', 'yaml');
      const writer = writerOf(store, await imports.plan(store, partsOf(file, 'yaml'), '/new/place/'));
      await writer.run();
      assert.deepEqual(
        [...(await contents(store, '/new/place/'))],
        [
          ['a', '1'],
          ['b/c', '2'],
        ],
      );
    });

    it('imports all but a value that is over the request limit, and names it', async () => {
      const store = await connect(server);
      await clear(store);
      const keys = {
        '/large/1': 'a',
        '/large/2': 'x'.repeat(1_600_000),
        '/large/3': 'y'.repeat(2_500_000),
        '/large/4': 'b',
      };
      const writer = writerOf(store, await imports.plan(store, partsOf(jsonFile(keys))));
      await writer.run();
      assert.equal(writer.written, 2);
      assert.deepEqual(
        writer.left.map(({ key, why }) => [text(key), why]),
        [
          ['/large/2', 'refused'],
          ['/large/3', 'refused'],
        ],
      );
      assert.match(writer.left[0]?.reason ?? '', /larger than this etcd accepts/);
      assert.deepEqual([...(await contents(store, '/large/')).keys()], ['1', '4']);
    });

    it('gives keys the leases of the file: the living one, or a new one with its time', async () => {
      const [from, to] = [await connect(server), await connect(other)];
      await clear(from);
      await clear(to);
      const lease = (await from.leases?.grant(600)) ?? 0n;
      for (const key of ['/leased/a', '/leased/b'])
        await from.put(bytes(key), bytes('1'), 'absent', { lifetime: { lease } });
      await put(from, '/leased/c', '1');
      const file = await exported(from, '/leased/', 'json', true);
      const plan = await imports.plan(to, partsOf(file));
      assert.equal(plan.leased, 2);
      await writerOf(to, plan, { leases: 'asInFile' }).run();
      const { kvs: leased } = await to.getMany(['/leased/a', '/leased/b', '/leased/c'].map(bytes), { values: true });
      const [a, b, c] = leased;
      assert.ok(a?.lease && a.lease === b?.lease && c?.lease === 0n);
      const ttl = await to.leases?.timeToLive(a.lease);
      assert.ok(ttl !== undefined && ttl > 500 && ttl <= 600);
      await from.delete([prefixRange(bytes('/leased/a'))]);
      await writerOf(from, await imports.plan(from, partsOf(file)), { leases: 'asInFile' }).run();
      assert.equal((await from.get(bytes('/leased/a'))).kv?.lease, lease);
    });

    describe('a folder', () => {
      let folder: string;
      beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), 'etcd-export-'));
      });
      afterEach(() => rm(folder, { recursive: true }));

      it('has folders where the separators of the connection are, and none elsewhere', async () => {
        const from = await connect(server);
        await clear(from);
        const keys = ['app:a/b', 'app:db:host', 'app:db', 'app:.etcd-keys.json', 'app::x', 'app|y'];
        for (const key of keys) await put(from, key, key);
        const hierarchy = new Hierarchy([bytes(':'), bytes('|')]);
        const { store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3', hierarchy });
        open.push(close);
        await exportFolder(store, '', folder);
        await writeFile(join(folder, 'app%-1', 'added'), 'app|added');
        assert.equal(await readFile(join(folder, 'app', 'a%2Fb'), 'utf8'), 'app:a/b');
        assert.equal(await readFile(join(folder, 'app', 'db%_', 'host'), 'utf8'), 'app:db:host');
        await clear(store);
        await writerOf(store, await imports.plan(store, readKeyFolder(localFolder(folder)))).run();
        assert.deepEqual(
          [...(await contents(store))],
          [...keys, 'app|added'].toSorted().map((key) => [key, key]),
        );
      });

      it('tells who wrote since the export, and takes what was edited, added and deleted in it', async () => {
        const store = await connect(server);
        await clear(store);
        for (const key of ['.etcd-keys.json', 'deleted', 'edited', 'same', 'theirs'])
          await put(store, `/kept/${key}`, key);
        await exportFolder(store, '/kept/', folder);
        await put(store, '/kept/theirs', 'written after the export');
        await writeFile(join(folder, 'edited'), 'mine');
        await writeFile(join(folder, 'new%2Fname'), 'added');
        await rm(join(folder, 'deleted'));
        const plan = await imports.plan(store, readKeyFolder(localFolder(folder)));
        const found = new Map<string, string>();
        for (let index = 0; index < plan.length; index++)
          found.set(text((await plan.spool.at(index)).key) ?? '', plan.stateOf(index));
        assert.deepEqual(
          [...found],
          [
            ['/kept/.etcd-keys.json', 'unchanged'],
            ['/kept/edited', 'changed'],
            ['/kept/same', 'unchanged'],
            ['/kept/theirs', 'conflicting'],
            ['/kept/new/name', 'added'],
          ],
        );
      });

      it('keeps the modification revision of each key, and its lease with the time left', async () => {
        const [from, to] = [await connect(server), await connect(other)];
        await clear(from);
        await clear(to);
        const lease = (await from.leases?.grant(600)) ?? 0n;
        await from.put(bytes('/leased/a'), bytes('1'), 'absent', { lifetime: { lease } });
        await put(from, '/leased/b', '1');
        const { kvs: written } = await from.getMany(['/leased/a', '/leased/b'].map(bytes), { values: true });
        await exportFolder(from, '/leased/', folder);
        const { entries } = await gathered(readKeyFolder(localFolder(folder)));
        assert.deepEqual(
          entries.map((entry) => entry.modRevision),
          written.map((kv) => kv?.modRevision),
        );
        assert.deepEqual(
          entries.map((entry) => entry.lease),
          [lease, undefined],
        );
        const plan = await imports.plan(to, readKeyFolder(localFolder(folder)));
        assert.equal(plan.leased, 1);
        await writerOf(to, plan, { leases: 'asInFile' }).run();
        const { kv } = await to.get(bytes('/leased/a'));
        const ttl = kv?.lease === undefined ? undefined : await to.leases?.timeToLive(kv.lease);
        assert.ok(ttl !== undefined && ttl > 500 && ttl <= 600, String(ttl));
      });
    });

    it('refuses a file that has a key twice, whatever the order', async () => {
      const store = await connect(server);
      const file = (...keys: readonly string[]) => JSON.stringify({ keys: keys.map((key) => ({ key, value: key })) });
      await assert.rejects(imports.plan(store, partsOf(file('/a', '/b', '/a'))), /has the key \/a twice/);
      await assert.rejects(imports.plan(store, partsOf(file('/a', '/a'))), /has the key \/a twice/);
      assert.equal((await imports.plan(store, partsOf(file('/b', '/a', '/c')))).length, 3);
    });

    if (version === '3.4')
      it('carries v2 keys, and says which keys and values v2 cannot hold', async () => {
        const [v2, v3] = [await connect(server, 'v2'), await connect(other)];
        await clear(v3);
        await v3.put(bytes('/v2/a b'), bytes('text'), 'absent');
        await v3.put(bytes('/v2/binary'), Uint8Array.of(0xff), 'absent');
        await v3.put(bytes('/v2//empty'), bytes('1'), 'absent');
        const plan = await imports.plan(v2, partsOf(await exported(v3, '/v2/', 'json')));
        assert.deepEqual(
          IMPORT_STATES.map((state) => plan.count(state)),
          [2, 0, 0, 0, 1],
        );
        const writer = writerOf(v2, plan);
        await writer.run();
        assert.deepEqual(
          writer.left.map(({ key, why }) => [text(key), why]),
          [['/v2/binary', 'refused']],
        );
        await v2.put(bytes('/v2/mortal'), bytes('x'), 'absent', { lifetime: { ttl: 500 } });
        const file = await exported(v2, '/v2/', 'json', true);
        await v2.delete([prefixRange(bytes('/v2/'))]);
        await writerOf(v2, await imports.plan(v2, partsOf(file)), { leases: 'asInFile' }).run();
        assert.deepEqual(
          [...(await contents(v2, '/v2/'))],
          [
            ['a b', 'text'],
            ['mortal', 'x'],
          ],
        );
        const { kv } = await v2.get(bytes('/v2/mortal'));
        assert.ok(kv?.ttl !== undefined && kv.ttl > 400);
      });
  });
