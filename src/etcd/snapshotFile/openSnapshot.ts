import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { BoltFile } from './boltFile.ts';
import { verifyChecksum } from './checksums.ts';
import { openIndex, openKnown, type OpenedFile } from './openIndex.ts';
import { fileState, SavedIndexes } from './savedIndexes.ts';
import { ScratchFile } from './scratchFile.ts';
import { copyUnchanged } from './snapshotCopy.ts';
import { SnapshotReader } from './snapshotReader.ts';

/** Bytes of a file from which on its index is saved: a smaller one is read in a second or two. */
const SAVED_FROM = 64 * 1024 * 1024;

/** Reports the step of opening a file and the finished part of it, from 0 to 1. */
export type OpenProgress = (step: 'copying' | 'reading' | 'verifying', done: number) => void;

export interface OpenOptions {
  readonly progress?: OpenProgress | undefined;
  /** A folder for the indexes of large files, which are used when a file is opened again. */
  readonly indexFolder?: string | undefined;
  /** Bytes of a file from which on its index is saved. */
  readonly savedFrom?: number | undefined;
  /** Bytes of the numbers that stay in memory while a file is read. */
  readonly maxHeld?: number | undefined;
}

/**
 * Opens a snapshot, or the `db` file of a member, which is copied first because etcd may be writing to it.
 * @param folder an empty folder of the caller's for that copy and for what does not fit into memory, to be removed once
 *   the reader is closed
 * @throws EtcdError `unreadableFile`, `unavailable`; Node's error
 */
export async function openSnapshot(path: string, folder: string, options: OpenOptions = {}): Promise<SnapshotReader> {
  const { progress = () => undefined, indexFolder, savedFrom = SAVED_FROM } = options;
  const state = fileState(path);
  let file = BoltFile.open(path);
  if (file.end === 'noChecksum') {
    file.close();
    const copy = join(folder, 'db');
    await copyUnchanged(path, copy, (done) => progress('copying', done));
    file = BoltFile.open(copy);
    // An open file stays readable, and nothing is left behind even if this process is killed.
    if (process.platform !== 'win32') unlinkSync(copy);
  }
  let opened: OpenedFile | undefined;
  try {
    const isLarge = indexFolder !== undefined && file.size >= savedFrom;
    const saved = isLarge ? new SavedIndexes(indexFolder, path, state, file) : undefined;
    opened = (saved && openSaved(file, saved)) ?? openAnew(file, folder, saved, options);
    return new SnapshotReader(
      opened,
      verifyChecksum(file, (done) => progress('verifying', done)),
    );
  } catch (error) {
    if (opened) opened.index.close();
    else file.close();
    throw error;
  }
}

function openSaved(file: BoltFile, saved: SavedIndexes): OpenedFile | undefined {
  const known = saved.load();
  const opened = known && openKnown(file, known);
  if (!opened) known?.close();
  return opened;
}

function openAnew(
  file: BoltFile,
  folder: string,
  saved: SavedIndexes | undefined,
  { progress, maxHeld }: OpenOptions,
): OpenedFile {
  const scratch = new ScratchFile(folder, maxHeld);
  try {
    const opened = openIndex(file, { scratch, progress: (done) => progress?.('reading', done) });
    // The saved index takes less memory than the one that was just built.
    const isSaved = saved !== undefined && file.damages.count === 0 && saved.save(opened.index.facts);
    const again = isSaved ? openSaved(file, saved) : undefined;
    if (again) scratch.close();
    return again ?? opened;
  } catch (error) {
    scratch.close();
    throw error;
  }
}
