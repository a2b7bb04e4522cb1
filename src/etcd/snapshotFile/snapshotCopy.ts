import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { readMetas } from './boltMeta.ts';
import { readExactly, writeExactly } from './fileWindows.ts';

const MAX_TRIES = 5;
/** Milliseconds between two attempts. etcd commits at most every 100 ms, and not at all if nothing is written. */
const PAUSE = 50;
const PIECE = 4 * 1024 * 1024;

/**
 * Copies the pages in use of a `db` file that etcd may be writing to. bbolt writes no page that the last two commits
 * use, so the copy is one state of the store if no commit came in between, which the meta pages show. The file is
 * neither locked nor kept open.
 * @param target a file that does not exist; only its owner may read it
 * @throws EtcdError `unavailable` if etcd commits too often; Node's error
 */
export async function copyUnchanged(
  path: string,
  target: string,
  progress: (done: number) => void = () => undefined,
): Promise<void> {
  const into = openSync(target, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    for (let tries = 1; !tryToCopy(path, into, progress); tries++) {
      if (tries === MAX_TRIES)
        throw new EtcdError(
          'unavailable',
          l10n.t('etcd writes to this file too often for it to be copied: save a snapshot, and open that.'),
        );
      await delay(PAUSE);
    }
  } finally {
    closeSync(into);
  }
}

/** Tries to copy; returns false if etcd committed meanwhile. */
function tryToCopy(path: string, into: number, progress: (done: number) => void): boolean {
  const from = openSync(path, constants.O_RDONLY);
  try {
    const before = readMetas(from, fstatSync(from).size).newest;
    if (!before) return false;
    const bytes = Math.min(before.pages * before.pageSize, fstatSync(from).size);
    const piece = Buffer.allocUnsafe(Math.min(PIECE, bytes));
    for (let position = 0; position < bytes; position += PIECE) {
      const length = Math.min(PIECE, bytes - position);
      readExactly(from, piece, position, length);
      writeExactly(into, piece.subarray(0, length), position);
      progress((position + length) / bytes);
    }
    return readMetas(from, fstatSync(from).size).newest?.txid === before.txid;
  } finally {
    closeSync(from);
  }
}
