import { l10n, ThemeIcon, window, type QuickInputButton, type QuickPickItem } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { deletions, type DeletionBatch, type KeyChange } from '../etcd/deletions.ts';
import { EtcdError } from '../etcd/errors.ts';
import { toBinaryKey } from '../etcd/keyspace/binaryKey.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { prefixRange } from '../etcd/keyspace/ranges.ts';
import type { KeyStore } from '../etcd/keyStore.ts';
import type { CommandContext } from './commandContext.ts';
import { placeOf } from './compareCommands.ts';
import { showHistoryOf } from './historyCommand.ts';
import { restoreVersions, type EarlierVersion } from './restore.ts';

/** The latest ones are shown; the others are counted. */
const MOST_SHOWN = 2000;

interface DeletedItem extends QuickPickItem {
  /** What was deleted, and by which revision. */
  readonly deleted?: KeyChange;
}

type Choice =
  | { readonly act: 'restore'; readonly versions: readonly EarlierVersion[] }
  | { readonly act: 'history' | 'open'; readonly deleted: KeyChange };

const OPEN: QuickInputButton = { iconPath: new ThemeIcon('go-to-file'), tooltip: l10n.t('Open it as it was') };
const HISTORY: QuickInputButton = { iconPath: new ThemeIcon('history'), tooltip: l10n.t('Show its history') };

/** Shows the keys of a folder that were deleted, as far as etcd knows; chosen ones are created again as they were. */
export async function showDeletedKeys(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, prefix } = await placeOf(context, argument);
  const store = await connection.store('interactive');
  const choice = await pickDeleted(store, prefix, connection);
  if (!choice) return;
  if (choice.act === 'restore') return await restoreVersions(context, connection, choice.versions);
  const { key, revision, previous } = choice.deleted;
  if (choice.act === 'history') return await showHistoryOf(context, { connection, kind: 'key', path: key });
  const address = { connectionId: connection.id, key };
  if (!previous) return await context.documents.openVersion({ ...address, revision: revision - 1n });
  const version = { ...address, revision: previous.modRevision };
  context.documents.keepVersion(version, previous);
  await context.documents.openVersion(version);
}

/** What it takes to create a deleted key again. */
function versionBefore({ key, revision, previous }: KeyChange): EarlierVersion {
  return { key, readAt: revision - 1n, ...(previous && { kv: previous }) };
}

async function pickDeleted(
  store: KeyStore,
  prefix: Uint8Array,
  { name, isReadOnly }: Connection,
): Promise<Choice | undefined> {
  const pick = window.createQuickPick<DeletedItem>();
  const { promise, resolve } = Promise.withResolvers<Choice | undefined>();
  const abort = new AbortController();
  /** By key, in the order of their deletion. */
  const deleted = new Map<string, DeletedItem>();
  const title = l10n.t('Deleted keys of {0}', [name, keyText(prefix)].filter(Boolean).join(' '));
  pick.title = title;
  pick.placeholder = isReadOnly
    ? l10n.t('This connection is read-only: keys can be looked at')
    : l10n.t('Choose the keys to create again as they were');
  pick.canSelectMany = !isReadOnly;
  pick.ignoreFocusOut = true;
  pick.busy = true;
  pick.onDidAccept(() => {
    const chosen = pick.selectedItems.flatMap((item) => item.deleted ?? []);
    const [first] = chosen;
    if (first && isReadOnly) resolve({ act: 'open', deleted: first });
    else if (first) resolve({ act: 'restore', versions: chosen.map(versionBefore) });
  });
  pick.onDidTriggerItemButton(({ button, item }) => {
    if (item.deleted) resolve({ act: button === HISTORY ? 'history' : 'open', deleted: item.deleted });
  });
  pick.onDidHide(() => resolve(undefined));
  pick.show();
  void fill();
  try {
    return await promise;
  } finally {
    abort.abort();
    pick.dispose();
  }

  function show(notes: readonly DeletedItem[] = []): void {
    const nameOf = (item: DeletedItem) => item.deleted && toBinaryKey(item.deleted.key);
    const chosen = new Set(pick.selectedItems.map(nameOf));
    const latest = [...deleted.values()].slice(-MOST_SHOWN).toReversed();
    pick.items = [...notes, ...latest];
    pick.selectedItems = latest.filter((item) => chosen.has(nameOf(item)));
  }

  async function fill(): Promise<void> {
    const notes: DeletedItem[] = [];
    let oldest = 1n;
    let isGuess = false;
    try {
      for await (const batch of deletions(store, prefixRange(prefix), abort.signal)) {
        ({ oldest, isGuess = false } = batch);
        take(deleted, batch);
        pick.title = `${title}: ${progressOf(deleted.size, batch)}`;
        show();
      }
      if (deleted.size === 0) notes.push(note('info', l10n.t('No key was deleted here, as far as etcd knows.')));
      if (isGuess)
        notes.push(
          note('watch', l10n.t('This etcd does not say where its record ends: it told nothing more for a while.')),
        );
      if (deleted.size > MOST_SHOWN)
        notes.push(note('info', l10n.t('The latest {0} are shown.', MOST_SHOWN.toLocaleString())));
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!EtcdError.is(error)) throw error;
      notes.push(note('warning', error.message));
    }
    if (abort.signal.aborted) return;
    if (!store.capabilities.history)
      notes.push(
        note(
          'archive',
          l10n.t('etcd remembers the last 1,000 events of all v2 keys, from index {0} on.', String(oldest + 1n)),
        ),
      );
    else if (oldest > 1n)
      notes.push(note('archive', l10n.t('What was deleted up to revision {0} is compacted.', String(oldest))));
    show(notes);
    pick.busy = false;
  }
}

function take(deleted: Map<string, DeletedItem>, { changes }: DeletionBatch): void {
  for (const change of changes) {
    const name = toBinaryKey(change.key);
    deleted.delete(name);
    if (!change.deleted) continue;
    const description = l10n.t('deleted at revision {0}', String(change.revision));
    deleted.set(name, { label: keyText(change.key), description, buttons: [OPEN, HISTORY], deleted: change });
  }
}

function progressOf(found: number, { revision, newest }: DeletionBatch): string {
  return revision >= newest
    ? l10n.t('{0} found', found.toLocaleString())
    : l10n.t('{0} found up to revision {1} of {2}', found.toLocaleString(), String(revision), String(newest));
}

function note(icon: string, label: string): DeletedItem {
  return { label, iconPath: new ThemeIcon(icon), alwaysShow: true };
}
