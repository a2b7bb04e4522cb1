import { cancelled } from '../cancelled.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { Hierarchy } from '../keys/hierarchy.ts';
import type { OpenProgress } from './openSnapshot.ts';
import type { SnapshotReader, SnapshotSummary } from './snapshotReader.ts';
import { SnapshotStore, type RemoteReader } from './snapshotStore.ts';
import type { Failure, FromWorker, Question, WorkerTask } from './workerMessages.ts';

export interface SnapshotOptions {
  /** The script of the thread that reads the file: `worker.ts`, or its bundle. */
  readonly script: string | URL;
  /** Folder for copies while a file is open; by default the system's. */
  readonly temporaryFolder?: string;
  /** See `OpenOptions`. */
  readonly indexFolder?: string;
  readonly savedFrom?: number;
  readonly translations?: WorkerTask['translations'];
  readonly hierarchy?: Hierarchy | undefined;
  readonly progress?: OpenProgress;
  /** Stops opening the file. */
  readonly signal?: AbortSignal;
}

/** A file that is open in another thread. */
export interface OpenSnapshotFile {
  readonly store: SnapshotStore;
  readonly summary: SnapshotSummary;
  readonly reader: RemoteReader;
  /** Ends the thread, frees its memory and removes copies. Open requests fail as `cancelled`. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: EtcdError) => void;
}

/**
 * Opens a snapshot, or the `db` file of a member, in a thread of its own.
 * @throws EtcdError `unreadableFile`; `unavailable` if etcd writes to the file too often; `cancelled`
 */
export async function openSnapshotFile(
  path: string,
  { script, temporaryFolder = tmpdir(), hierarchy, progress, signal, ...options }: SnapshotOptions,
): Promise<OpenSnapshotFile> {
  const folder = await mkdtemp(join(temporaryFolder, 'etcd-file-'));
  const { indexFolder, savedFrom, translations } = options;
  const task: WorkerTask = { path, folder, indexFolder, savedFrom, translations };
  const worker = new Worker(script, { workerData: task });
  const waiting = new Map<number, Waiting>();
  const opened = Promise.withResolvers<SnapshotSummary>();
  let end: EtcdError | undefined;
  const endAs = (error: EtcdError) => {
    end ??= error;
    opened.reject(end);
    for (const { reject } of waiting.values()) reject(end);
    waiting.clear();
  };
  const close = async (): Promise<void> => {
    endAs(new EtcdError('cancelled', l10n.t('The file was closed.')));
    await worker.terminate();
    await rm(folder, { recursive: true, force: true });
  };
  const abort = () => endAs(cancelled());
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  worker.on('error', (error) => endAs(crashed(error)));
  worker.on('exit', () => endAs(crashed()));
  worker.on('message', (message: FromWorker) => {
    switch (message.kind) {
      case 'progress':
        return progress?.(message.step, message.done);
      case 'opened':
        return opened.resolve(message.summary);
      case 'refused':
        return opened.reject(errorOf(message.failure));
      case 'answer':
        waiting.get(message.id)?.resolve(message.result);
        return void waiting.delete(message.id);
      case 'failed':
        waiting.get(message.id)?.reject(errorOf(message.failure));
        return void waiting.delete(message.id);
    }
  });
  let asked = 0;
  const asking =
    <Name extends Question>(name: Name) =>
    (...args: Parameters<SnapshotReader[Name]>): Promise<ReturnType<SnapshotReader[Name]>> => {
      if (end) return Promise.reject(end);
      const { promise, resolve, reject } = Promise.withResolvers<ReturnType<SnapshotReader[Name]>>();
      const id = asked++;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, name, args }, []);
      return promise;
    };
  const reader: RemoteReader = {
    summary: asking('summary'),
    status: asking('status'),
    hashKv: asking('hashKv'),
    get: asking('get'),
    getMany: asking('getMany'),
    count: asking('count'),
    children: asking('children'),
    page: asking('page'),
    keyPage: asking('keyPage'),
    events: asking('events'),
    folderSpace: asking('folderSpace'),
  };
  try {
    const summary = await opened.promise;
    return { store: new SnapshotStore(reader, summary, hierarchy), summary, reader, close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function errorOf({ kind, message, oldestRevision }: Failure): EtcdError {
  return new EtcdError(kind, message, oldestRevision === undefined ? {} : { oldestRevision });
}

function crashed(cause?: unknown): EtcdError {
  const message = l10n.t('The thread that reads the file has ended, perhaps for lack of memory. Open the file again.');
  return new EtcdError('unreadableFile', message, { cause });
}
