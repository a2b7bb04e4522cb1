import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { openSnapshot, type OpenProgress } from './openSnapshot.ts';
import type { SnapshotReader } from './snapshotReader.ts';
import type { Asked, Failure, WorkerTask } from './workerMessages.ts';

/**
 * The thread that reads a snapshot or `db` file, so that the extension's own thread is never blocked. See
 * `snapshotWorker.ts`.
 */

/** Milliseconds between two messages about progress. */
const PROGRESS_PAUSE = 100;

async function serve(
  port: MessagePort,
  { path, folder, indexFolder, savedFrom, translations }: WorkerTask,
): Promise<void> {
  if (translations) l10n.config({ contents: translations });
  let reportedAt = 0;
  const progress: OpenProgress = (step, done) => {
    if (performance.now() - reportedAt < PROGRESS_PAUSE) return;
    reportedAt = performance.now();
    port.postMessage({ kind: 'progress', step, done });
  };
  const reader = await openSnapshot(path, folder, { progress, indexFolder, savedFrom });
  port.on('message', (asked: Asked) => port.postMessage(answer(reader, asked)));
  port.postMessage({ kind: 'opened', summary: reader.summary() });
}

function answer(reader: SnapshotReader, { id, name, args }: Asked) {
  try {
    const result: unknown = Reflect.apply(reader[name], reader, args);
    return { kind: 'answer', id, result };
  } catch (error) {
    return { kind: 'failed', id, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  if (EtcdError.is(error)) return { kind: error.kind, message: error.message, oldestRevision: error.oldestRevision };
  return { kind: 'unreadableFile', message: fileSentence(error), oldestRevision: undefined };
}

function fileSentence(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  switch (code) {
    case 'ENOENT':
      return l10n.t('The file does not exist.');
    case 'EACCES':
    case 'EPERM':
      return l10n.t('You have no permission to read this file.');
    case 'ENOSPC':
      return l10n.t('The disk has no room for the copy of this file that is read.');
    default:
      return l10n.t('The file cannot be read: {0}', code);
  }
}

if (parentPort) {
  const port = parentPort;
  const task: WorkerTask = workerData;
  serve(port, task).catch((error: unknown) => port.postMessage({ kind: 'refused', failure: failureOf(error) }));
}
