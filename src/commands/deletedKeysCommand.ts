import { l10n, ThemeIcon, window, type QuickInputButton, type QuickPickItem } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { deletions, type DeletionBatch } from '../etcd/deletions.ts';
import { EtcdError } from '../etcd/errors.ts';
import { toBinaryKey } from '../etcd/keyspace/binaryKey.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { prefixRange } from '../etcd/keyspace/ranges.ts';
import type { KeyStore } from '../etcd/keyStore.ts';
import type { CommandContext } from './commandContext.ts';
import { placeOf } from './compareCommands.ts';
import { showHistoryOf } from './historyCommand.ts';
import { storeWithHistory } from './pastCommands.ts';
import { restoreVersions, type EarlierVersion } from './restore.ts';

/** The latest ones are shown; the others are counted. */
const MOST_SHOWN = 2000;

interface DeletedItem extends QuickPickItem {
  readonly key?: Uint8Array;
  /** At which it was deleted. */
  readonly revision?: bigint;
}

type Choice =
  | { readonly act: 'restore'; readonly versions: readonly EarlierVersion[] }
  | { readonly act: 'history' | 'open'; readonly key: Uint8Array; readonly revision: bigint };

const OPEN: QuickInputButton = { iconPath: new ThemeIcon('go-to-file'), tooltip: l10n.t('Open it as it was') };
const HISTORY: QuickInputButton = { iconPath: new ThemeIcon('history'), tooltip: l10n.t('Show its history') };

/** Shows the keys of a folder that were deleted, as far as etcd knows; chosen ones are created again as they were. */
export async function showDeletedKeys(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, prefix } = await placeOf(context, argument);
  const store = await storeWithHistory(connection);
  const choice = await pickDeleted(store, prefix, connection);
  if (!choice) return;
  if (choice.act === 'restore') return await restoreVersions(context, connection, choice.versions);
  const { act, key, revision } = choice;
  if (act === 'history') return await showHistoryOf(context, { connection, kind: 'key', path: key });
  await context.documents.openVersion({ connectionId: connection.id, key, revision: revision - 1n });
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
    const versions = pick.selectedItems.flatMap(({ key, revision }) =>
      key && revision !== undefined ? [{ key, readAt: revision - 1n }] : [],
    );
    const [first] = versions;
    if (first && isReadOnly) resolve({ act: 'open', key: first.key, revision: first.readAt + 1n });
    else if (first) resolve({ act: 'restore', versions });
  });
  pick.onDidTriggerItemButton(({ button, item: { key, revision } }) => {
    if (key && revision !== undefined) resolve({ act: button === HISTORY ? 'history' : 'open', key, revision });
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
    const chosen = new Set(pick.selectedItems.map(({ key }) => key && toBinaryKey(key)));
    const latest = [...deleted.values()].slice(-MOST_SHOWN).toReversed();
    pick.items = [...notes, ...latest];
    pick.selectedItems = latest.filter(({ key }) => key && chosen.has(toBinaryKey(key)));
  }

  async function fill(): Promise<void> {
    const notes: DeletedItem[] = [];
    let oldest = 1n;
    try {
      for await (const batch of deletions(store, prefixRange(prefix), abort.signal)) {
        ({ oldest } = batch);
        take(deleted, batch);
        pick.title = `${title}: ${progressOf(deleted.size, batch)}`;
        show();
      }
      if (deleted.size === 0) notes.push(note('info', l10n.t('No key was deleted here, as far as etcd knows.')));
      if (deleted.size > MOST_SHOWN)
        notes.push(note('info', l10n.t('The latest {0} are shown.', MOST_SHOWN.toLocaleString())));
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!EtcdError.is(error)) throw error;
      notes.push(note('warning', error.message));
    }
    if (abort.signal.aborted) return;
    if (oldest > 1n)
      notes.push(note('archive', l10n.t('What was deleted up to revision {0} is compacted.', String(oldest))));
    show(notes);
    pick.busy = false;
  }
}

function take(deleted: Map<string, DeletedItem>, { changes }: DeletionBatch): void {
  for (const { key, revision, deleted: isDeleted } of changes) {
    const name = toBinaryKey(key);
    deleted.delete(name);
    if (!isDeleted) continue;
    const description = l10n.t('deleted at revision {0}', String(revision));
    deleted.set(name, { label: keyText(key), description, buttons: [OPEN, HISTORY], key, revision });
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
