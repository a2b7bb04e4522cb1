import { l10n } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { Difference } from '../../etcd/past/difference.ts';
import {
  applyDifferences,
  keysToApply,
  type AppliedDifferences,
  type ChangedSide,
  type KeyToApply,
} from '../../etcd/transfer/applyDifferences.ts';
import { confirm, confirmByTyping, type Confirmation } from '../../ui/confirm.ts';
import { withLateProgress } from '../../ui/lateProgress.ts';
import { afterwards } from '../../ui/showing.ts';
import { window } from '../../ui/text/window.ts';
import { placeName, type Comparison, type Place } from '../../views/comparison/comparison.ts';
import { DifferenceNode, GroupNode } from '../../views/comparison/comparisonTree.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { requireCluster } from '../context/resuming.ts';
import { writableStore } from '../context/targets.ts';
import { MAX_UNDO_BYTES } from '../context/undoLog.ts';
import { KEYS_TO_TYPE_FOR } from '../keys/deleteCommand.ts';
import { offerUndo } from '../undo/undoCommand.ts';
import { compare } from './compareCommands.ts';

/** Names of keys that a question or a message lists of each kind. */
const KEYS_NAMED = 5;

/** Makes the right side of a comparison like the left one, for the chosen keys. */
export async function applyToRight(context: CommandContext, argument: unknown, all: unknown): Promise<void> {
  await apply(context, 'right', argument, all);
}

/** Makes the left side of a comparison like the right one, for the chosen keys. */
export async function applyToLeft(context: CommandContext, argument: unknown, all: unknown): Promise<void> {
  await apply(context, 'left', argument, all);
}

async function apply(context: CommandContext, side: ChangedSide, argument: unknown, all: unknown): Promise<void> {
  const { comparison } = context.comparison.tree;
  if (!comparison) throw new EtcdError('notFound', l10n.t('Nothing is compared. Use Select for Compare first.'));
  const [place, other] = side === 'right' ? [comparison.right, comparison.left] : [comparison.left, comparison.right];
  const connection = context.connections.current(place.connection);
  if (place.revision !== undefined)
    throw new EtcdError(
      'readOnly',
      l10n.t('{0} is shown as of revision {1}, which cannot be changed.', placeName(place), String(place.revision)),
    );
  const source = context.connections.current(other.connection);
  const from = { store: await source.store('interactive'), prefix: other.prefix, revision: other.revision };
  await requireCluster(connection, await writableStore(connection), comparison.clusters[side]);
  await requireCluster(source, from.store, comparison.clusters[side === 'right' ? 'left' : 'right']);
  const prefixes = { left: comparison.left.prefix, right: comparison.right.prefix };
  const keys = keysToApply(chosen(context, comparison, argument, all), side, prefixes);
  if (keys.length === 0)
    throw new EtcdError('notFound', l10n.t('No changed, added or deleted key is selected in the comparison.'));
  const yes = await ask(comparison, place, other, keys);
  if (!yes) throw cancelled();
  const to = await connection.writingStore(yes);
  try {
    const title = l10n.t('Applying differences to {0}', placeName(place));
    const result = await withLateProgress(title, (signal, report) =>
      applyDifferences({
        ...{ from, to, keys, signal, undoBytes: MAX_UNDO_BYTES },
        advanced: (done) =>
          report(l10n.t('{0} of {1}', done.toLocaleString(), keysText(keys.length)), done / keys.length),
      }),
    );
    reportOutcome(context, place, result);
  } finally {
    context.documents.refresh();
    context.showChanges(connection);
    if (context.comparison.tree.comparison === comparison)
      await afterwards(context.log, () => compare(context, comparison.left, comparison.right));
  }
}

/** Returns the differences of the rows, of the selection or, without one, of the whole comparison. */
function chosen(
  context: CommandContext,
  comparison: Comparison,
  argument: unknown,
  all: unknown,
): readonly Difference[] {
  const { selection } = context.comparison.view;
  const rows = Array.isArray(all) && all.includes(argument) ? all : argument ? [argument] : selection;
  const found = new Set<Difference>();
  for (const row of rows) {
    if (row instanceof DifferenceNode) found.add(row.difference);
    if (row instanceof GroupNode) for (const difference of comparison.kept[row.of]) found.add(difference);
  }
  return rows.length > 0 ? [...found] : Object.values(comparison.kept).flat();
}

