import assert from 'node:assert/strict';
import { connectEtcd } from '../../src/etcd/connect.ts';
import { EtcdError } from '../../src/etcd/errors.ts';
import type { ImportWriter } from '../../src/etcd/keyFiles/importWriter.ts';
import { prefixRange } from '../../src/etcd/keyspace/ranges.ts';
import type { KeyStore } from '../../src/etcd/keyStore.ts';
import { putBack } from '../../src/etcd/putBack.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { Random } from '../unit/keyspace/random.ts';
import { bytes, settingsFor, text } from './connecting.ts';
import { eventually } from './eventually.ts';
import { Imports, jsonFile, partsOf, writerOf } from './keyFiles.ts';

const ROUNDS = 25;
const KEYS = 400;

describe('imports into an etcd that fails', () => {
  let imports: Imports;
  const servers: EtcdServer[] = [];
  const open: (() => void)[] = [];

  before(async () => {
    imports = await Imports.begin();
  });
  after(async () => {
    await imports?.end();
  });
  afterEach(async () => {
    for (const close of open.splice(0)) close();
    for (const server of servers.splice(0)) await server.stop();
  });

  async function start(extraArgs: readonly string[] = []): Promise<{ server: EtcdServer; store: KeyStore }> {
    const server = await startEtcd({ extraArgs });
    servers.push(server);
    const { store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3' });
    open.push(close);
    return { server, store };
  }

  async function contents(store: KeyStore, prefix: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for await (const { kvs } of store.scan(prefixRange(bytes(prefix)), { values: true }))
      for (const { key, value } of kvs) found[text(key) ?? ''] = text(value) ?? '';
    return found;
  }

  /** Runs to the end, or to the failure that a kill brings. */
  async function untilStopped(step: () => Promise<unknown>): Promise<boolean> {
    try {
      await step();
      return false;
    } catch (error) {
      assert.ok(EtcdError.is(error), String(error));
      return true;
    }
  }

  function keysWith(prefix: string, value: string, from: number, to: number): Record<string, string> {
    const numbers = Array.from({ length: to - from }, (_, index) => String(from + index).padStart(4, '0'));
    return Object.fromEntries(numbers.map((number) => [`${prefix}${number}`, value + 'x'.repeat(3000)]));
  }

  async function importAll(store: KeyStore, keys: Record<string, string>): Promise<ImportWriter> {
    const writer = writerOf(store, await imports.plan(store, partsOf(jsonFile(keys))));
    await writer.run();
    return writer;
  }

  it(`completes imports and their undo after ${2 * ROUNDS} SIGKILLs at random points, nothing lost and nothing unreported`, async function () {
    this.timeout('5m');
    const random = new Random(11);
    const { server, store } = await start();
    const stops = { imports: 0, undos: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const prefix = `/round/${round}/`;
      const old = keysWith(prefix, 'old', 100, 300);
      const wanted = keysWith(prefix, 'new', 0, KEYS);
      await importAll(store, old);
      const plan = await imports.plan(store, partsOf(jsonFile(wanted)));
      // Somebody writes after the preview.
      const theirs = `${prefix}0200`;
      const { kv } = await store.get(bytes(theirs));
      await store.put(bytes(theirs), bytes('theirs'), kv ?? 'absent');
      const writer = writerOf(store, plan);
      const point = random.below(KEYS);
      let kill: Promise<void> | undefined;
      const stopped = await untilStopped(async () => {
        await writer.run(undefined, (done) => {
          if (done >= point) kill ??= server.kill();
        });
      });
      await (kill ?? server.kill());
      if (stopped) stops.imports++;
      await server.restart();
      await eventually(() => writer.run());
      assert.equal(writer.written, KEYS - 1);
      assert.deepEqual(
        writer.left.map(({ key, why }) => [text(key), why]),
        [[theirs, 'changed']],
      );
      assert.deepEqual(await contents(store, prefix), { ...wanted, [theirs]: 'theirs' });

      const { undo } = writer;
      assert.equal(undo?.length, KEYS - 1);
      const undoing = untilStopped(() => putBack(store, undo));
      const reads = random.below(30);
      for (let read = 0; read < reads; read++) await store.get(bytes(theirs));
      await server.kill();
      if (await undoing) stops.undos++;
      await server.restart();
      const { restored, changedSince } = await eventually(() => putBack(store, undo));
      assert.deepEqual([restored, changedSince], [KEYS - 1, []]);
      assert.deepEqual(await contents(store, prefix), { ...old, [theirs]: 'theirs' });
      await store.delete([prefixRange(bytes(prefix))]);
    }
    console.log(
      `      of ${ROUNDS} kills each, ${stops.imports} stopped an import and ${stops.undos} an undo in the middle`,
    );
    assert.ok(stops.imports > ROUNDS / 4 && stops.undos > 0, JSON.stringify(stops));
  });

  it('stops where the quota is exceeded, says in one sentence what to do, and completes after that', async function () {
    this.timeout('1m');
    const { server, store } = await start([
      ...['--quota-backend-bytes', String(12 * 1024 * 1024)],
      // What is written counts for the quota once it is in the file, and a fast import would be done before that.
      ...['--backend-batch-limit', '100'],
    ]);
    // etcd's file doubles in size, from 8 to 16 MB here.
    const filler = await importAll(store, keysWith('/filler/', 'filler', 0, 1700));
    assert.equal(filler.written, 1700);
    const wanted = keysWith('/wanted/', 'wanted', 0, 2000);
    const writer = writerOf(store, await imports.plan(store, partsOf(jsonFile(wanted))));
    const error = await writer.run().catch((failure: unknown) => failure);
    assert.ok(EtcdError.is(error, 'quotaExceeded'), String(error));
    assert.match(error.message, /database is full .*Compact and defragment it, disarm the NOSPACE alarm/);
    assert.ok(writer.written > 0 && writer.written < 2000, String(writer.written));
    // etcd carries out the write that it finds the quota exceeded by, and refuses it all the same.
    const there = Object.keys(await contents(store, '/wanted/')).length;
    assert.ok(there === writer.written || there - writer.written <= 128, `${there} of ${writer.written}`);

    await store.delete([prefixRange(bytes('/filler/'))]);
    const { revision } = await store.count([prefixRange(bytes('/'))]);
    for (const args of [['compact', '--physical', String(revision)], ['defrag'], ['alarm', 'disarm']]) {
      const { code, stderr } = await server.etcdctl(args);
      assert.equal(code, 0, stderr);
    }
    await writer.run();
    assert.equal(writer.written, 2000);
    assert.deepEqual(writer.left, []);
    assert.deepEqual(await contents(store, '/wanted/'), wanted);
  });

  it('reads and writes what a user with restricted roles may, and says what it may not', async function () {
    this.timeout('1m');
    const rootPassword = 'root';
    const server = await startEtcd({ auth: { rootPassword } });
    servers.push(server);
    for (const args of [
      ['role', 'add', 'app'],
      ['role', 'grant-permission', 'app', 'readwrite', '/app/', '--prefix'],
      ['user', 'add', 'alice:secret'],
      ['user', 'grant-role', 'alice', 'app'],
    ])
      assert.equal((await server.etcdctl(args)).code, 0);
    const settings = { ...settingsFor(server.endpoint), api: 'v3' as const };
    const { store, close } = await connectEtcd(settings, { username: 'alice', password: 'secret' });
    open.push(close);
    const plan = await imports.plan(store, partsOf(jsonFile({ '/app/a': '1', '/app/b': '2' })));
    const writer = writerOf(store, plan);
    await writer.run();
    assert.equal(writer.written, 2);
    const foreign = imports.plan(store, partsOf(jsonFile({ '/app/a': '1', '/other/b': '2' })));
    await assert.rejects(foreign, (error) => EtcdError.is(error, 'permissionDenied'));
  });

  it('undoes nothing of what others wrote since', async () => {
    const { store } = await start();
    await importAll(store, { '/a': 'old', '/b': 'old' });
    const { undo = [] } = await importAll(store, { '/a': 'new', '/b': 'new' });
    const { kv } = await store.get(bytes('/b'));
    await store.put(bytes('/b'), bytes('theirs'), kv ?? 'absent');
    const { restored, changedSince } = await putBack(store, undo);
    assert.deepEqual([restored, changedSince.map(text)], [1, ['/b']]);
  });
});
