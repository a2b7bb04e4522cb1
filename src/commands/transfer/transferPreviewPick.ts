import { l10n, QuickPickItemKind, ThemeIcon, type QuickPickItem } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { Fate, PreviewEntry, TransferPreview } from '../../etcd/transfer/transferPreview.ts';
import type { TakenRule } from '../../etcd/transfer/transferPlan.ts';
import { pickAnswer } from '../../ui/pickAnswer.ts';
import { effectText, fateText, orderedEntries, type EffectCounts } from './transferPreviewText.ts';
import { window } from '../../ui/text/window.ts';

export interface PreviewQuestion {
  readonly title: string;
  readonly move: boolean;
  readonly preview: TransferPreview;
  /** Further facts, each a sentence. */
  readonly facts: readonly string[];
  readonly showDocument: () => void;
  /** Compares existing keys with the values that would be written over them. */
  readonly compare: (entries: readonly PreviewEntry[]) => void;
}

interface PreviewItem extends QuickPickItem {
  readonly rule?: TakenRule;
  readonly act?: () => void;
}

/** Limit of the keys in the pick; the document has more. */
const LISTED = 1000;
/** Limit of the keys that are compared at a time. */
const COMPARED = 100;

const ICONS: Readonly<Record<Fate, string>> = {
  create: 'add',
  taken: 'warning',
  present: 'check',
  denied: 'lock',
  impossible: 'circle-slash',
};

/**
 * Previews a transfer, and asks whether and how to carry it out.
 * @returns undefined if the user cancels, or if nothing can be done
 */
export async function askByPreview(question: PreviewQuestion): Promise<TakenRule | undefined> {
  const decide = l10n.t('Decide…');
  for (;;) {
    const chosen = await pickItem(question);
    if (!chosen?.act) return chosen?.rule;
    chosen.act();
    // The list would cover the document that it has opened, so a message asks instead.
    const message = l10n.t('{0}: nothing is written yet.', question.title);
    if ((await window.showInformationMessage(message, decide)) !== decide) return undefined;
  }
}

async function pickItem(question: PreviewQuestion): Promise<PreviewItem | undefined> {
  const pick = window.createQuickPick<PreviewItem>();
  const answer = Promise.withResolvers<PreviewItem | undefined>();
  pick.title = question.title;
  pick.placeholder = l10n.t('Nothing is written yet. Choose what to do, or type to find a key');
  pick.matchOnDescription = true;
  pick.ignoreFocusOut = true;
  pick.items = itemsOf(question);
  pick.onDidAccept(() => {
    const [chosen] = pick.selectedItems;
    if (chosen?.rule ?? chosen?.act) answer.resolve(chosen);
  });
  return await pickAnswer(pick, answer);
}

function itemsOf({ move, preview, facts, showDocument, compare }: PreviewQuestion): PreviewItem[] {
  const entries = orderedEntries(preview);
  const taken = entries.filter(({ fate }) => fate === 'taken').slice(0, COMPARED);
  const diff = { label: l10n.t('Compare what would be overwritten'), iconPath: new ThemeIcon('diff') };
  return [
    ...choices(preview, move),
    {
      label: l10n.t('Open Full Preview'),
      iconPath: new ThemeIcon('open-preview'),
      act: showDocument,
    },
    ...(taken.length > 0 ? [{ ...diff, act: () => compare(taken) }] : []),
    separator(l10n.t('notes')),
    ...facts.map((label) => ({ label, iconPath: new ThemeIcon('info') })),
    separator(l10n.t('keys')),
    ...entries.slice(0, LISTED).map((entry) => keyItem(entry, compare)),
  ];
}

function choices({ counts: { create, taken, present } }: TransferPreview, move: boolean): PreviewItem[] {
  const item = (rule: TakenRule, label: string, icon: string, keys: EffectCounts): PreviewItem => ({
    rule,
    label,
    iconPath: new ThemeIcon(icon),
    description: effectText({ ...keys, present, deleted: move ? keys.deleted : 0 }),
  });
  // A move still deletes the old names of keys that already exist at their new names.
  const free = create + (move ? present : 0);
  if (free + taken === 0) {
    const label =
      present > 0 ? l10n.t('All of them exist there already.') : l10n.t('None of these keys can be stored there.');
    return [{ label, iconPath: new ThemeIcon('circle-slash') }];
  }
  const icon = move ? 'arrow-right' : 'copy';
  if (taken === 0) return [item('skip', verb(move, free), icon, { created: create, deleted: free })];
  const all = verb(move, free + taken);
  const skip = l10n.t('{0}, skip existing keys', verb(move, free));
  return [
    ...(free > 0 ? [item('skip', skip, icon, { created: create, deleted: free, skipped: taken })] : []),
    item('overwrite', l10n.t('{0}, overwrite existing keys', all), 'warning', {
      created: create,
      overwritten: taken,
      deleted: free + taken,
    }),
    item('rename', l10n.t('{0}, keep both under new names', all), 'files', {
      created: create + taken,
      deleted: free + taken,
    }),
  ];
}

function verb(move: boolean, keys: number): string {
  return move ? l10n.t('Move {0}', keysText(keys)) : l10n.t('Copy {0}', keysText(keys));
}

function keyItem(entry: PreviewEntry, compare: PreviewQuestion['compare']): PreviewItem {
  return {
    label: keyText(entry.target),
    description: `← ${keyText(entry.key)} · ${fateText(entry)}`,
    iconPath: new ThemeIcon(ICONS[entry.fate]),
    ...(entry.fate === 'taken' && { act: () => compare([entry]) }),
  };
}

function separator(label: string): PreviewItem {
  return { label, kind: QuickPickItemKind.Separator };
}
