import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { copyUnchanged } from '../../../src/etcd/snapshotFile/snapshotCopy.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { BusyFile } from './busyFile.ts';
import { OpenFiles, saveSnapshot } from './snapshots.ts';

const PAGES = 2048;

describe('a copy of a file that etcd writes to', () => {
  let server: EtcdServer;
  let folder: string;
  let snapshot: Buffer;
  const files = new OpenFiles();

  before(async () => {
    server = await startEtcd();
    await server.etcdctl(['put', 'a', 'x']);
    folder = await files.folder();
    snapshot = await readFile(await saveSnapshot(server, folder));
  });
  after(async () => {
    await files.close();
    await server?.stop();
  });

  /** Copies a file in which the first attempts meet a commit each; returns the number of attempts. */
  async function copy(name: string, commits: number): Promise<number> {
    const path = join(folder, name);
    const busy = new BusyFile(path, snapshot, PAGES);
    let attempts = 0;
    try {
      await copyUnchanged(path, join(folder, `${name}.copy`), (done) => {
        if (done === 1 && attempts++ < commits) busy.commit();
      });
      return attempts;
    } finally {
      busy.close();
    }
  }

  it('is made again after a commit came in between', async () => {
    assert.equal(await copy('calm', 0), 1);
    assert.equal(await copy('busy', 4), 5);
    assert.deepEqual(await readFile(join(folder, 'busy.copy')), await readFile(join(folder, 'busy')));
    const { reader } = await files.open(join(folder, 'busy.copy'));
    assert.equal(reader.summary().keys, 1);
  });

  it('is refused once too many attempts met one', async () => {
    await assert.rejects(copy('busier', 5), (error) => {
      assert(EtcdError.is(error, 'unavailable'));
      assert.match(error.message, /^etcd writes to this file too often/);
      return true;
    });
  });
});
