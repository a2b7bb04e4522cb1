import { l10n, Uri, workspace, type QuickPickItem } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import { countRanges, deleteRanges } from '../../etcd/writes/deleteRanges.ts';
import { deleteEntries, type DeletedEntries } from '../../etcd/keyFiles/deleteEntries.ts';
import { exportKeys, fileText } from '../../etcd/keyFiles/exportKeys.ts';
import { TEXT_FORMATS } from '../../etcd/keyFiles/formats.ts';
import { commonFolder } from '../../etcd/keys/commonFolder.ts';
import type { KeyRange, KeyStore } from '../../etcd/keyStore.ts';
import { cancellableTask } from '../../ui/cancellableTask.ts';
import { readInChunks, writeWhole } from '../../ui/localFile.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { asFileErrors } from './fileFailures.ts';
import type { PathTarget } from '../context/pathTarget.ts';
import { startFolder } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

// See docs/contributing/decisions/bulk-work.md

/** Days after which a backup in this extension's storage may be removed, when the next one is made. */
const DAYS_KEPT = 30;

/** A file for keys that are too large for Undo to keep, or no backup at all. */
export type Backup = { readonly file: Uri } | 'none';

/** Asks where to keep the keys of a delete. @throws EtcdError `cancelled` */
export async function pickBackup(
  { storage }: CommandContext,
  [{ connection }]: readonly [PathTarget, ...PathTarget[]],
  keys: number,
): Promise<Backup> {
  const name = `${connection.name.replaceAll(/[^\p{L}\p{N}_-]/gu, '_')}-${timestamp()}.json`;
  const items: (QuickPickItem & { readonly where: 'storage' | 'file' | 'none' })[] = [
    {
      label: l10n.t("Back up to this extension's storage"),
      description: l10n.t('Import… and Undo… can use it for {0} days', DAYS_KEPT),
      where: 'storage',
    },
    { label: l10n.t('Back up to a file…'), where: 'file' },
    { label: l10n.t('Delete without a backup'), description: l10n.t('this cannot be undone'), where: 'none' },
  ];
  const chosen = await window.showQuickPick(items, {
    title: l10n.t('Delete {0} from {1}', keysText(keys), connection.name),
    placeHolder: l10n.t('This is too large to keep in memory for Undo. Back it up first?'),
    ignoreFocusOut: true,
  });
  if (!chosen) throw cancelled();
  if (chosen.where === 'none') return 'none';
  if (chosen.where === 'storage') await removeOldBackups(storage);
  if (chosen.where === 'storage') return { file: Uri.joinPath(backupFolder(storage), name) };
  const file = await window.showSaveDialog({
    defaultUri: Uri.joinPath(startFolder(), name),
    saveLabel: l10n.t('Back up'),
    filters: { JSON: ['json'] },
  });
  if (!file) throw cancelled();
  return { file };
}

/** Writes all keys of the ranges to a file, and then deletes exactly these. */
export async function backUpAndDelete(
  store: KeyStore,
  ranges: readonly KeyRange[],
  file: Uri,
  keys: number,
  onWritten: () => void,
): Promise<DeletedEntries> {
  const prefix = commonFolder(
    store.hierarchy,
    ranges.map(({ start }) => start),
  );
  await workspace.fs.createDirectory(Uri.joinPath(file, '..'));
  await cancellableTask(l10n.t('Backing up'), async ({ signal, keys: progress }) => {
    const parts = exportKeys(store, { ranges, prefix, facts: true, signal, progress });
    await asFileErrors(file, writeWhole(file, fileText(parts, TEXT_FORMATS.json.writer())));
  });
  onWritten();
  const result = await cancellableTask(l10n.t('Deleting'), ({ signal, keys: progress }) =>
    deleteEntries(store, TEXT_FORMATS.json.read(readInChunks(file)), {
      signal,
      progress: (done) => progress(done, keys),
    }),
  );
  // Deletes the folders themselves too.
  if (store.capabilities.emptyFolders && result.left === 0 && (await countRanges(store, ranges)).keys === 0)
    await deleteRanges(store, ranges, {}, []);
  return result;
}

/** Returns the backups in this extension's storage, newest first. */
export async function keptBackups(storage: Uri): Promise<readonly Uri[]> {
  const folder = backupFolder(storage);
  try {
    const files = await workspace.fs.readDirectory(folder);
    const names = files.map(([name]) => name).filter((name) => name.endsWith('.json'));
    return names.toSorted((a, b) => (dateOf(a) < dateOf(b) ? 1 : -1)).map((name) => Uri.joinPath(folder, name));
  } catch {
    // The folder does not exist before the first backup.
    return [];
  }
}

function backupFolder(storage: Uri): Uri {
  return Uri.joinPath(storage, 'backups');
}

/** Removes old backups; this window's Undo never needs them. */
async function removeOldBackups(storage: Uri): Promise<void> {
  const oldest = timestamp(new Date(Date.now() - DAYS_KEPT * 24 * 60 * 60 * 1000));
  for (const file of await keptBackups(storage)) if (dateOf(file.path) < oldest) await workspace.fs.delete(file);
}

function timestamp(time = new Date()): string {
  return time.toISOString().replaceAll(/[-:]|\..*/g, '');
}

/** Returns the date at the end of a backup's name. */
function dateOf(name: string): string {
  return name.slice(name.lastIndexOf('-') + 1);
}
