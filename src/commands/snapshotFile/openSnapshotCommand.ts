import { commands, l10n, Uri } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import { FileConnection } from '../../connections/fileConnection.ts';
import { liveOf } from '../../connections/pastConnection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { SnapshotSummary } from '../../etcd/snapshotFile/snapshotReader.ts';
import { openSnapshotFile } from '../../etcd/snapshotFile/snapshotWorker.ts';
import { withLateProgress } from '../../ui/lateProgress.ts';
import { window } from '../../ui/text/window.ts';
import { integrityText } from '../../views/keys/fileTooltip.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget, revealPath, startFolder } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { pickCluster } from './pickCluster.ts';

/** Limit of the damages in the message; the tooltip has more. */
const MAX_NAMED = 3;

/** Estimated share of the whole work at which each step begins. */
const STEP_BEGINS = { copying: 0, reading: 0.3, verifying: 0.8 } as const;
const STEP_PART = { copying: 0.3, reading: 0.5, verifying: 0.2 } as const;

/** Opens snapshots or `db` files of members, each as a read-only connection. */
export async function openSnapshot(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  const chosen = Array.isArray(selected) && selected.includes(argument) ? selected : [argument];
  const uris = chosen.filter((each: unknown) => each instanceof Uri);
  for (const uri of uris.length > 0 ? uris : await pickFiles())
    await openFile(context, uri).catch((error: unknown) => {
      if (!EtcdError.is(error, 'unavailable')) throw error;
      context.log.failure('etcd.openSnapshot', error);
      void offerSnapshot(context, uri, error);
    });
}

/** Offers other ways to read a `db` file that etcd writes to all the time. */
async function offerSnapshot({ connections }: CommandContext, uri: Uri, { message }: EtcdError): Promise<void> {
  const [retry, save] = [l10n.t('Retry'), l10n.t('Save Snapshot…')];
  const hasCluster = connections.configured.length > 0;
  const chosen = await window.showErrorMessage(message, retry, ...(hasCluster ? [save] : []));
  if (chosen === retry) await commands.executeCommand('etcd.openSnapshot', uri);
  if (chosen !== save) return;
  const cluster = await pickCluster(connections, l10n.t('Save Snapshot')).catch((error: unknown) => {
    if (!EtcdError.is(error, 'cancelled')) throw error;
  });
  if (cluster) await commands.executeCommand('etcd.saveSnapshot', cluster);
}

/** Closes an opened file. */
export async function closeFile(context: CommandContext, argument: unknown): Promise<void> {
  const connection = liveOf(await connectionTarget(context, argument));
  if (!connection.file) throw new EtcdError('unsupported', l10n.t('{0} is not a file.', connection.name));
  context.connections.closeFile(connection);
}

async function openFile(context: CommandContext, uri: Uri): Promise<void> {
  if (uri.scheme !== 'file')
    throw new EtcdError('unsupported', l10n.t('Only files on disk can be opened: save {0} to one first.', uri.path));
  const path = uri.fsPath;
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const file = await withLateProgress(l10n.t('Opening {0}', name), (signal, report) =>
    openSnapshotFile(path, {
      script: context.snapshotScript,
      indexFolder: Uri.joinPath(context.storage, 'indexes').fsPath,
      ...(l10n.bundle && { translations: l10n.bundle }),
      signal,
      progress: (step, done) => report(stepText(step), STEP_BEGINS[step] + done * STEP_PART[step]),
    }),
  ).catch((error: unknown) => {
    if (!EtcdError.is(error, 'unreadableFile', 'unavailable')) throw error;
    throw new EtcdError(error.kind, l10n.t('{0} cannot be opened. {1}', name, error.message), { cause: error });
  });
  const connection = context.connections.showFile((services) => new FileConnection(path, file, services));
  showSummary(name, file.summary);
  await revealPath(context, connection, connection.root);
}

function showSummary(name: string, summary: SnapshotSummary): void {
  const { checksum, damages, revision, keys } = summary;
  const content = l10n.t('{0}: {1} at revision {2}.', name, keysText(keys), String(revision));
  const sentences = [content, integrityText(summary), ...damages.slice(0, MAX_NAMED)].join(' ');
  const isSuspect = checksum === 'wrong' || damages.length > 0;
  void (isSuspect ? window.showWarningMessage(sentences) : window.showInformationMessage(sentences));
}

async function pickFiles(): Promise<readonly Uri[]> {
  const uris = await window.showOpenDialog({
    defaultUri: startFolder(),
    canSelectMany: true,
    title: l10n.t('Open an etcd snapshot or the db file of a member'),
    openLabel: l10n.t('Open'),
    filters: { [l10n.t('Snapshots and db files')]: ['db', 'snapshot', 'snap', 'bak'], [l10n.t('All files')]: ['*'] },
  });
  if (!uris) throw cancelled();
  return uris;
}

function stepText(step: 'copying' | 'reading' | 'verifying'): string {
  switch (step) {
    case 'copying':
      return l10n.t('Copying the file, which etcd may be writing to…');
    case 'reading':
      return l10n.t('Reading keys…');
    case 'verifying':
      return l10n.t('Verifying the checksum…');
  }
}
