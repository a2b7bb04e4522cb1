import { l10n, Uri, workspace } from 'vscode';
import { ImportSession, type ImportFile } from '../documents/importSession.ts';
import { ImportWriter, type ImportChoice } from '../etcd/keyFiles/importWriter.ts';
import { cancellableTask } from '../ui/cancellableTask.ts';
import type { CommandContext } from './commandContext.ts';
import { seenFile } from './forgetWork.ts';
import { asReadErrors, partsOf } from './importKeysCommand.ts';
import type { ImportRecord } from './interruptedWork.ts';
import { writableStore } from './targets.ts';
import { fromBase64, requireCluster, requireConnection, toBase64 } from './transferRecord.ts';
import { MOST_UNDO_BYTES } from './undoLog.ts';

export function choiceOf(session: ImportSession, leases: ImportChoice['leases']): ImportChoice {
  return { takes: (index) => session.takes(index), leases, undoBytes: MOST_UNDO_BYTES };
}

/** What is remembered of an import when it begins, beside `writeSeen`. */
export function importRecord(
  session: ImportSession,
  leases: ImportChoice['leases'],
  cluster: string | undefined,
): ImportRecord {
  const { id, connection, file, plan, source, chosenKeys } = session;
  return {
    kind: 'import',
    id,
    label: l10n.t('Import of {0} into {1}', source, connection.name),
    time: Date.now(),
    total: chosenKeys,
    done: 0,
    connection: { id: connection.id, cluster },
    file: file.uri.toString(),
    isFolder: file.isFolder,
    prefix: toBase64(plan.prefix),
    leases,
    digest: plan.spool.digest,
    next: 0,
  };
}

export function positionOf({ position: { next, written } }: ImportWriter): Pick<ImportRecord, 'done' | 'next'> {
  return { done: written, next };
}

/** Keeps what an import saw of its keys, and which are chosen: what else it needs to go on is in the file that it came from. */
export async function writeSeen({ storage }: CommandContext, session: ImportSession): Promise<void> {
  const file = seenFile(storage, session.id);
  await workspace.fs.createDirectory(Uri.joinPath(file, '..'));
  await workspace.fs.writeFile(file, session.seen);
}

/** Reads the file of an interrupted import again. @throws EtcdError where it or the cluster is not what it was */
export async function restoredImport(
  { connections, storage }: CommandContext,
  { id, label, connection: { id: connectionId, cluster }, prefix, digest, leases, next, done, ...record }: ImportRecord,
): Promise<{ readonly session: ImportSession; readonly writer: ImportWriter }> {
  const connection = requireConnection(connections.get(connectionId), label);
  const store = await writableStore(connection);
  await requireCluster(connection, store, cluster);
  const file: ImportFile = { uri: Uri.parse(record.file), isFolder: record.isFolder };
  const session = await asReadErrors(file.uri.path, async () => {
    const seen = await workspace.fs.readFile(seenFile(storage, id));
    return await cancellableTask(l10n.t('Reading {0} again', file.uri.path), async ({ signal, keys }) => {
      const source = { parts: partsOf(file), prefix: fromBase64(prefix), signal, progress: keys };
      return await ImportSession.restore(connection, file, source, { id, seen, digest });
    });
  });
  session.writer = new ImportWriter(store, session.plan, choiceOf(session, leases), { next, written: done });
  return { session, writer: session.writer };
}
