import { l10n, window, type Uri } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { countRanges, deleteRanges, fitInto } from '../etcd/deleteRanges.ts';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { singleKeyRange, withoutNested } from '../etcd/keyspace/ranges.ts';
import type { KeyRange, KeyStore, KeyValue } from '../etcd/keyStore.ts';
import { confirm, confirmByTyping } from '../ui/confirm.ts';
import type { CommandContext } from './commandContext.ts';
import { backUpAndDelete, pickBackup, type Backup } from './deleteBackup.ts';
import { cancelled, pathTargets, rangeOf, writableStore, type PathTarget } from './targets.ts';
import { offerUndo } from './undoCommand.ts';
import { MOST_UNDO_BYTES, type UndoEntry } from './undoLog.ts';

/** Up to so many keys the delete also insists that none of them was written since they were counted; etcd reads them for that. */
const MAX_KEYS_TO_COMPARE = 1000;
/** Up to so many keys etcd is asked for what it deletes, so that it can be put back. */
const MAX_KEYS_TO_UNDO = 10_000;
/** So few are never too much, at etcd's 1.5 MB a value. */
const FEW_KEYS = 40;
const PATHS_SHOWN = 10;
/** From so many keys on a click is not enough. */
const KEYS_TO_TYPE_FOR = 1000;

/** Deletes keys and folders, after a confirmation that says how many keys the server has there now. */
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
    // Also of what was deleted before a failure.
    const changes = gathered.map((previous) => ({ previous, left: 'absent' as const }));
    entry ??= context.undoLog.add(connection, deletedText(targets, changes.length, connection), changes);
    if (gathered.length > 0)
      noteGone(
        context,
        connection,
        gathered.map(({ key }) => singleKeyRange(key)),
      );
    // Not awaited: the message may stay for long, and the command has ended.
    if (entry) void offerUndo(entry);
    context.showChanges(connection);
  }
}

/** The entry of a delete that was backed up; the keys that another one has deleted are gathered. */
async function confirmAndDelete(
  context: CommandContext,
  targets: readonly [PathTarget, ...PathTarget[]],
  ranges: readonly KeyRange[],
  gathered: KeyValue[],
): Promise<UndoEntry | undefined> {
  const [{ connection }] = targets;
  const store = await writableStore(connection);
  let backup: Backup | undefined;
  for (
    let since: string | undefined;
    ;
    since = l10n.t('Keys were added or changed meanwhile, so this is asked again.')
  ) {
    const { keys, revision } = await countRanges(store, ranges);
    const mayBeEmpty = store.capabilities.emptyFolders && targets.some(({ kind }) => kind === 'folder');
    if (keys === 0 && !mayBeEmpty)
      return void window.showInformationMessage(l10n.t('There is nothing to delete any more: no key is left there.'));
    const canUndo = await isRemembered(store, ranges, keys);
    if (!canUndo) backup ??= await pickBackup(context, targets, keys);
    const kept = canUndo ? undefined : backup;
    const detail = [since, ...describe(targets, kept)].filter(Boolean).join('\n');
    const message = question(keys, targets, connection);
    const confirmed =
      connection.isProduction || keys >= KEYS_TO_TYPE_FOR
        ? await confirmByTyping(message, detail, wordToType(targets, keys))
        : await confirm(message, detail, l10n.t('Delete'));
    if (!confirmed) throw cancelled();
    if (kept && kept !== 'none')
      return await deleteBackedUp(context, store, targets, ranges, { file: kept.file, keys });
    const unchangedSince = keys <= MAX_KEYS_TO_COMPARE ? { unchangedSince: revision } : {};
    const outcome = await deleteRanges(store, ranges, { ...unchangedSince, previous: canUndo }, gathered);
    if (outcome === 'changed') continue;
    noteGone(context, connection, ranges);
    return undefined;
  }
}

/** Whether etcd may be asked for what it deletes: it is kept in memory, and so is its answer. */
async function isRemembered(store: KeyStore, ranges: readonly KeyRange[], keys: number): Promise<boolean> {
  if (keys <= FEW_KEYS) return true;
  return keys <= MAX_KEYS_TO_UNDO && (await fitInto(store, ranges, MOST_UNDO_BYTES));
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
        l10n.t('{0} keys were written by others meanwhile, and stay.', left.toLocaleString()),
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
  return l10n.t('Deleted {0} keys from {1}', keys.toLocaleString(), name);
}

function question(keys: number, targets: readonly PathTarget[], { name }: Connection): string {
  const [only] = targets;
  if (targets.length === 1 && only?.kind === 'key')
    return l10n.t('Delete the key {0} from {1}?', keyText(only.path), name);
  if (targets.length === 1 && only) {
    if (keys === 0) return l10n.t('Delete the empty folder {0} from {1}?', keyText(only.path), name);
    return keys === 1
      ? l10n.t('Delete the 1 key that begins with {0} from {1}?', keyText(only.path), name)
      : l10n.t('Delete all {0} keys that begin with {1} from {2}?', keys.toLocaleString(), keyText(only.path), name);
  }
  return l10n.t('Delete {0} keys from {1}?', keys.toLocaleString(), name);
}

/** The prefix or key; of several, the number of keys. */
function wordToType(targets: readonly PathTarget[], keys: number): string {
  const [only, ...others] = targets;
  return only && others.length === 0 ? keyText(only.path) : String(keys);
}

function describe(targets: readonly PathTarget[], backup: Backup | undefined): string[] {
  const shown = targets.length > 1 ? targets.slice(0, PATHS_SHOWN) : [];
  const lines = shown.map(({ kind, path }) =>
    kind === 'folder' ? l10n.t('all keys that begin with {0}', keyText(path)) : keyText(path),
  );
  if (targets.length > shown.length && shown.length > 0)
    lines.push(l10n.t('and {0} more', targets.length - shown.length));
  return [...lines, describeUndo(backup)];
}

function describeUndo(backup: Backup | undefined): string {
  if (backup === undefined) return l10n.t('This can be undone until VS Code closes (etcd: Undo…).');
  if (backup === 'none') return l10n.t('This cannot be undone.');
  return l10n.t(
    'First they are written to {0}, from where Undo… and Import… bring them back; what others write meanwhile stays.',
    backup.file.fsPath,
  );
}
