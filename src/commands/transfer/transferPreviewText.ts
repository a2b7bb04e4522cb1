import { l10n } from 'vscode';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { Fate, PreviewEntry, TransferPreview } from '../../etcd/transfer/transferPreview.ts';

/** Order of the entries: those that need attention first. */
const ORDER: readonly Fate[] = ['taken', 'impossible', 'denied', 'present', 'create'];
/** Markers of a diff, which color themes distinguish. */
const SIGNS: Readonly<Record<Fate, string>> = { create: '+', taken: '!', present: '=', denied: '#', impossible: '#' };

/** Orders the entries of a preview: those that need attention first. */
export function orderedEntries({ entries }: TransferPreview): PreviewEntry[] {
  return entries.toSorted((a, b) => ORDER.indexOf(a.fate) - ORDER.indexOf(b.fate));
}

/** Describes the effect on a key, to stand after its new name. */
export function fateText({ fate, there, why }: PreviewEntry): string {
  if (fate === 'taken') return l10n.t('exists (revision {0})', String(there));
  if (fate === 'present') return l10n.t('exists with the same value');
  if (fate === 'denied') return l10n.t('not permitted');
  return fate === 'impossible' ? (why ?? '') : l10n.t('created');
}

/** Numbers of keys by effect. */
export interface EffectCounts {
  readonly created: number;
  /** Keys that exist already with the same value. */
  readonly present?: number;
  readonly overwritten?: number;
  /** Number of old names that are deleted. */
  readonly deleted: number;
  readonly skipped?: number;
}

export function effectText({ created, present = 0, overwritten = 0, deleted, skipped = 0 }: EffectCounts): string {
  return [
    ...(created > 0 ? [l10n.t('created: {0}', created.toLocaleString())] : []),
    ...(present > 0 ? [l10n.t('already there: {0}', present.toLocaleString())] : []),
    ...(overwritten > 0 ? [l10n.t('overwritten: {0}', overwritten.toLocaleString())] : []),
    ...(deleted > 0 ? [l10n.t('old names deleted: {0}', deleted.toLocaleString())] : []),
    ...(skipped > 0 ? [l10n.t('skipped: {0}', skipped.toLocaleString())] : []),
  ].join(' · ');
}

/** Writes the whole preview as lines of a document. */
export function previewText(title: string, facts: readonly string[], preview: TransferPreview, move: boolean): string {
  const lines = orderedEntries(preview).flatMap((entry) => {
    const line = `${SIGNS[entry.fate]} ${keyText(entry.target)}  ← ${keyText(entry.key)}`;
    const isDeleted = move && (entry.fate === 'create' || entry.fate === 'present');
    return [
      entry.fate === 'create' ? line : `${line}  ${fateText(entry)}`,
      ...(isDeleted ? [`- ${keyText(entry.key)}`] : []),
    ];
  });
  const more = preview.total - preview.entries.length;
  return [
    title,
    ...facts,
    '',
    ...lines,
    ...(more > 0 ? ['', l10n.t('and {0} more', more.toLocaleString())] : []),
    '',
  ].join('\n');
}
