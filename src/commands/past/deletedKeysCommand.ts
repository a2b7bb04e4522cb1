import { l10n, ThemeIcon, type QuickInputButton, type QuickPickItem } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { deletions, type DeletionBatch, type KeyChange } from '../../etcd/past/deletions.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { prefixRange } from '../../etcd/keys/ranges.ts';
import type { KeyStore } from '../../etcd/keyStore.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { placeOf } from './compareCommands.ts';
import { showHistoryOf } from './historyCommand.ts';
import { restoreVersions, type EarlierVersion } from '../undo/restore.ts';
import { window } from '../../ui/text/window.ts';

/** Number of the latest deleted keys that are shown; others are only counted. */
const MAX_SHOWN = 2000;
const MAX_COUNTED = 100_000;

interface DeletedItem extends QuickPickItem {
  /** The deleted key, and the revision of its deletion. */
  readonly deleted?: KeyChange;
}

type DeletedKeyChoice =
  | { readonly act: 'restore'; readonly versions: readonly EarlierVersion[] }
  | { readonly act: 'history' | 'open'; readonly deleted: KeyChange };

const OPEN: QuickInputButton = { iconPath: new ThemeIcon('go-to-file'), tooltip: l10n.t('Open This Version') };
const HISTORY: QuickInputButton = { iconPath: new ThemeIcon('history'), tooltip: l10n.t('Show History') };

/** Shows the deleted keys of a folder, as far as etcd still knows them; creates the chosen ones again as they were. */
export async function showDeletedKeys(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, prefix } = await placeOf(context, argument);
  const store = await connection.store('interactive');
  const { name, isReadOnly, file } = connection;
  const choice = await pickDeleted(store, prefix, { name, isReadOnly: isReadOnly && !file });
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

/** Returns the version with which a deleted key can be created again. */
function versionBefore({ key, revision, previous }: KeyChange): EarlierVersion {
  return { key, readAt: revision - 1n, ...(previous && { kv: previous }) };
}

async function pickDeleted(
  store: KeyStore,
  prefix: Uint8Array,
  { name, isReadOnly }: Pick<Connection, 'name' | 'isReadOnly'>,
): Promise<DeletedKeyChoice | undefined> {
  const pick = window.createQuickPick<DeletedItem>();
  const { promise, resolve } = Promise.withResolvers<DeletedKeyChoice | undefined>();
  const abort = new AbortController();
  /** Deleted keys in the order of their deletion. */
  const deleted = new BoundedMap<string, DeletedItem>({ entries: MAX_COUNTED });
  const title = l10n.t('Deleted keys of {0}', [name, keyText(prefix)].filter(Boolean).join(' '));
  pick.title = title;
  pick.placeholder = isReadOnly
    ? l10n.t('This connection is read-only: you can only look at the keys')
    : l10n.t('Choose the keys to restore');
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
    const latest = [...deleted.values()].slice(-MAX_SHOWN).toReversed();
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
      if (deleted.size === 0) notes.push(note('info', l10n.t('etcd has no record of deleted keys here.')));
      if (isGuess)
        notes.push(
          note('watch', l10n.t('This etcd does not say when its record ends; nothing more arrived for a while.')),
        );
      if (deleted.size > MAX_SHOWN)
        notes.push(note('info', l10n.t('The latest {0} are shown.', MAX_SHOWN.toLocaleString())));
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
      notes.push(note('archive', l10n.t('Deletions up to revision {0} are compacted.', String(oldest))));
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

function progressOf(count: number, { revision, newest }: DeletionBatch): string {
  const found = count < MAX_COUNTED ? count.toLocaleString() : `${MAX_COUNTED.toLocaleString()}+`;
  return revision >= newest
    ? l10n.t('{0} found', found)
    : l10n.t('{0} found up to revision {1} of {2}', found, String(revision), String(newest));
}

function note(icon: string, label: string): DeletedItem {
  return { label, iconPath: new ThemeIcon(icon), alwaysShow: true };
}
