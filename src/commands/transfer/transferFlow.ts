import { l10n, Uri } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import type { Connection } from '../../connections/connection.ts';
import { liveOf } from '../../connections/pastConnection.ts';
import { keyUriParts } from '../../documents/addresses/keyUri.ts';
import { revisionUriParts } from '../../documents/addresses/revisionUri.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { copyName } from '../../etcd/keys/newNames.ts';
import type { KeyStore } from '../../etcd/keyStore.ts';
import { type TakenRule, type TransferRoot } from '../../etcd/transfer/transferPlan.ts';
import { previewTransfer, type PreviewEntry, type TransferPreview } from '../../etcd/transfer/transferPreview.ts';
import { confirmByTyping, type Confirmation } from '../../ui/confirm.ts';
import { withLateProgress } from '../../ui/lateProgress.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { writableStore } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { askByPreview } from './transferPreviewPick.ts';
import { effectText, previewText } from './transferPreviewText.ts';
import { MAX_KEYS_TO_UNDO, TransferRun } from './transferRun.ts';
import { MAX_UNDO_BYTES } from '../context/undoLog.ts';
import { openChanges } from '../../ui/text/editors.ts';
import { window } from '../../ui/text/window.ts';

/** A transfer that the user requests. */
export interface TransferWish {
  readonly move: boolean;
  readonly source: Connection;
  readonly target: Connection;
  /** Returns the roots with their destinations, which depend on the keys of the target. */
  readonly roots: (target: KeyStore) => Promise<readonly TransferRoot[]>;
  /** True if the user has agreed to transfer a single key to this place: without a conflict, it needs no preview. */
  readonly isAgreed?: boolean;
  /** True if success without a preview need not be reported, because the user has typed the new name. */
  readonly isQuiet?: boolean;
}

/** Number of keys in one transaction, unless they are large. */
const KEYS_AT_ONCE = 50;

interface Prepared extends TransferWish {
  readonly sourceStore: KeyStore;
  readonly targetStore: KeyStore;
  readonly planned: readonly TransferRoot[];
}

