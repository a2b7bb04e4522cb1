import { commands, l10n, Uri, window } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { liveOf } from '../connections/pastConnection.ts';
import { keyUriParts } from '../documents/keyUri.ts';
import { revisionUriParts } from '../documents/revisionUri.ts';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { copyName } from '../etcd/keyspace/newNames.ts';
import type { KeyStore } from '../etcd/keyStore.ts';
import { type TakenRule, type TransferRoot } from '../etcd/transfer/transferPlan.ts';
import { previewTransfer, type PreviewEntry, type TransferPreview } from '../etcd/transfer/transferPreview.ts';
import { confirmByTyping } from '../ui/confirm.ts';
import { withLateProgress } from '../ui/lateProgress.ts';
import type { CommandContext } from './commandContext.ts';
import { cancelled, writableStore } from './targets.ts';
import { askByPreview } from './transferPreviewPick.ts';
import { effectText, previewText } from './transferPreviewText.ts';
import { MOST_KEYS_TO_UNDO, TransferRun } from './transferRun.ts';
import { MOST_UNDO_BYTES } from './undoLog.ts';

/** What the user wants to have where. */
export interface TransferWish {
  readonly move: boolean;
  readonly source: Connection;
  readonly target: Connection;
  /** Where keys are to go, knowing what is there. */
  readonly roots: (target: KeyStore) => Promise<readonly TransferRoot[]>;
  /** The user has typed the new name of a single key: where nothing is in its way no preview is needed. */
  readonly isNamed?: boolean;
}

/** Up to so many keys that are not large are one transaction. */
const KEYS_AT_ONCE = 50;

interface Prepared extends TransferWish {
  readonly sourceStore: KeyStore;
  readonly targetStore: KeyStore;
  readonly planned: readonly TransferRoot[];
}

/** Looks at what a transfer would do, shows it, and does it once the user has confirmed. */
export async function transferKeys(context: CommandContext, wish: TransferWish): Promise<void> {
  const { move, source, target } = wish;
  const targetStore = await writableStore(target);
  const sourceStore = move ? await writableStore(source) : await source.store('interactive');
  const planned = await wish.roots(targetStore);
  if (planned.length === 0) return void window.showInformationMessage(l10n.t('They are there already.'));
  const prepared: Prepared = { ...wish, sourceStore, targetStore, planned };
  const preview = await look(prepared);
  if (preview.total === 0) throw nothingThere(prepared);
  const clusters = { source: await sourceStore.clusterId?.(), target: await targetStore.clusterId?.() };
  const isClear = wish.isNamed && preview.total === 1 && preview.counts.create === 1 && preview.leases.lost === 0;
  const taken = isClear ? 'skip' : await ask(context, prepared, preview);
  if (!taken || !(await confirmProduction(prepared, preview, taken))) throw cancelled();
  await new TransferRun({
    source,
    target,
    clusters,
    plan: {
      source: sourceStore,
      target: targetStore,
      roots: planned,
      move,
      taken,
      seen: preview.seen,
      oneCluster: preview.oneCluster,
      alternative: (key, attempt) => copyName(key, targetStore.hierarchy, attempt),
    },
    total: preview.total,
    label: titleOf(prepared),
    doneLabel: doneTitleOf(prepared),
    isQuiet: isClear ?? false,
  }).run(context);
}

function nothingThere({ sourceStore, planned }: Prepared): EtcdError {
  const name = nameOf(planned.map(({ from }) => from));
  const message = sourceStore.capabilities.emptyFolders
    ? l10n.t("There is no key in {0}: v2's empty folders are not taken along.", name)
    : l10n.t('There is no key at {0} any more.', name);
  return new EtcdError('notFound', message);
}

function look({ planned, move, sourceStore, targetStore, ...wish }: Prepared): Promise<TransferPreview> {
  const title = l10n.t('Looking at what would be done: {0}', titleOf({ ...wish, move, planned }));
  return withLateProgress(title, (signal, report) =>
    previewTransfer({
      source: sourceStore,
      target: targetStore,
      roots: planned,
      move,
      mostValues: { keys: MOST_KEYS_TO_UNDO, bytes: MOST_UNDO_BYTES },
      signal,
      progress: (keys) => report(l10n.t('{0} keys', keys.toLocaleString())),
    }),
  );
}

function ask(context: CommandContext, prepared: Prepared, preview: TransferPreview): Promise<TakenRule | undefined> {
  const { move } = prepared;
  const title = titleOf(prepared);
  const facts = factsOf(prepared, preview);
  return askByPreview({
    title,
    move,
    preview,
    facts,
    showDocument: () => void context.previews.show(title, previewText(title, facts, preview, move)),
    compare: (entries) => void compare(prepared, entries),
  });
}

async function compare({ source, target }: Prepared, entries: readonly PreviewEntry[]): Promise<void> {
  const pairs = entries.map(({ key, modRevision, target: newName, there }) => [
    Uri.from(keyUriParts({ connectionId: target.id, key: newName })),
    momentUri(target, newName, there),
    momentUri(source, key, modRevision),
  ]);
  await commands.executeCommand('vscode.changes', l10n.t('What would be overwritten in {0}', target.name), pairs);
}

