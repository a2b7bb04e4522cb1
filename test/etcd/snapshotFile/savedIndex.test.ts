import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, rename, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { openSnapshot } from '../../../src/etcd/snapshotFile/openSnapshot.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes } from '../connecting.ts';
import { ALL, connectTo, contentOf, live, treeOf } from './keyspace.ts';
import { OpenFiles, saveSnapshot, succeed, type OpenFile } from './snapshots.ts';

/** Writes of one transaction. */
const AT_ONCE = 2000;
/** More than one chunk of each list of numbers. */
const KEYS = 18_000;
const ROUNDS = 4;

describe('the saved index of a file', () => {
  const files = new OpenFiles();
  let server: EtcdServer;
  let path: string;
  let indexFolder: string;

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.5', extraArgs: ['--max-txn-ops', '10000'] });
    const { store, close } = await connectTo(server);
    await live(store, 60);
    for (let round = 0; round < ROUNDS; round++) await putMany(store, round);
    close();
    await succeed(server, ['user', 'add', 'alice:secret-of-alice']);
    path = await saveSnapshot(server, await files.folder());
  });
  beforeEach(async () => {
    indexFolder = join(await files.folder(), 'indexes');
  });
  after(async () => {
    await files.close();
    await server?.stop();
  });

  async function putMany(store: KeyStore, round: number): Promise<void> {
    for (let from = 0; from < KEYS; from += AT_ONCE) {
      const keys = Array.from({ length: AT_ONCE }, (_, index) => bytes(`/many/${index % 7}/${from + index}`));
      const { kvs } = await store.getMany(keys.slice(0, 1));
      const expected = kvs[0] ? { modRevision: kvs[0].modRevision } : 'absent';
      const value = bytes(`round ${round}`);
      const result = await store.transact(keys.map((key) => ({ kind: 'put', key, value, expected })));
      assert.equal(result.outcome, 'done');
    }
  }

  /** Opens the file; returns whether all its pages were read. */
  async function open(): Promise<OpenFile & { readonly wasRead: boolean }> {
    let wasRead = false;
    const progress = (step: string) => {
      wasRead ||= step === 'reading';
    };
    const opened = await files.open(path, { indexFolder, savedFrom: 0, progress });
    return { ...opened, wasRead };
  }

  async function everythingOf({ store, reader }: OpenFile) {
    const summary = reader.summary();
    const { revision } = summary;
    const levels = [];
    for (const prefix of ['', '/', '/many/', '/many/3/']) levels.push(await store.folderSpace(bytes(prefix)));
    const events = reader.events({ range: ALL, fromRevision: revision - 30n, previous: true, returned: 0 });
    return {
      summary,
      status: reader.status(),
      hash: await store.contentHash(revision - 25n),
      contents: [await contentOf(store), await contentOf(store, { revision: 40n })],
      tree: await treeOf(store, 50n),
      levels,
      events,
    };
  }

  it('is used when the file is opened again, and answers the same', async function () {
    this.timeout('2m');
    const expected = await everythingOf(await files.open(path));
    const [first, second] = [await open(), await open()];
    assert.deepEqual([first.wasRead, second.wasRead], [true, false]);
    assert.deepEqual(await everythingOf(first), expected);
    assert.deepEqual(await everythingOf(second), expected);
  });

  it('is one where revisions do not fit into memory, too', async function () {
    this.timeout('2m');
    const expected = await everythingOf(await files.open(path));
    assert.deepEqual(await everythingOf(await files.open(path, { maxHeld: 400_000 })), expected);
  });

  it('is readable only by its owner, and has no values and no password hashes', async () => {
    await open();
    const names = await readdir(indexFolder);
    assert.equal(names.length, 1);
    const file = join(indexFolder, names[0] ?? '');
    if (process.platform !== 'win32') {
      assert.equal((await stat(file)).mode & 0o777, 0o600);
      assert.equal((await stat(indexFolder)).mode & 0o777, 0o700);
    }
    const content = await readFile(file, 'latin1');
    assert.ok((await readFile(path, 'latin1')).includes('$2a$'));
    for (const secret of ['$2a$', 'alice', 'round 1']) assert.ok(!content.includes(secret), secret);
  });

  it('is not used for another content, or if it is damaged', async function () {
    this.timeout('2m');
    await open();
    const file = join(indexFolder, (await readdir(indexFolder))[0] ?? '');
    const sound = await readFile(file);
    const isUsed = async () => !(await open()).wasRead;
    assert.ok(await isUsed());
    for (const at of [5, 4096, sound.length >> 1, sound.length - 1]) {
      const damaged = Buffer.from(sound);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      await writeFile(file, damaged);
      assert.ok(!(await isUsed()), `byte ${at}`);
      assert.deepEqual(await readFile(file), sound, 'it is written anew');
    }
    for (const length of [0, 100, 5000, sound.length - 8]) {
      await truncate(file, length);
      assert.ok(!(await isUsed()), `${length} bytes`);
    }
    const { atime, mtime } = await stat(path);
    await utimes(path, atime, new Date(mtime.getTime() + 1000));
    assert.ok(!(await isUsed()), 'another time');
    assert.ok(await isUsed());
    const kept = `${path}.kept`;
    await rename(path, kept);
    await saveSnapshot(server, join(path, '..'));
    const { length } = await readdir(indexFolder);
    assert.ok(!(await isUsed()), 'another snapshot of the same name');
    assert.equal((await readdir(indexFolder)).length, length, 'the old one is replaced');
  });

  it('is not kept of a damaged file, whose damages are found again', async () => {
    const damaged = `${path}.damaged`;
    await writeFile(damaged, (await readFile(path)).subarray(0, -40));
    const summaries = [];
    for (let each = 0; each < 2; each++) {
      const reader = await openSnapshot(damaged, await files.folder(), { indexFolder, savedFrom: 0 });
      summaries.push(reader.summary());
      reader.close();
    }
    assert.notDeepEqual(summaries[0]?.damages, []);
    assert.deepEqual(summaries[0], summaries[1]);
    await assert.rejects(readdir(indexFolder), { code: 'ENOENT' });
  });

  it('is removed when it was not used for a month, and what a crash left after a day', async () => {
    await mkdir(indexFolder);
    const old = { 'old.index': 31, 'new.index': 29, 'x.index.1.part': 2, 'y.index.1.part': 0.5, 'other.txt': 99 };
    for (const [name, days] of Object.entries(old)) {
      const time = new Date(Date.now() - days * 24 * 60 * 60 * 1000);
      await writeFile(join(indexFolder, name), 'content');
      await utimes(join(indexFolder, name), time, time);
    }
    await writeFile(join(indexFolder, 'huge.index'), '');
    await truncate(join(indexFolder, 'huge.index'), 2 * 1024 ** 3);
    await open();
    const left = (await readdir(indexFolder)).filter((name) => !/^[0-9a-f]{32}\.index$/.test(name));
    assert.deepEqual(left.toSorted(), ['new.index', 'other.txt', 'y.index.1.part']);
  });

  it('is not needed: a file opens without it where none can be saved', async function () {
    if (process.platform === 'win32' || process.getuid?.() === 0) {
      await writeFile(indexFolder, 'a file where the folder should be');
    } else {
      await mkdir(indexFolder);
      await chmod(indexFolder, 0o500);
    }
    const { reader, wasRead } = await open();
    assert.ok(wasRead);
    assert.deepEqual(reader.summary().damages, []);
  });
});
