import { l10n, type Uri } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import type { Connection } from '../../connections/connection.ts';
import { countRanges, deleteRanges, fitInto } from '../../etcd/writes/deleteRanges.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { singleKeyRange, withoutNested } from '../../etcd/keys/ranges.ts';
import type { KeyRange, KeyStore, KeyValue } from '../../etcd/keyStore.ts';
import { confirm, confirmByTyping } from '../../ui/confirm.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { backUpAndDelete, pickBackup, type Backup } from '../keyFiles/deleteBackup.ts';
import type { PathTarget } from '../context/pathTarget.ts';
import { pathTargets, rangeOf, writableStore } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { offerUndo } from '../undo/undoCommand.ts';
import { MAX_UNDO_BYTES, type UndoEntry } from '../context/undoLog.ts';
import { window } from '../../ui/text/window.ts';

/**
 * Limit of the keys for which the delete also requires that none was written since they were counted; etcd reads all of
 * them for that.
 */
const MAX_KEYS_TO_COMPARE = 1000;
/** Limit of the keys that etcd returns when it deletes them, so that they can be restored. */
const MAX_KEYS_TO_UNDO = 10_000;
/** Number of keys that always fit into memory, even with values of 1.5 MB, etcd's limit. */
const FEW_KEYS = 40;
const PATHS_SHOWN = 10;
/** Number of keys from which on the user must type a text, because a click is not enough. */
export const KEYS_TO_TYPE_FOR = 1000;

/** Deletes keys and folders, after a confirmation with the server's present number of keys. */
export async function deleteKeys(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  const targets = await pathTargets(context, argument, selected, {
    title: l10n.t('Delete'),
    placeholder: l10n.t('Type the path of the key or folder to delete'),
    folderLabel: (folder) => l10n.t('Delete the folder {0}', folder),
  });
  const [first, ...others] = targets;
  if (!first) return;
  const { connection } = first;
  if (targets.some((target) => target.connection !== connection))
    throw new EtcdError(
      'configuration',
      l10n.t('The selection belongs to several connections. Select keys of one connection to delete them.'),
    );
  const ranges = withoutNested(targets.map(rangeOf));
  const gathered: KeyValue[] = [];
  let entry: UndoEntry | undefined;
  try {
    entry = await confirmAndDelete(context, [first, ...others], ranges, gathered);
  } finally {
    // Includes keys that were deleted before a failure.
    const changes = gathered.map((previous) => ({ previous, left: 'absent' as const }));
    entry ??= context.undoLog.add(connection, deletedText(targets, changes.length, connection), changes);
    if (gathered.length > 0)
      noteGone(
        context,
        connection,
        gathered.map(({ key }) => singleKeyRange(key)),
      );
    // The command does not wait, because the message may stay for long.
    if (entry) {
      context.log.done('deleted', entry.backup?.keys ?? entry.changes.length);
      void offerUndo(entry);
    }
    context.showChanges(connection);
  }
}

/** Returns the undo entry of a delete that was backed up; collects the keys of any other delete. */
async function confirmAndDelete(
  context: CommandContext,
  targets: readonly [PathTarget, ...PathTarget[]],
  ranges: readonly KeyRange[],
  gathered: KeyValue[],
): Promise<UndoEntry | undefined> {
  const [{ connection }] = targets;
  const store = await writableStore(connection, ranges);
  let backup: Backup | undefined;
  for (
    let since: string | undefined;
    ;
    since = l10n.t('Keys were added or changed in the meantime. Please confirm again.')
  ) {
    const { keys, revision } = await countRanges(store, ranges);
    const mayBeEmpty = store.capabilities.emptyFolders && targets.some(({ kind }) => kind === 'folder');
    if (keys === 0 && !mayBeEmpty)
      return void window.showInformationMessage(l10n.t('There is nothing left to delete.'));
    const canUndo = await isRemembered(store, ranges, keys);
    if (!canUndo) backup ??= await pickBackup(context, targets, keys);
    const kept = canUndo ? undefined : backup;
    const detail = [since, ...describe(targets, kept)].filter((line) => line !== undefined);
    const message = question(keys, targets, connection);
    const confirmed =
      connection.isProduction || keys >= KEYS_TO_TYPE_FOR
        ? await confirmByTyping(message, detail, wordToType(targets, keys))
        : await confirm(message, detail, l10n.t('Delete'));
    if (!confirmed) throw cancelled();
    const writing = await connection.writingStore(confirmed);
    if (kept && kept !== 'none')
      return await deleteBackedUp(context, writing, targets, ranges, { file: kept.file, keys });
    const unchangedSince = keys <= MAX_KEYS_TO_COMPARE ? { unchangedSince: revision } : {};
    const outcome = await deleteRanges(writing, ranges, { ...unchangedSince, previous: canUndo }, gathered);
    if (outcome === 'changed') continue;
    noteGone(context, connection, ranges);
    return undefined;
  }
}

