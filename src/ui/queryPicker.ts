import { l10n, QuickPickItemKind, ThemeIcon, type QuickInputButton, type QuickPickItem } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keys/keyText.ts';
import { looksLikeGlob } from '../etcd/search/globPattern.ts';
import { keyMatcher } from '../etcd/search/keyMatcher.ts';
import type { KeyQuery, PatternKind } from '../etcd/search/keyQuery.ts';
import { pickAnswer } from './pickAnswer.ts';
import { window } from './text/window.ts';

export interface QueryQuestion {
  readonly title: string;
  /** Prefix of the keys to search. */
  readonly folder: Uint8Array;
  readonly separators: readonly Uint8Array[];
  /** Initial query in the field. */
  readonly initial?: KeyQuery | undefined;
  /** Saved queries, offered below by their names. */
  readonly saved: readonly SavedQuery[];
}

/** A query saved under a name. */
export interface SavedQuery {
  readonly name: string;
  readonly description: string;
}

const KINDS = ['text', 'glob', 'regex'] as const;

interface QueryItem extends QuickPickItem {
  readonly answer?: KeyQuery | SavedQuery;
}

/**
 * Asks for a pattern, and then for its meaning: text, a glob or a regular expression.
 * @returns undefined if the user cancels
 */
export async function pickQuery(question: QueryQuestion): Promise<KeyQuery | SavedQuery | undefined> {
  const { title, initial, saved } = question;
  const input = window.createQuickPick<QueryItem>();
  const answered = Promise.withResolvers<KeyQuery | SavedQuery | undefined>();
  /** The user's choice; undefined as long as the kind of the pattern decides. */
  let matchCase = initial && initial.matchCase !== matchesCaseByDefault(initial.kind) ? initial.matchCase : undefined;
  let values = initial?.values ?? false;
  const likelyKind = (): PatternKind =>
    input.value === initial?.pattern ? initial.kind : looksLikeGlob(input.value) ? 'glob' : 'text';
  const matchesCase = (kind: PatternKind) => matchCase ?? matchesCaseByDefault(kind);

  const caseButton = (): QuickInputButton => ({
    iconPath: new ThemeIcon('case-sensitive'),
    tooltip: matchesCase(likelyKind()) ? l10n.t('Ignore Case') : l10n.t('Match Case'),
  });
  const valuesButton = (): QuickInputButton => ({
    iconPath: new ThemeIcon(values ? 'symbol-key' : 'symbol-string'),
    tooltip: values ? l10n.t('Search Keys Only') : l10n.t('Search Values Too'),
  });
  const draw = () => {
    const items = KINDS.map((kind) =>
      queryItem({ kind, pattern: input.value, matchCase: matchesCase(kind), values }, question),
    );
    const savedItems = saved.map((query): QueryItem => ({
      label: query.name,
      description: query.description,
      iconPath: new ThemeIcon('bookmark'),
      answer: query,
    }));
    input.items = [
      ...(input.value === '' ? [] : items),
      ...(savedItems.length > 0
        ? [{ label: l10n.t('saved searches'), kind: QuickPickItemKind.Separator }, ...savedItems]
        : []),
    ];
    // The order never changes, so that a click hits the intended item.
    const likely = items[KINDS.indexOf(likelyKind())];
    if (likely && input.value !== '') input.activeItems = [likely];
    input.buttons = [caseButton(), valuesButton()];
  };

  input.title = title;
  input.placeholder = l10n.t('Part of a key, a glob such as *.json, or a regular expression');
  input.ignoreFocusOut = true;
  input.value = initial?.pattern ?? '';
  input.onDidChangeValue(draw);
  input.onDidTriggerButton(({ tooltip }) => {
    if (tooltip === valuesButton().tooltip) values = !values;
    else matchCase = !matchesCase(likelyKind());
    draw();
  });
  input.onDidAccept(() => {
    const answer = input.selectedItems[0]?.answer;
    if (answer) answered.resolve(answer);
  });
  draw();
  return await pickAnswer(input, answered);
}

/** Whether case matters by default: it does not for text, but it does for patterns. */
function matchesCaseByDefault(kind: PatternKind): boolean {
  return kind !== 'text';
}

function queryItem(query: KeyQuery, { folder, separators }: QueryQuestion): QueryItem {
  // The labels do not contain the pattern, because VS Code would sort them by the position of the match.
  const { label, icon } = {
    text: { label: l10n.t('Keys that contain this text'), icon: 'symbol-string' },
    glob: { label: l10n.t('Keys that match this glob'), icon: 'filter' },
    regex: { label: l10n.t('Keys that match this regular expression'), icon: 'regex' },
  }[query.kind];
  try {
    const { range, values } = keyMatcher(query, folder, separators);
    const facts = [
      query.matchCase ? l10n.t('matches case') : l10n.t('ignores case'),
      values ? l10n.t('keys and values') : l10n.t('keys only'),
      ...(range ? narrowed(range.start, folder) : [l10n.t('no key of this folder can match')]),
    ];
    return { label, description: facts.join(' · '), iconPath: new ThemeIcon(icon), alwaysShow: true, answer: query };
  } catch (error) {
    if (!EtcdError.is(error, 'pattern')) throw error;
    return { label, description: error.message, iconPath: new ThemeIcon('warning'), alwaysShow: true };
  }
}

/** Describes that only a part of the folder has to be read. */
function narrowed(start: Uint8Array, folder: Uint8Array): string[] {
  return start.length > Math.max(folder.length, 1) ? [l10n.t('reads only keys from {0} on', keyText(start))] : [];
}
