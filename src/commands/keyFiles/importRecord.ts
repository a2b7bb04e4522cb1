import { l10n, Uri, workspace } from 'vscode';
import { ImportSession, type ImportFile } from '../../documents/import/importSession.ts';
import { ImportWriter, type ImportChoice } from '../../etcd/keyFiles/importWriter.ts';
import { cancellableTask } from '../../ui/cancellableTask.ts';
import { writeFile } from '../../ui/localFile.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { seenFile } from '../context/forgetWork.ts';
import { asReadErrors, partsOf } from './importKeysCommand.ts';
import type { ImportRecord } from '../context/interruptedWork.ts';
import { writableStore } from '../context/targets.ts';
import { askToGoOn, fromBase64, requireCluster, requireConnection, toBase64 } from '../context/resuming.ts';
import { MAX_UNDO_BYTES } from '../context/undoLog.ts';

export function choiceOf(session: ImportSession, leases: ImportChoice['leases']): ImportChoice {
  return { takes: (index) => session.takes(index), leases, undoBytes: MAX_UNDO_BYTES };
}

/** Creates the record of an import that begins; `writeSeen` stores the rest. */
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

/** Stores the states of an import's keys and which are chosen; everything else is in the imported file. */
export async function writeSeen({ storage }: CommandContext, session: ImportSession): Promise<void> {
  const file = seenFile(storage, session.id);
  await workspace.fs.createDirectory(Uri.joinPath(file, '..'));
  await writeFile(file, session.seen);
}

/** Reads the file of an interrupted import again. @throws EtcdError if the file or the cluster has changed */
export async function restoredImport(
  { connections, storage }: CommandContext,
  { id, label, connection: { id: connectionId, cluster }, prefix, digest, leases, next, done, ...record }: ImportRecord,
): Promise<{ readonly session: ImportSession; readonly writer: ImportWriter }> {
  const connection = requireConnection(connections.get(connectionId), label);
  await writableStore(connection);
  const store = await connection.writingStore(await askToGoOn(label, [connection]));
  await requireCluster(connection, store, cluster);
  const file: ImportFile = { uri: Uri.parse(record.file), isFolder: record.isFolder };
  const session = await asReadErrors(file.uri.path, async () => {
    const seen = await workspace.fs.readFile(seenFile(storage, id));
    return await cancellableTask(l10n.t('Reading {0} again', file.uri.path), async ({ signal, keys }) => {
      const source = { parts: partsOf(file), prefix: fromBase64(prefix), signal, progress: keys };
      return await ImportSession.restore(connection, file, source, { id, seen, digest, cluster });
    });
  });
  const writer = new ImportWriter(store, session.plan, choiceOf(session, leases), { next, written: done });
  session.begin(writer, store);
  return { session, writer };
}