/** Whether etcd should return what it deletes. The answer stays in memory for Undo, so it must not be too large. */
export async function isRemembered(store: KeyStore, ranges: readonly KeyRange[], keys: number): Promise<boolean> {
  if (keys <= FEW_KEYS) return true;
  return keys <= MAX_KEYS_TO_UNDO && (await fitInto(store, ranges, MAX_UNDO_BYTES));
}

async function deleteBackedUp(
  context: CommandContext,
  store: KeyStore,
  targets: readonly [PathTarget, ...PathTarget[]],
  ranges: readonly KeyRange[],
  { file, keys }: { readonly file: Uri; readonly keys: number },
): Promise<UndoEntry | undefined> {
  const [{ connection }] = targets;
  let entry: UndoEntry | undefined;
  try {
    const { left } = await backUpAndDelete(store, ranges, file, keys, () => {
      entry = context.undoLog.addBackup(connection, deletedText(targets, keys, connection), file, keys);
    });
    if (left === 0) noteGone(context, connection, ranges);
    else
      void window.showWarningMessage(
        l10n.t('Not deleted, because others have written them meanwhile: {0}.', keysText(left)),
      );
    return entry;
  } finally {
    context.documents.refresh();
  }
}

function noteGone(context: CommandContext, connection: Connection, ranges: readonly KeyRange[]): void {
  context.documents.noteDeleted(connection, ranges);
  context.search.forget(connection, ranges);
}

function deletedText(targets: readonly PathTarget[], keys: number, { name }: Connection): string {
  const [only, ...others] = targets;
  if (only && others.length === 0) return l10n.t('Deleted {0} from {1}', keyText(only.path), name);
  return l10n.t('Deleted {0} from {1}', keysText(keys), name);
}

function question(keys: number, targets: readonly PathTarget[], { name }: Connection): string {
  const [only] = targets;
  if (targets.length === 1 && only?.kind === 'key')
    return l10n.t('Delete the key {0} from {1}?', keyText(only.path), name);
  if (targets.length === 1 && only) {
    if (keys === 0) return l10n.t('Delete the empty folder {0} from {1}?', keyText(only.path), name);
    return keys === 1
      ? l10n.t('Delete the only key that starts with {0} from {1}?', keyText(only.path), name)
      : l10n.t('Delete all {0} keys that start with {1} from {2}?', keys.toLocaleString(), keyText(only.path), name);
  }
  return l10n.t('Delete {0} from {1}?', keysText(keys), name);
}

/** Returns the text to type: the prefix or key, or the number of keys if there are several targets. */
function wordToType(targets: readonly PathTarget[], keys: number): string {
  const [only, ...others] = targets;
  return only && others.length === 0 ? keyText(only.path) : String(keys);
}

function describe(targets: readonly PathTarget[], backup: Backup | undefined): string[] {
  const shown = targets.length > 1 ? targets.slice(0, PATHS_SHOWN) : [];
  const lines = shown.map(({ kind, path }) =>
    kind === 'folder' ? l10n.t('all keys that start with {0}', keyText(path)) : keyText(path),
  );
  if (targets.length > shown.length && shown.length > 0)
    lines.push(l10n.t('and {0} more', targets.length - shown.length));
  return [...lines, describeUndo(backup)];
}

/** Describes whether the action can be undone. */
export function undoSentence(isUndoable: boolean): string {
  return isUndoable
    ? l10n.t('This can be undone until VS Code closes (etcd: Undo…).')
    : l10n.t('This cannot be undone.');
}

function describeUndo(backup: Backup | undefined): string {
  if (backup === undefined || backup === 'none') return undoSentence(backup === undefined);
  return l10n.t(
    'They are first saved to {0}; Undo… and Import… restore them from there. Keys that others change in the meantime are not deleted.',
    backup.file.fsPath,
  );
}
