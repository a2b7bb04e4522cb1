import { l10n, window } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { withoutNested } from '../etcd/keyspace/ranges.ts';
import type { DeleteOptions, KeyRange, KeyStore, KeyValue } from '../etcd/keyStore.ts';
import { confirm, confirmByTyping } from '../ui/confirm.ts';
import type { CommandContext } from './commandContext.ts';
import { pathTargets, rangeOf, writableStore, type PathTarget } from './targets.ts';
import { offerUndo } from './undoCommand.ts';

/** etcd's limit of operations in one transaction. */
const RANGES_PER_TRANSACTION = 128;
/** Up to so many keys the delete also insists that none of them was written since they were counted; etcd reads them for that. */
const MAX_KEYS_TO_COMPARE = 1000;
/** Up to so many keys etcd is asked for what it deletes, so that it can be put back. */
const MAX_KEYS_TO_UNDO = 10_000;
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
  const [first] = targets;
  if (!first) return;
  const { connection } = first;
  if (targets.some((target) => target.connection !== connection))
    throw new EtcdError(
      'configuration',
      l10n.t('The selection belongs to several connections. Select keys of one connection to delete them.'),
    );
  const ranges = withoutNested(targets.map(rangeOf));
  try {
    const deleted = await confirmAndDelete(connection, targets, ranges);
    if (!deleted) return;
    context.documents.noteDeleted(connection, ranges);
    context.search.forget(connection, ranges);
    const changes = deleted.map((previous) => ({ previous, left: 'absent' as const }));
    const entry = context.undoLog.add(connection, deletedText(targets, changes.length, connection), changes);
    // Not awaited: the message may stay for long, and the command has ended.
    if (entry) void offerUndo(entry);
  } finally {
    context.tree.refresh(connection);
  }
}

async function confirmAndDelete(
  connection: Connection,
  targets: readonly PathTarget[],
  ranges: readonly KeyRange[],
): Promise<readonly KeyValue[] | undefined> {
  const store = await writableStore(connection);
  for (
    let since: string | undefined;
    ;
    since = l10n.t('Keys were added or changed meanwhile, so this is asked again.')
  ) {
    const { keys, revision } = await count(store, ranges);
    const mayBeEmpty = store.capabilities.emptyFolders && targets.some(({ kind }) => kind === 'folder');
    if (keys === 0 && !mayBeEmpty) {
      void window.showInformationMessage(l10n.t('There is nothing to delete any more: no key is left there.'));
      return [];
    }
    const canUndo = keys <= MAX_KEYS_TO_UNDO;
    const detail = [since, ...describe(targets, canUndo)].filter(Boolean).join('\n');
    const message = question(keys, targets, connection);
    const confirmed =
      connection.isProduction || keys >= KEYS_TO_TYPE_FOR
        ? await confirmByTyping(message, detail, wordToType(targets, keys))
        : await confirm(message, detail, l10n.t('Delete'));
    if (!confirmed) return undefined;
    const unchangedSince = keys <= MAX_KEYS_TO_COMPARE ? { unchangedSince: revision } : {};
    const deleted = await deleteAll(store, ranges, { ...unchangedSince, previous: canUndo });
    if (deleted) return deleted;
  }
}

async function count(store: KeyStore, ranges: readonly KeyRange[]): Promise<{ keys: number; revision: bigint }> {
  let keys = 0;
  let revision = 0n;
  for (const batch of batches(ranges)) {
    const counted = await store.count(batch);
    keys += counted.keys;
    revision ||= counted.revision;
  }
  return { keys, revision };
}

/** The deleted keys, where they were asked for; undefined where some were changed, and nothing was deleted. */
async function deleteAll(
  store: KeyStore,
  ranges: readonly KeyRange[],
  options: DeleteOptions,
): Promise<readonly KeyValue[] | undefined> {
  const previous: KeyValue[] = [];
  let deleted = 0;
  for (const batch of batches(ranges)) {
    try {
      const result = await store.delete(batch, options);
      if (result.outcome === 'changed') return undefined;
      deleted += result.keys;
      previous.push(...(result.previous ?? []));
    } catch (error) {
      if (!EtcdError.is(error) || deleted === 0) throw error;
      throw new EtcdError(
        error.kind,
        l10n.t('Only {0} keys were deleted before this happened: {1}', deleted, error.message),
        { cause: error },
      );
    }
  }
  return previous;
}

function deletedText(targets: readonly PathTarget[], keys: number, { name }: Connection): string {
  const [only, ...others] = targets;
  if (only && others.length === 0) return l10n.t('Deleted {0} from {1}', keyText(only.path), name);
  return l10n.t('Deleted {0} keys from {1}', keys.toLocaleString(), name);
}

function* batches(ranges: readonly KeyRange[]): Generator<readonly KeyRange[]> {
  for (let start = 0; start < ranges.length; start += RANGES_PER_TRANSACTION)
    yield ranges.slice(start, start + RANGES_PER_TRANSACTION);
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

function describe(targets: readonly PathTarget[], canUndo: boolean): string[] {
  const shown = targets.length > 1 ? targets.slice(0, PATHS_SHOWN) : [];
  const lines = shown.map(({ kind, path }) =>
    kind === 'folder' ? l10n.t('all keys that begin with {0}', keyText(path)) : keyText(path),
  );
  if (targets.length > shown.length && shown.length > 0)
    lines.push(l10n.t('and {0} more', targets.length - shown.length));
  return [
    ...lines,
    canUndo
      ? l10n.t('This can be undone until VS Code closes (etcd: Undo…).')
      : l10n.t('This is too much to be undone.'),
  ];
}
