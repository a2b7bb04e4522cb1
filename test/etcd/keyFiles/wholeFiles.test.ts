import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { exportKeys } from '../../../src/etcd/keyFiles/exportKeys.ts';
import { planImport } from '../../../src/etcd/keyFiles/importPlan.ts';
import { ImportSpool } from '../../../src/etcd/keyFiles/importSpool.ts';
import { readKeyFolder, writeKeyFolder } from '../../../src/etcd/keyFiles/keyFolder.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { exported, Imports, jsonFile, localFolder, partsOf, writerOf } from './keyFiles.ts';

/** Larger than etcd's own ids, and the same in both clusters. */
const LEASE = 4_711n;
const VALUE_BYTES = 200_000;

describe('files of keys are written, read and understood as a whole', () => {
  let server: EtcdServer;
  let other: EtcdServer;
  let imports: Imports;
  let store: KeyStore;
  let elsewhere: KeyStore;
  const open: (() => void)[] = [];

  before(async function () {
    this.timeout('2m');
    [server, other] = await Promise.all([startEtcd(), startEtcd()]);
    imports = await Imports.begin();
    [store, elsewhere] = [await connect(server), await connect(other)];
  });
  beforeEach(async () => {
    for (const each of [store, elsewhere]) await each.delete([prefixRange(new Uint8Array())]);
  });
  after(async () => {
    for (const close of open) close();
    await imports?.end();
    await Promise.all([server?.stop(), other?.stop()]);
  });

  async function connect({ endpoint }: EtcdServer): Promise<KeyStore> {
    const connection = await connectEtcd({ ...settingsFor(endpoint), api: 'v3' });
    open.push(connection.close);
    return connection.store;
  }

  async function grant({ endpoint }: EtcdServer, ttl: number): Promise<void> {
    const body = JSON.stringify({ ID: String(LEASE), TTL: String(ttl) });
    assert.ok((await fetch(`${endpoint}/v3/lease/grant`, { method: 'POST', body })).ok);
  }

  describe('where the disk for temporary files takes only a part', () => {
    let folder: string;
    before(function () {
      if (process.platform === 'win32') this.skip();
    });
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'etcd-full-'));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    it('an import says so, and writes nothing', async function () {
      this.timeout('1m');
      const keys = Object.fromEntries([0, 1, 2, 3].map((n) => [`/full/${n}`, 'a'.repeat(VALUE_BYTES)]));
      await writeFile(join(folder, 'keys.json'), jsonFile(keys));
      const program = join(import.meta.dirname, 'importOnce.ts');
      // Limit of files in blocks of 512 bytes: the last of the keys fits only partly.
      const limit = Math.floor((3.5 * VALUE_BYTES) / 512);
      const command = `ulimit -f ${limit}; exec "$0" "$@"`;
      const run = [process.execPath, program, server.endpoint, join(folder, 'keys.json'), join(folder, 'spool')];
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command, ...run]);
      assert.match(stdout, /^failed as unexpected: The keys to import could not be stored in .*spool: /);
      assert.equal((await store.count([prefixRange(bytes('/full/'))])).keys, 0);
    });
  });

  it('an import stops where what it has kept of its keys was changed since', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'etcd-cut-'));
    try {
      const spool = await ImportSpool.create(join(folder, 'spool'));
      const source = { parts: partsOf(jsonFile({ '/cut/a': 'one', '/cut/b': 'two' })) };
      const plan = await planImport(store, source, spool);
      await truncate(join(folder, 'spool'), 60);
      await assert.rejects(writerOf(store, plan).run(), failsAs('unexpected', /no longer holds the keys/));
      await spool.close();
      assert.deepEqual(await readdir(folder), ['spool']);
      assert.equal((await store.count([prefixRange(bytes('/cut/'))])).keys, 0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('a key that others wrote since the export conflicts, in whatever order the file has its members', async () => {
    const first = await store.put(bytes('/app/a'), bytes('exported'), 'absent');
    assert.ok(first.outcome === 'written');
    const content: unknown = JSON.parse(await exported(store, '/app/', 'json'));
    await store.put(bytes('/app/a'), bytes('written by a colleague since'), first);
    assert.ok(content instanceof Object);
    const members = Object.entries(content);
    for (const order of [members.toSorted(([a], [b]) => (a < b ? -1 : 1)), members.toReversed()]) {
      const file = JSON.stringify(Object.fromEntries(order));
      assert.equal((await imports.plan(store, partsOf(file))).stateOf(0), 'conflicting');
      const moved = await imports.plan(store, partsOf(file), '/new/');
      assert.equal(text((await moved.spool.at(0)).key), '/new/a');
    }
  });

  for (const format of ['json', 'yaml'] as const)
    it(`a lease of centuries is exported and imported as ${format}`, async () => {
      const ttl = 5_000_000_000;
      await store.put(bytes('/long/a'), bytes('x'), 'absent', { lifetime: { ttl } });
      const plan = await imports.plan(elsewhere, partsOf(await exported(store, '/long/', format, true), format));
      await writerOf(elsewhere, plan, { leases: 'asInFile' }).run();
      const { kv } = await elsewhere.get(bytes('/long/a'));
      const left = await elsewhere.leases?.timeToLive(kv?.lease ?? 0n);
      assert.ok(left !== undefined && left > ttl - 1000 && left <= ttl, String(left));
    });

  it('keys that are longer than any path are exported to a folder, and imported', async () => {
    const long = ['x'.repeat(5000), 'deep/'.repeat(1200), `${'é'.repeat(3000)}/a`, 'a/b', `${'y'.repeat(400)}/a`];
    for (const key of long) await store.put(bytes(`/keys/${key}`), bytes(key), 'absent');
    const folder = await mkdtemp(join(tmpdir(), 'etcd-long-'));
    try {
      const request = { ranges: [prefixRange(bytes('/keys/'))], prefix: bytes('/keys/'), facts: true };
      await writeKeyFolder(localFolder(folder), exportKeys(store, request), store);
      const plan = await imports.plan(elsewhere, readKeyFolder(localFolder(folder)));
      await writerOf(elsewhere, plan).run();
      for (const key of long) assert.equal(text((await elsewhere.get(bytes(`/keys/${key}`))).kv?.value), key);
      assert.equal(plan.length, long.length);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('a lease of another cluster is not taken for the one of the same id here', async () => {
    await grant(server, 600);
    await grant(other, 50_000);
    await store.put(bytes('/leased/a'), bytes('x'), 'absent', { lifetime: { lease: LEASE } });
    const file = await exported(store, '/leased/', 'json', true);
    await writerOf(elsewhere, await imports.plan(elsewhere, partsOf(file)), { leases: 'asInFile' }).run();
    const { kv } = await elsewhere.get(bytes('/leased/a'));
    assert.ok(kv?.lease !== undefined && kv.lease !== 0n && kv.lease !== LEASE);
    const left = await elsewhere.leases?.timeToLive(kv.lease);
    assert.ok(left !== undefined && left > 500 && left <= 600);
    // In its own cluster, the lease is the same one.
    await store.delete([prefixRange(bytes('/leased/'))]);
    await writerOf(store, await imports.plan(store, partsOf(file)), { leases: 'asInFile' }).run();
    assert.equal((await store.get(bytes('/leased/a'))).kv?.lease, LEASE);
    await store.leases?.revoke(LEASE);
    await elsewhere.leases?.revoke(LEASE);
  });
});
