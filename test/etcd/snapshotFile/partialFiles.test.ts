import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { KeyEvent, KeyStore } from '../../../src/etcd/keyStore.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes } from '../connecting.ts';
import { until } from '../eventually.ts';
import { ALL, connectTo, contentOf, live, plain } from './keyspace.ts';
import { OpenFiles, saveSnapshot, type OpenFile } from './snapshots.ts';

const PAGE = 4096;
const LEAF = 2;

describe('a file of which a part is missing', () => {
  let server: EtcdServer;
  let snapshot: Buffer;
  let whole: OpenFile;
  const files = new OpenFiles();

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.5' });
    const etcd = await connectTo(server);
    await live(etcd.store, 300);
    etcd.close();
    const path = await saveSnapshot(server, await files.folder());
    whole = await files.open(path);
    snapshot = await readFile(path);
  });
  after(async () => {
    await files.close();
    await server?.stop();
  });

  async function open(content: Uint8Array): Promise<OpenFile> {
    const path = join(await files.folder(), 'part.db');
    await writeFile(path, content);
    return await files.open(path);
  }

  const recordsOf = ({ reader }: OpenFile) => {
    const found = new Set<string>();
    for (let returned = 0, done = false; !done;) {
      const batch = reader.events({ range: ALL, fromRevision: 1n, previous: false, returned });
      for (const event of batch.events) found.add(nameOf(event));
      returned += batch.events.length;
      ({ done } = batch);
    }
    return found;
  };

  /** Checks that every record of a file is one of the whole file's; returns their number. */
  function assertTrue(part: OpenFile): number {
    const all = recordsOf(whole);
    const found = recordsOf(part);
    for (const record of found) assert.ok(all.has(record), record);
    return found.size;
  }

  it('opens up to where it was cut off, and says so', async () => {
    const counts: number[] = [];
    for (const part of [0.2, 0.4, 0.6, 0.8]) {
      const file = await open(snapshot.subarray(0, Math.floor(snapshot.length * part)));
      const { checksum, damages } = file.reader.summary();
      assert.equal(checksum, 'none');
      assert.match(damages.join(' '), /The file is cut off: it has \d+ of at least \d+ bytes\./);
      counts.push(assertTrue(file));
    }
    assert.ok(
      counts.every((count) => count > 0),
      String(counts),
    );
  });

  it('opens without a page of keys, and says which revisions are missing', async () => {
    const leaves = Array.from({ length: snapshot.length / PAGE - 2 }, (_, index) => index + 2).filter(
      (page) => snapshot.readUInt16LE(page * PAGE + 8) === LEAF && snapshot.readUInt16LE(page * PAGE + 10) > 5,
    );
    let missing = 0;
    for (const page of leaves) {
      const damaged = Buffer.from(snapshot);
      damaged.fill(0, page * PAGE, (page + 1) * PAGE);
      const file = await open(damaged);
      const { checksum, damages, records } = file.reader.summary();
      assert.equal(checksum, 'wrong');
      const all = whole.reader.summary().records;
      assert.equal(assertTrue(file), records);
      // An unused page may contain anything.
      if (records === all) continue;
      missing++;
      assert.match(damages.join(' '), new RegExp(`Page ${page} .*(are|be) missing`));
    }
    assert.ok(missing > 3, `${missing} of ${leaves.length}`);
  });

  it('is named if it is not of etcd', async () => {
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [new Uint8Array(), /The file is empty/],
      [bytes('some text'), /neither an etcd snapshot nor the db file/],
      [gzipSync(snapshot), /packed with gzip: unpack it first/],
      [renamed('key', 'kez'), /but not of etcd 3: it has no bucket "key"/],
      [renamed('key', 'v1 ').subarray(0, -32), /"v1 "/],
    ];
    for (const [content, sentence] of cases)
      await assert.rejects(
        open(content),
        (error) => EtcdError.is(error, 'unreadableFile') && sentence.test(error.message),
      );
  });

  it('of a db that etcd is writing to is never a mixture: it is one state, or refused', async function () {
    this.timeout('2m');
    const etcd = await connectTo(server);
    const db = join(server.dataDir, 'member', 'snap', 'db');
    let isWriting = true;
    const writing = (async () => {
      for (let count = 0; isWriting; count++) await putAny(etcd.store, `/busy/${count % 50}`, 'w'.repeat(2000));
    })();
    try {
      for (let tries = 0; tries < 15; tries++) {
        const file = await files.open(db).catch((error: unknown) => {
          if (!EtcdError.is(error, 'unavailable')) throw error;
        });
        if (!file) continue;
        const { revision, damages } = file.reader.summary();
        assert.deepEqual(damages, []);
        assert.deepEqual(await contentOf(file.store), await contentOf(etcd.store, { revision }));
      }
    } finally {
      isWriting = false;
      await writing;
    }
    await until(async () => {
      const file = await files.open(db);
      const { revision } = await etcd.store.get(bytes('/busy/0'));
      return file.reader.summary().revision === revision;
    });
    etcd.close();
  });

  function renamed(from: string, to: string): Buffer {
    const copy = Buffer.from(snapshot);
    // The name of a bucket precedes its header, whose second half is 0.
    for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + 1))
      if (copy.readBigUInt64LE(at + from.length + 8) === 0n) copy.write(to, at);
    return copy;
  }
});

async function putAny(store: KeyStore, key: string, value: string): Promise<void> {
  const { kv } = await store.get(bytes(key));
  await store.put(bytes(key), bytes(value), kv ?? 'absent');
}

function nameOf(event: KeyEvent): string {
  if (event.kind === 'folder') return 'folder';
  const text = (value: unknown) =>
    JSON.stringify(value, (_name, each) => (typeof each === 'bigint' ? String(each) : each));
  if (event.kind === 'delete') return text(['delete', Buffer.from(event.key).toString('latin1'), event.modRevision]);
  return text([plain(event.kv), Buffer.from(event.kv.value).toString('latin1')]);
}
