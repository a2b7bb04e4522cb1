import { l10n, ThemeIcon, type QuickPickItem } from 'vscode';
import { keptRevisions, type KeptRevisions } from '../etcd/past/compaction.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { KeyStore } from '../etcd/keyStore.ts';
import { window } from './text/window.ts';

const STEPS = [-1n, -10n, -100n, -1000n, 1n, 10n];

export interface RevisionQuestion {
  readonly title: string;
  /** Revision from which steps such as −10 are counted; by default the present one. */
  readonly from?: bigint | undefined;
  /** Position of "now" among the answers, if it is one of them. */
  readonly now: 'first' | 'last' | 'none';
}

interface RevisionItem extends QuickPickItem {
  readonly revision?: bigint | 'now';
}

/**
 * Asks for a revision that etcd keeps: typed as a number or a step (`-10`), or chosen.
 * @returns undefined if the user cancels
 */
export async function pickRevision(
  store: KeyStore,
  { title, from, now }: RevisionQuestion,
): Promise<bigint | 'now' | undefined> {
  const input = window.createQuickPick<RevisionItem>();
  const { promise, resolve } = Promise.withResolvers<bigint | 'now' | undefined>();
  const abort = new AbortController();
  let kept: KeptRevisions | undefined;

  const offer = () => {
    if (kept) input.items = itemsFor(input.value.trim(), kept, from ?? kept.newest, now);
  };
  const load = async () => {
    try {
      kept = await keptRevisions(store, abort.signal);
      offer();
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!EtcdError.is(error)) throw error;
      input.items = [{ label: error.message, iconPath: new ThemeIcon('warning'), alwaysShow: true }];
    } finally {
      if (!abort.signal.aborted) input.busy = false;
    }
  };

  input.title = title;
  input.placeholder = l10n.t('A revision such as 4711, or a step such as -10');
  input.ignoreFocusOut = true;
  input.busy = true;
  input.onDidChangeValue(offer);
  input.onDidAccept(() => {
    const revision = input.selectedItems[0]?.revision;
    if (revision !== undefined) resolve(revision);
  });
  input.onDidHide(() => resolve(undefined));
  input.show();
  void load();
  try {
    return await promise;
  } finally {
    abort.abort();
    input.dispose();
  }
}

function itemsFor(typed: string, kept: KeptRevisions, from: bigint, place: RevisionQuestion['now']): RevisionItem[] {
  if (typed === '') return offered(kept, from, place);
  const [, sign, digits] = /^([-+−]?)\s*(\d{1,19})$/.exec(typed) ?? [];
  const now = l10n.t('now');
  if (digits === undefined)
    return place !== 'none' && now.startsWith(typed.toLowerCase())
      ? [nowItem(kept)]
      : [message(l10n.t('Type a whole number, a step such as -10, or "{0}".', now))];
  const step = BigInt(digits);
  const revision = sign === '' ? step : sign === '+' ? from + step : from - step;
  if (revision > kept.newest)
    return [
      message(l10n.t('The newest revision of etcd is {0}.', String(kept.newest))),
      ...(place === 'none' ? [] : [nowItem(kept)]),
    ];
  if (revision < kept.oldest)
    return [
      message(l10n.t('Revisions before {0} are compacted: etcd no longer has them.', String(kept.oldest))),
      oldestItem(kept),
    ];
  return [{ ...revisionItem(revision), ...(sign !== '' && { description: `${sign}${digits}` }) }];
}

function offered(kept: KeptRevisions, from: bigint, place: RevisionQuestion['now']): RevisionItem[] {
  const steps = STEPS.filter((step) => from + step >= kept.oldest && from + step < kept.newest);
  return [
    ...(place === 'first' ? [nowItem(kept)] : []),
    ...steps.map((step) => ({
      ...revisionItem(from + step),
      description: step > 0n ? `+${step}` : `−${-step}`,
    })),
    oldestItem(kept),
    ...(place === 'last' ? [nowItem(kept)] : []),
  ];
}

function revisionItem(revision: bigint): RevisionItem {
  return {
    label: l10n.t('Revision {0}', String(revision)),
    iconPath: new ThemeIcon('history'),
    // The items already depend on the typed text, so VS Code must not filter them.
    alwaysShow: true,
    revision,
  };
}

function nowItem({ newest }: KeptRevisions): RevisionItem {
  return {
    label: l10n.t('Now'),
    description: l10n.t('revision {0}', String(newest)),
    iconPath: new ThemeIcon('server'),
    alwaysShow: true,
    revision: 'now',
  };
}

function oldestItem({ oldest }: KeptRevisions): RevisionItem {
  const description =
    oldest === 1n ? l10n.t('the first revision') : l10n.t('the oldest available: earlier ones are compacted');
  return { ...revisionItem(oldest), description, iconPath: new ThemeIcon('archive') };
}

function message(label: string): RevisionItem {
  return { label, iconPath: new ThemeIcon('info'), alwaysShow: true };
}
