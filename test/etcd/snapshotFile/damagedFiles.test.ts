import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { openSnapshot } from '../../../src/etcd/snapshotFile/openSnapshot.ts';
import type { SnapshotReader } from '../../../src/etcd/snapshotFile/snapshotReader.ts';
import { SLASHES } from '../../../src/etcd/keys/hierarchy.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { DAMAGES, withItsSha } from './damaging.ts';
import { ALL, connectTo, live, numbersFrom } from './keyspace.ts';
import { OpenFiles, saveSnapshot } from './snapshots.ts';

const SHA_BYTES = 32;

interface Outcome {
  /** `refused` if nothing of the file can be read. */
  readonly checksum: 'verified' | 'wrong' | 'none' | 'refused';
  readonly damages: readonly string[];
}

describe('damaged snapshots and db files', () => {
  let server: EtcdServer;
  let snapshot: Buffer;
  let folder: string;
  const files = new OpenFiles();

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.5' });
    const etcd = await connectTo(server);
    await live(etcd.store, 25);
    etcd.close();
    folder = await files.folder();
    snapshot = await readFile(await saveSnapshot(server, folder));
    assert.deepEqual(await read(snapshot), { checksum: 'verified', damages: [] });
  });
  after(async () => {
    await files.close();
    await server?.stop();
  });

  async function open(content: Uint8Array): Promise<SnapshotReader> {
    const path = join(folder, 'file');
    await writeFile(path, content);
    return await openSnapshot(path, folder);
  }

  /** Opens a file with these bytes and makes every possible request. Every failure must be one of etcd's. */
  async function read(content: Uint8Array): Promise<Outcome> {
    let reader: SnapshotReader;
    try {
      reader = await open(content);
    } catch (error) {
      if (!EtcdError.is(error, 'unreadableFile', 'unavailable')) throw error;
      return { checksum: 'refused', damages: [error.message] };
    }
    try {
      const { checksum, damages } = reader.summary();
      askEverything(reader);
      return { checksum, damages };
    } finally {
      reader.close();
    }
  }

  it('never crash, hang or pass for sound where a snapshot has its checksum', async function () {
    this.timeout('10m');
    const tally = { refused: 0, opened: 0 };
    for (const [kind, damage] of Object.entries(DAMAGES)) {
      const random = numbersFrom(kind.length);
      for (let index = 0; index < 550; index++) {
        const damaged = damage(snapshot, random);
        if (damaged.equals(snapshot)) continue;
        const { checksum, damages } = await read(damaged);
        assert.notEqual(checksum, 'verified', `${kind} ${index}`);
        // Without the whole checksum, nothing can be verified, but that is not a damage.
        if (checksum === 'none' && damaged.length !== snapshot.length - SHA_BYTES)
          assert.notDeepEqual(damages, [], `${kind} ${index}`);
        tally[checksum === 'refused' ? 'refused' : 'opened']++;
      }
    }
    assert.ok(tally.opened > tally.refused, JSON.stringify(tally));
  });

  it('never crash or hang where nothing vouches for them', async function () {
    this.timeout('10m');
    const db = snapshot.subarray(0, -SHA_BYTES);
    for (const [kind, damage] of Object.entries(DAMAGES)) {
      const random = numbersFrom(kind.length + 100);
      for (let index = 0; index < 180; index++) {
        assert.notEqual((await read(damage(db, random))).checksum, 'verified');
        const hostile = withItsSha(damage(snapshot, random));
        const { checksum } = await read(hostile);
        assert.notEqual(checksum, 'wrong', `${kind} ${index}`);
      }
    }
  });
});

function askEverything(reader: SnapshotReader): void {
  const { revision, compacted } = reader.summary();
  for (let place: number | undefined = 0; place !== undefined;)
    ({ next: place } = reader.page({ range: ALL, values: true, place }));
  reader.keyPage({ range: ALL });
  reader.children({ prefix: new Uint8Array(), separators: SLASHES.separators, size: 100 });
  reader.count([ALL]);
  reader.status();
  reader.hashKv();
  if (revision > compacted) reader.events({ range: ALL, fromRevision: compacted + 1n, previous: true, returned: 0 });
}
