import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openSnapshotFile } from '../../../src/etcd/snapshotFile/snapshotWorker.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { failsAs } from '../errorKind.ts';
import { bytes } from '../connecting.ts';
import { connectTo, contentOf, live, treeOf } from './keyspace.ts';
import { OpenFiles, saveSnapshot } from './snapshots.ts';

const script = new URL('../../../src/etcd/snapshotFile/worker.ts', import.meta.url);

describe('a snapshot that is read in a thread of its own', () => {
  let server: EtcdServer;
  let path: string;
  let temporaryFolder: string;
  const files = new OpenFiles();

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.5' });
    const etcd = await connectTo(server);
    await live(etcd.store, 40);
    etcd.close();
    temporaryFolder = await files.folder();
    path = await saveSnapshot(server, await files.folder());
  });
  after(async () => {
    await files.close();
    await server?.stop();
  });

  it('answers as one that is read here does, and leaves nothing behind', async () => {
    const here = await files.open(path);
    const file = await openSnapshotFile(path, { script, temporaryFolder });
    const { revision } = file.summary;
    assert.deepEqual(file.summary, here.reader.summary());
    assert.deepEqual(await contentOf(file.store), await contentOf(here.store));
    assert.deepEqual(await treeOf(file.store, revision), await treeOf(here.store, revision));
    assert.deepEqual(await file.store.contentHash(revision), await here.store.contentHash(revision));
    assert.deepEqual(await file.reader.status(), here.reader.status());
    await assert.rejects(file.store.get(bytes('/a'), { revision: revision + 1n }), failsAs('futureRevision'));
    await file.close();
    await assert.rejects(file.store.get(bytes('/a')), failsAs('cancelled'));
    assert.deepEqual(await readdir(temporaryFolder), []);
  });

  it('says what is wrong with a file that is not there or not of etcd', async () => {
    const missing = openSnapshotFile(join(await files.folder(), 'none'), { script, temporaryFolder });
    await assert.rejects(missing, /^EtcdError: The file does not exist\.$/);
    await assert.rejects(
      openSnapshotFile(import.meta.filename, { script, temporaryFolder }),
      failsAs('unreadableFile'),
    );
    await assert.rejects(
      openSnapshotFile(await files.folder(), { script, temporaryFolder }),
      failsAs('unreadableFile'),
    );
    assert.deepEqual(await readdir(temporaryFolder), []);
  });

  it('is given up when that is asked for', async () => {
    const abort = new AbortController();
    const opening = openSnapshotFile(path, { script, temporaryFolder, signal: abort.signal });
    abort.abort();
    await assert.rejects(opening, failsAs('cancelled'));
    assert.deepEqual(await readdir(temporaryFolder), []);
  });
});
