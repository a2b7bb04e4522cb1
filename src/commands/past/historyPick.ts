import { l10n, ThemeIcon, type QuickInputButton, type QuickPickItem } from 'vscode';
import { bytesText } from '../../etcd/countText.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { HistoryEntry } from '../../etcd/past/keyHistory.ts';
import { leaseText } from '../../etcd/leaseText.ts';
import { window } from '../../ui/text/window.ts';
import { pickedVersion, type PickedVersion } from './pickedVersion.ts';

/** Limit of the versions that are read. */
const MAX_VERSIONS = 500;

export type HistoryChoice =
  | { readonly act: 'compareWithNow' | 'open' | 'restore' | 'browse'; readonly version: PickedVersion }
  | { readonly act: 'compare'; readonly version: PickedVersion; readonly other: PickedVersion };

export interface HistoryQuestion {
  readonly title: string;
  /** Label of the newest version. */
  readonly newest: string;
  readonly isReadOnly: boolean;
  /** True if the versions are restored to another connection than their own. */
  readonly canRestoreNewest?: boolean;
  /** Whether all keys can be browsed at a revision. */
  readonly canBrowse: boolean;
  /** Text at the end if earlier versions are lost. */
  readonly end?: string;
  readonly entries: (signal: AbortSignal) => AsyncIterable<HistoryEntry>;
  /** True if etcd returns a version only once. */
  readonly keepsValues?: boolean;
}

interface VersionItem extends QuickPickItem {
  readonly version?: PickedVersion;
}

const OPEN: QuickInputButton = { iconPath: new ThemeIcon('go-to-file'), tooltip: l10n.t('Open this version') };
const BEFORE: QuickInputButton = {
  iconPath: new ThemeIcon('diff'),
  tooltip: l10n.t('Compare with the version before'),
};
const OTHER: QuickInputButton = {
  iconPath: new ThemeIcon('git-compare'),
  tooltip: l10n.t('Compare with another version…'),
};
const BROWSE: QuickInputButton = {
  iconPath: new ThemeIcon('list-tree'),
  tooltip: l10n.t('Browse all keys as of this revision'),
};
const RESTORE: QuickInputButton = { iconPath: new ThemeIcon('discard'), tooltip: l10n.t('Restore this version…') };

/** Lists the versions of a key as they are found, and asks what to do with one. Undefined if the user cancels. */
export async function pickFromHistory(question: HistoryQuestion): Promise<HistoryChoice | undefined> {
  const pick = window.createQuickPick<VersionItem>();
  const { promise, resolve } = Promise.withResolvers<HistoryChoice | undefined>();
  const abort = new AbortController();
  const items: VersionItem[] = [];
  let first: PickedVersion | undefined;

  pick.title = question.title;
  pick.placeholder = l10n.t('Choose a version to compare it with the present one');
  pick.matchOnDescription = true;
  pick.busy = true;
  pick.onDidAccept(() => {
    const version = pick.selectedItems[0]?.version;
    if (version && first && version !== first) resolve({ act: 'compare', version: first, other: version });
    else if (version && !first) resolve({ act: 'compareWithNow', version });
  });
  pick.onDidTriggerItemButton(({ item: { version }, button }) => {
    if (version && button === OTHER) askForOther(version);
    else if (version) resolve(choiceOf(button, version));
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

  function askForOther(version: PickedVersion): void {
    first = version;
    pick.placeholder = l10n.t('Choose the version to compare revision {0} with', String(version.modRevision));
    pick.value = '';
    showItems();
  }

  function choiceOf(button: QuickInputButton, version: PickedVersion): HistoryChoice | undefined {
    const versions = items.flatMap((each) => each.version ?? []);
    const before = versions[versions.indexOf(version) + 1];
    if (button === BEFORE) return before && { act: 'compare', version: before, other: version };
    return { act: button === RESTORE ? 'restore' : button === BROWSE ? 'browse' : 'open', version };
  }

  function showItems(): void {
    const versions = items.flatMap((each) => each.version ?? []);
    pick.items = items.map((item) => {
      if (!item.version) return item;
      if (first) return { ...item, buttons: [], ...(item.version === first && { iconPath: new ThemeIcon('check') }) };
      const hasBefore = item.version !== versions.at(-1);
      const isNow = item === items[0] && !question.canRestoreNewest;
      const restore = question.isReadOnly || isNow ? [] : [RESTORE];
      return {
        ...item,
        buttons: [OPEN, ...(hasBefore ? [BEFORE] : []), OTHER, ...(question.canBrowse ? [BROWSE] : []), ...restore],
      };
    });
  }

  async function fill(): Promise<void> {
    try {
      for await (const entry of question.entries(abort.signal)) {
        items.push(itemOf(entry, items.length === 0 ? question.newest : undefined, question));
        showItems();
        if (items.length >= MAX_VERSIONS) {
          items.push(note('info', l10n.t('Only the latest {0} versions are shown.', MAX_VERSIONS)));
          break;
        }
      }
      if (!items.some(({ version }) => version)) items.unshift(note('info', l10n.t('The key does not exist now.')));
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!EtcdError.is(error)) throw error;
      items.push(note('warning', error.message));
    } finally {
      if (!abort.signal.aborted) {
        showItems();
        pick.busy = false;
      }
    }
  }
}

function itemOf(
  entry: HistoryEntry,
  newest: string | undefined,
  { end, keepsValues = false }: HistoryQuestion,
): VersionItem {
  if (entry.kind === 'deleted') return note('trash', l10n.t('Deleted at revision {0}', String(entry.revision)));
  if (entry.kind === 'absent') return note('circle-slash', l10n.t('The key did not exist before that.'));
  if (entry.kind === 'compacted')
    return note('archive', end ?? l10n.t('Earlier versions are compacted: etcd no longer has them.'));
  const { kv } = entry;
  const facts = [
    ...(kv.version === undefined ? [] : [l10n.t('version {0}', String(kv.version))]),
    bytesText(kv.value.length),
    ...(kv.lease ? [l10n.t('lease {0}', leaseText(kv.lease))] : []),
    ...(newest === undefined ? [] : [newest]),
  ];
  return {
    label: l10n.t('Revision {0}', String(kv.modRevision)),
    description: facts.join(' · '),
    iconPath: new ThemeIcon(newest === undefined ? 'history' : 'circle-filled'),
    version: pickedVersion(entry, keepsValues),
  };
}

/** Creates an item that is shown whatever the user types. */
function note(icon: string, label: string): VersionItem {
  return { label, iconPath: new ThemeIcon(icon), alwaysShow: true };
}
