import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { BoltFile } from './boltFile.ts';
import { verifyChecksum } from './integrity.ts';
import { openIndex, type OpenedFile } from './openIndex.ts';
import { copyUnchanged } from './snapshotCopy.ts';
import { SnapshotReader } from './snapshotReader.ts';

/** Reports the step of opening a file and the finished part of it, from 0 to 1. */
export type OpenProgress = (step: 'copying' | 'reading' | 'verifying', done: number) => void;

/**
 * Opens a snapshot, or the `db` file of a member, which is copied first because etcd may be writing to it.
 * @param folder an empty folder of the caller's for that copy, to be removed once the reader is closed
 * @throws EtcdError `unreadableFile`, `unavailable`; Node's error
 */
export async function openSnapshot(
  path: string,
  folder: string,
  progress: OpenProgress = () => undefined,
): Promise<SnapshotReader> {
  let file = BoltFile.open(path);
  if (file.end === 'noChecksum') {
    file.close();
    const copy = join(folder, 'db');
    await copyUnchanged(path, copy, (done) => progress('copying', done));
    file = BoltFile.open(copy);
    // An open file stays readable, and nothing is left behind even if this process is killed.
    if (process.platform !== 'win32') unlinkSync(copy);
  }
  try {
    const opened = openIndex(file, (done) => progress('reading', done));
    return new SnapshotReader(opened, verified(opened, progress));
  } catch (error) {
    file.close();
    throw error;
  }
}

function verified({ index: { file } }: OpenedFile, progress: OpenProgress) {
  return verifyChecksum(file, (done) => progress('verifying', done));
}
