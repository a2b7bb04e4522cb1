import assert from 'node:assert/strict';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { ImportWriter } from '../../../src/etcd/keyFiles/importWriter.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { putBack } from '../../../src/etcd/writes/putBack.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { Random } from '../../unit/listing/random.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { eventually } from '../eventually.ts';
import { SecondWriter } from '../secondWriter.ts';
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

  /** Runs to the end, or to the failure that a kill causes. */
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
      // Someone writes after the preview.
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

  it('loses nothing of anybody when the server is killed while somebody else writes keys of an import, and of its undo', async function () {
    this.timeout('3m');
    const random = new Random(31);
    const { server, store } = await start();
    const their = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3' });
    open.push(their.close);
    for (let round = 0; round < 10; round++) {
      const prefix = `/both/${round}/`;
      const old = keysWith(prefix, 'old', 100, 300);
      const wanted = keysWith(prefix, 'new', 0, KEYS);
      const contested = Object.keys(wanted).filter((_, index) => index % 40 === round);
      const calm = (all: Readonly<Record<string, string>>) =>
        Object.fromEntries(Object.entries(all).filter(([key]) => !contested.includes(key)));
      await importAll(store, old);
      const writer = writerOf(store, await imports.plan(store, partsOf(jsonFile(wanted))));
      const meanwhile = new SecondWriter(their.store, contested, random);
      const point = random.below(KEYS);
      let kill: Promise<void> | undefined;
      await untilStopped(async () => {
        await writer.run(undefined, (done) => {
          if (done >= point) kill ??= server.kill();
        });
      });
      await (kill ?? server.kill());
      await server.restart();
      await eventually(() => writer.run());
      await meanwhile.stop();
      const imported = await contents(store, prefix);
      await meanwhile.check(async (key) => [imported[key]]);
      assert.deepEqual(calm(imported), calm(wanted));
      assert.equal(writer.written + writer.left.length, KEYS);
      for (const { key, why } of writer.left) assert.ok(contested.includes(text(key) ?? '') && why === 'changed');

      const { undo } = writer;
      assert.equal(undo?.length, writer.written);
      const afterwards = new SecondWriter(their.store, contested, random);
      const undoing = untilStopped(() => putBack(store, undo));
      for (let reads = random.below(30); reads > 0; reads--) await store.get(bytes(prefix));
      await server.kill();
      await undoing;
      await server.restart();
      const { restored, changedSince } = await eventually(() => putBack(store, undo));
      await afterwards.stop();
      const undone = await contents(store, prefix);
      await afterwards.check(async (key) => [undone[key]]);
      await meanwhile.check(async (key) => [key in afterwards.written ? meanwhile.written[key] : undone[key]]);
      assert.deepEqual(calm(undone), calm(old));
      assert.equal(restored + changedSince.length, undo.length);
      for (const key of changedSince) assert.ok(contested.includes(text(key) ?? ''));
      await store.delete([prefixRange(bytes(prefix))]);
    }
  });

  it('stops where the quota is exceeded, says in one sentence what to do, and completes after that', async function () {
    this.timeout('5m');
    const { server, store } = await start([
      ...['--quota-backend-bytes', String(12 * 1024 * 1024)],
      // A write counts for the quota only once it is in the file; a fast import would be done before that.
      ...['--backend-batch-limit', '100'],
    ]);
    // etcd's file doubles in size, from 8 to 16 MB here.
    const filler = await importAll(store, keysWith('/filler/', 'filler', 0, 1700));
    assert.equal(filler.written, 1700);
    const wanted = keysWith('/wanted/', 'wanted', 0, 2000);
    const writer = writerOf(store, await imports.plan(store, partsOf(jsonFile(wanted))));
    const error = await writer.run().catch((failure: unknown) => failure);
    assert.ok(EtcdError.is(error, 'quotaExceeded'), String(error));
    assert.match(error.message, /database is full .*Compact and defragment it and disarm the NOSPACE alarm/);
    assert.ok(writer.written > 0 && writer.written < 2000, String(writer.written));
    // etcd carries out the write at which it finds the quota exceeded, and reports a refusal anyway.
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
    this.timeout('5m');
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