async function ask(
  comparison: Comparison,
  place: Place,
  other: Place,
  keys: readonly KeyToApply[],
): Promise<Confirmation | undefined> {
  const message = l10n.t('Make {0} like {1}: {2}?', placeName(place), placeName(other), keysText(keys.length));
  const created = keys.filter(({ target }) => !target);
  const deleted = keys.filter(({ source }) => !source);
  const overwritten = keys.filter(({ source, target }) => source && target);
  const expiring = created.filter(({ source }) => (source?.lease ?? 0n) !== 0n || source?.ttl !== undefined);
  const unlisted = unlistedIn(comparison);
  const detail = [
    ...line(l10n.t('Will be created'), created),
    ...line(l10n.t('Will be overwritten, keeping their leases'), overwritten),
    ...line(l10n.t('Will be deleted'), deleted),
    ...(expiring.length > 0
      ? [l10n.t('Of the new keys, {0} expire in {1}. Their copies do not.', expiring.length, placeName(other))]
      : []),
    ...(unlisted > 0
      ? [l10n.t('{0} more differ. They are not listed, so compare again afterwards.', unlisted.toLocaleString())]
      : []),
    l10n.t('A key that has changed on either side since the comparison is left alone.'),
    l10n.t('This can be undone, unless the earlier values are larger than {0} MB.', MAX_UNDO_BYTES / (1024 * 1024)),
  ];
  const [only] = keys;
  const word = only && keys.length === 1 ? keyText(only.key) : String(keys.length);
  return place.connection.isProduction || deleted.length >= KEYS_TO_TYPE_FOR
    ? await confirmByTyping(message, detail, word)
    : await confirm(message, detail, l10n.t('Apply'));
}

function line(label: string, keys: readonly KeyToApply[]): string[] {
  if (keys.length === 0) return [];
  return [l10n.t('{0} ({1}): {2}', label, keys.length.toLocaleString(), named(keys.map(({ key }) => key)))];
}

function named(keys: readonly Uint8Array[]): string {
  return keys.slice(0, KEYS_NAMED).map(keyText).join(', ') + (keys.length > KEYS_NAMED ? ', …' : '');
}

/** Returns how many keys differ beyond those that a comparison keeps. */
function unlistedIn({ counts, kept }: Comparison): number {
  return (['changed', 'added', 'deleted'] as const).reduce((sum, kind) => sum + counts[kind] - kept[kind].length, 0);
}

/** Reports the result, with a button that undoes it. */
function reportOutcome(context: CommandContext, place: Place, result: AppliedDifferences): void {
  const { created, overwritten, deleted, changedSince, refused, undo, stopped } = result;
  const done = created + overwritten + deleted;
  context.log.done('applied', done, changedSince.length + refused.length);
  const [first] = refused;
  const sentences = [
    l10n.t(
      '{0}: {1} created, {2} overwritten, {3} deleted.',
      ...[placeName(place), created.toLocaleString(), overwritten.toLocaleString(), deleted.toLocaleString()],
    ),
    ...(changedSince.length > 0 ? [l10n.t('Skipped because others changed them: {0}.', named(changedSince))] : []),
    ...(first ? [l10n.t('Refused: {0}. The first one: {1}', named(refused.map(({ key }) => key)), first.reason)] : []),
    ...(stopped && stopped.kind !== 'cancelled' ? [l10n.t('It stopped early: {0}', stopped.message)] : []),
    ...(stopped?.kind === 'cancelled' ? [l10n.t('It was stopped; the rest still differs.')] : []),
  ].join(' ');
  const entry = undo && context.undoLog.add(place.connection, sentences, undo);
  // The command does not wait, because the message may stay for long.
  if (entry) return void offerUndo(entry);
  const isPartial = changedSince.length > 0 || refused.length > 0 || stopped !== undefined;
  void (isPartial ? window.showWarningMessage : window.showInformationMessage)(sentences);
}
