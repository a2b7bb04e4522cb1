import { l10n, ThemeIcon, window, type QuickInputButton, type QuickPickItem } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { keyHistory, type HistoryEntry } from '../etcd/keyHistory.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { KeyValue } from '../etcd/keyStore.ts';
import { leaseText } from '../etcd/leaseText.ts';
import { confirm } from '../ui/confirm.ts';
import type { CommandContext } from './commandContext.ts';
import { pathTargets, writableStore, type PathTarget } from './targets.ts';

/** So many versions are read before the user is asked to narrow down. */
const MOST_VERSIONS = 500;

interface VersionItem extends QuickPickItem {
  readonly kv?: KeyValue;
}

/** Shows the versions of a key: each can be compared with now, opened, or restored. */
export async function showHistory(context: CommandContext, argument: unknown): Promise<void> {
  const [target] = await pathTargets(context, argument, undefined, {
    title: l10n.t('Show History'),
    placeholder: l10n.t('Type the path of a key'),
  });
  if (target?.kind !== 'key') return;
  const { connection, path } = target;
  const store = await connection.store('interactive');
  if (!store.capabilities.history)
    throw new EtcdError('unsupported', l10n.t("etcd's v2 API cannot read keys as they were earlier."));

  const open: QuickInputButton = { iconPath: new ThemeIcon('go-to-file'), tooltip: l10n.t('Open this version') };
  const restore: QuickInputButton = { iconPath: new ThemeIcon('discard'), tooltip: l10n.t('Restore this version…') };
  const pick = window.createQuickPick<VersionItem>();
  pick.title = l10n.t('History of {0} ({1})', keyText(path), connection.name);
  pick.placeholder = l10n.t('Choose a version to compare it with the present one');
  pick.matchOnDescription = true;
  pick.busy = true;
  const abort = new AbortController();
  pick.onDidHide(() => {
    abort.abort();
    pick.dispose();
  });
  const { promise, resolve } = Promise.withResolvers<() => Promise<void>>();
  pick.onDidAccept(() => {
    const kv = pick.selectedItems[0]?.kv;
    if (kv) resolve(() => context.documents.compareWithNow(connection, path, kv.modRevision));
  });
  pick.onDidTriggerItemButton(({ item: { kv }, button }) => {
    if (!kv) return;
    resolve(
      button === restore
        ? () => restoreVersion(context, target, kv)
        : () => context.documents.openRevision(connection, path, kv.modRevision),
    );
  });
  pick.show();
  const buttons = connection.isReadOnly ? [open] : [open, restore];
  void fill();
  const act = await promise;
  pick.hide();
  await act();

  async function fill(): Promise<void> {
    const items: VersionItem[] = [];
    try {
      for await (const entry of keyHistory(store, path, abort.signal)) {
        items.push(itemOf(entry, items.length === 0, buttons));
        pick.items = items;
        if (items.length >= MOST_VERSIONS) break;
      }
      if (items.length === 0) pick.items = [{ label: l10n.t('The key does not exist now.'), alwaysShow: true }];
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!EtcdError.is(error)) throw error;
      pick.items = [...items, { label: error.message, iconPath: new ThemeIcon('warning'), alwaysShow: true }];
    } finally {
      if (!abort.signal.aborted) pick.busy = false;
    }
  }
}

function itemOf(entry: HistoryEntry, isNow: boolean, buttons: readonly QuickInputButton[]): VersionItem {
  if (entry.kind === 'absent')
    return { label: l10n.t('Before that the key did not exist.'), iconPath: new ThemeIcon('circle-slash') };
  if (entry.kind === 'compacted')
    return {
      label: l10n.t('What was before is compacted: etcd keeps it no longer.'),
      iconPath: new ThemeIcon('archive'),
    };
  const { kv } = entry;
  const facts = [
    ...(kv.version === undefined ? [] : [l10n.t('version {0}', String(kv.version))]),
    l10n.t('{0} bytes', kv.value.length.toLocaleString()),
    ...(kv.lease ? [l10n.t('lease {0}', leaseText(kv.lease))] : []),
    ...(isNow ? [l10n.t('now')] : []),
  ];
  return {
    label: l10n.t('Revision {0}', String(kv.modRevision)),
    description: facts.join(' · '),
    iconPath: new ThemeIcon(isNow ? 'circle-filled' : 'history'),
    buttons: isNow ? [] : [...buttons],
    kv,
  };
}

async function restoreVersion(context: CommandContext, { connection, path }: PathTarget, old: KeyValue): Promise<void> {
  const store = await writableStore(connection);
  const { kv } = await store.get(path);
  const message = l10n.t(
    'Restore {0} of {1} as it was at revision {2}?',
    keyText(path),
    connection.name,
    String(old.modRevision),
  );
  const detail = l10n.t('The present value is replaced; its lease stays. This can be undone.');
  if (!(await confirm(message, detail, l10n.t('Restore')))) return;
  const result = await store.put(path, old.value, kv ?? 'absent', { previous: true });
  if (result.outcome === 'conflict')
    throw new EtcdError(
      'unexpected',
      l10n.t('{0} was changed meanwhile. Nothing was restored: try again.', keyText(path)),
    );
  const { previous, modRevision } = result;
  if (previous)
    context.undoLog.add(connection, l10n.t('Restored {0}', keyText(path)), [{ previous, left: { modRevision } }]);
  context.documents.refresh();
  context.tree.refresh(connection);
}