/** The key as the preview saw it, where its store has a history. */
function momentUri(connection: Connection, key: Uint8Array, revision: bigint | undefined): Uri {
  const address = { connectionId: liveOf(connection).id, key };
  const canBeRead = connection.capabilities?.history && revision !== undefined;
  return Uri.from(canBeRead ? revisionUriParts({ ...address, revision }, 'text') : keyUriParts(address));
}

function factsOf({ move, sourceStore, targetStore }: Prepared, preview: TransferPreview): string[] {
  const { counts, leases, partlyReadable, bytes, total } = preview;
  const isKeptWhole = bytes !== undefined && bytes <= MOST_UNDO_BYTES && total <= MOST_KEYS_TO_UNDO;
  const isAtomic = sourceStore === targetStore && targetStore.capabilities.transactionSteps > 1;
  return [
    ...(counts.present > 0
      ? [l10n.t('{0} are there already with the same value: they count as copied.', counts.present.toLocaleString())]
      : []),
    ...(counts.denied > 0
      ? [l10n.t("{0} stay as they are: this etcd user's roles do not permit it.", counts.denied.toLocaleString())]
      : []),
    ...(counts.impossible > 0
      ? [l10n.t('{0} stay as they are: there is no room for them.', counts.impossible.toLocaleString())]
      : []),
    ...(partlyReadable.length > 0
      ? [l10n.t('This etcd user may read only a part of {0}: the rest stays as it is.', nameOf(partlyReadable))]
      : []),
    ...(leases.lost > 0
      ? [l10n.t('The leases of {0} keys mean nothing there: their copies live for good.', leases.lost.toLocaleString())]
      : []),
    ...(leases.kept > 0 ? [l10n.t('{0} keys keep their leases.', leases.kept.toLocaleString())] : []),
    ...(sourceStore.capabilities.emptyFolders
      ? [l10n.t("v2's empty folders, hidden keys and times to live of folders are not taken along.")]
      : []),
    ...(total > KEYS_AT_ONCE
      ? [l10n.t('It may take several transactions: where they stop half-way, they can be resumed.')]
      : []),
    ...(move && isAtomic ? [l10n.t('Each old name is deleted by the transaction that creates its copy.')] : []),
    ...(move && !isAtomic ? [l10n.t('Each old name is deleted only after its copy was read again.')] : []),
    l10n.t('What others write from now on is neither overwritten nor deleted.'),
    isKeptWhole
      ? l10n.t('This can be undone until VS Code closes (etcd: Undo…).')
      : l10n.t('This is too much to be undone.'),
  ];
}

async function confirmProduction(prepared: Prepared, { counts }: TransferPreview, taken: TakenRule): Promise<boolean> {
  const { move, source, target, planned } = prepared;
  if (!target.isProduction && !(move && source.isProduction)) return true;
  const all = counts.create + counts.present + (taken === 'skip' ? 0 : counts.taken);
  const detail = effectText({
    created: counts.create + (taken === 'rename' ? counts.taken : 0),
    overwritten: taken === 'overwrite' ? counts.taken : 0,
    deleted: move ? all : 0,
  });
  const [only, ...others] = planned;
  const word = only && others.length === 0 ? keyText(only.from) : String(planned.length);
  return await confirmByTyping(l10n.t('{0}?', titleOf(prepared)), detail, word);
}

type Named = Pick<Prepared, 'move' | 'source' | 'target' | 'planned'>;

function titleOf(wish: Named): string {
  const { move, source, target } = wish;
  const names = namesOf(wish);
  if (source === target)
    return move ? l10n.t('Move {0} to {1} in {3}', ...names) : l10n.t('Copy {0} to {1} in {3}', ...names);
  return move ? l10n.t('Move {0} in {2} to {1} in {3}', ...names) : l10n.t('Copy {0} in {2} to {1} in {3}', ...names);
}

function doneTitleOf(wish: Named): string {
  const { move, source, target } = wish;
  const names = namesOf(wish);
  if (source === target)
    return move ? l10n.t('Moved {0} to {1} in {3}', ...names) : l10n.t('Copied {0} to {1} in {3}', ...names);
  return move
    ? l10n.t('Moved {0} in {2} to {1} in {3}', ...names)
    : l10n.t('Copied {0} in {2} to {1} in {3}', ...names);
}

/** What, where to, and the names of the connections. */
function namesOf({ source, target, planned }: Named): string[] {
  const [first, ...others] = planned;
  if (!first) return [];
  const names = [source.name, target.name];
  if (others.length === 0) return [keyText(first.from), keyText(first.to), ...names];
  return [
    l10n.t('{0} keys and folders', planned.length.toLocaleString()),
    keyText(target.hierarchy.parentOf(first.to)),
    ...names,
  ];
}

/** The first of several paths. */
function nameOf([first, ...others]: readonly Uint8Array[]): string {
  if (!first) return '';
  return others.length === 0 ? keyText(first) : l10n.t('{0} and {1} more', keyText(first), others.length);
}