/** Previews a transfer, and carries it out once the user has confirmed. */
export async function transferKeys(context: CommandContext, wish: TransferWish): Promise<void> {
  const { move, source, target } = wish;
  const targetStore = await writableStore(target);
  const sourceStore = move ? await writableStore(source) : await source.store('interactive');
  const planned = await wish.roots(targetStore);
  if (planned.length === 0) return void window.showInformationMessage(l10n.t('All of them exist there already.'));
  const prepared: Prepared = { ...wish, sourceStore, targetStore, planned };
  const preview = await look(prepared);
  if (preview.total === 0) throw nothingThere(prepared);
  const clusters = { source: await sourceStore.clusterId?.(), target: await targetStore.clusterId?.() };
  const isClear = wish.isAgreed && preview.total === 1 && preview.counts.create === 1 && preview.leases.lost === 0;
  const taken = isClear ? 'skip' : await ask(context, prepared, preview);
  if (!taken) throw cancelled();
  const isAsked = target.isProduction || (move && source.isProduction);
  const yes = isAsked ? await confirmProduction(prepared, preview, taken) : undefined;
  if (isAsked && !yes) throw cancelled();
  await new TransferRun({
    source,
    target,
    clusters,
    plan: {
      source: move || source === target ? await source.writingStore(yes) : sourceStore,
      target: await target.writingStore(yes),
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
    isQuiet: (isClear && wish.isQuiet) ?? false,
  }).run(context);
}

function nothingThere({ sourceStore, planned }: Prepared): EtcdError {
  const name = nameOf(planned.map(({ from }) => from));
  const message = sourceStore.capabilities.emptyFolders
    ? l10n.t('There are no keys in {0}: empty v2 folders are not copied.', name)
    : l10n.t('There is no longer a key at {0}.', name);
  return new EtcdError('notFound', message);
}

function look({ planned, move, sourceStore, targetStore, ...wish }: Prepared): Promise<TransferPreview> {
  const title = l10n.t('Preparing a preview: {0}', titleOf({ ...wish, move, planned }));
  return withLateProgress(title, (signal, report) =>
    previewTransfer({
      source: sourceStore,
      target: targetStore,
      roots: planned,
      move,
      mostValues: { keys: MAX_KEYS_TO_UNDO, bytes: MAX_UNDO_BYTES },
      signal,
      progress: (keys) => report(keysText(keys)),
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
  await openChanges(l10n.t('What would be overwritten in {0}', target.name), pairs);
}

/** Returns the address of the key at the time of the preview, if its store has a history. */
function momentUri(connection: Connection, key: Uint8Array, revision: bigint | undefined): Uri {
  const address = { connectionId: liveOf(connection).id, key };
  const canBeRead = connection.capabilities?.history && revision !== undefined;
  return Uri.from(canBeRead ? revisionUriParts({ ...address, revision }, 'text') : keyUriParts(address));
}

/** Describes the leases. Unless all values are read, the number of keys with a lease is unknown. */
function leaseFacts({ leases: { kept, lost, areAll }, oneCluster }: TransferPreview): string[] {
  if (!areAll)
    return [
      oneCluster
        ? l10n.t('Keys that have a lease keep it.')
        : l10n.t(
            'There are too many values to look for leases. A lease does not exist there, so a copy of a key with one does not expire.',
          ),
    ];
  return [
    ...(lost > 0
      ? [l10n.t('{0} with a lease: the lease does not exist there, so the copies do not expire.', keysText(lost))]
      : []),
    ...(kept > 0 ? [l10n.t('With their leases: {0}.', keysText(kept))] : []),
  ];
}

function factsOf({ move, sourceStore, targetStore }: Prepared, preview: TransferPreview): string[] {
  const { counts, partlyReadable, bytes, total } = preview;
  const isKeptWhole = bytes !== undefined && bytes <= MAX_UNDO_BYTES && total <= MAX_KEYS_TO_UNDO;
  const isAtomic = sourceStore === targetStore && targetStore.capabilities.transactionSteps > 1;
  return [
    ...(counts.present > 0
      ? [l10n.t('{0} exist there with the same value and count as copied.', counts.present.toLocaleString())]
      : []),
    ...(counts.denied > 0
      ? [l10n.t("Skipped because this etcd user's roles do not permit it: {0}.", counts.denied.toLocaleString())]
      : []),
    ...(counts.impossible > 0
      ? [l10n.t('Skipped because they cannot be stored there: {0}.', counts.impossible.toLocaleString())]
      : []),
    ...(partlyReadable.length > 0
      ? [l10n.t('This etcd user may read only a part of {0}: the rest stays as it is.', nameOf(partlyReadable))]
      : []),
    ...leaseFacts(preview),
    ...(sourceStore.capabilities.emptyFolders
      ? [l10n.t("Empty folders, hidden keys and folders' times to live of v2 are not copied.")]
      : []),
    ...(total > KEYS_AT_ONCE
      ? [l10n.t('It may take several transactions. If they stop halfway, you can resume them.')]
      : []),
    ...(move && isAtomic ? [l10n.t('Each key is moved in one transaction.')] : []),
    ...(move && !isAtomic ? [l10n.t('Each old key is deleted only after its copy has been verified.')] : []),
    l10n.t('Changes that others make after this preview are left untouched.'),
    isKeptWhole
      ? l10n.t('This can be undone until VS Code closes (etcd: Undo…).')
      : l10n.t('This is too large to undo.'),
  ];
}

async function confirmProduction(
  prepared: Prepared,
  { counts }: TransferPreview,
  taken: TakenRule,
): Promise<Confirmation | undefined> {
  const { move, planned } = prepared;
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

/** Lists the transferred keys, the destination, and the names of the connections. */
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

/** Returns the first of several paths, and how many others there are. */
function nameOf([first, ...others]: readonly Uint8Array[]): string {
  if (!first) return '';
  return others.length === 0 ? keyText(first) : l10n.t('{0} and {1} more', keyText(first), others.length);
}
