import { commands, l10n } from 'vscode';
import { keyText } from '../../etcd/keys/keyText.ts';
import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import { putBack, type PutBackResult } from '../../etcd/writes/putBack.ts';
import type { Undone } from '../../etcd/writes/undone.ts';
import { confirm } from '../../ui/confirm.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { previewImport } from '../keyFiles/importKeysCommand.ts';
import { writableStore } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { undoDetail, type UndoEntry } from '../context/undoLog.ts';
import { window } from '../../ui/text/window.ts';

const KEYS_NAMED = 5;

/** Undoes a delete or an overwrite of this window: the chosen one, or the only one. */
export async function undo(context: CommandContext, argument: unknown): Promise<void> {
  const { entries } = context.undoLog;
  const given = entries.find((entry) => entry === argument);
  if (given) return await undoEntry(context, given);
  if (entries.length === 0)
    return void window.showInformationMessage(l10n.t('There is nothing to undo in this window.'));
  const items = entries.map((entry) => ({ label: entry.label, description: undoDetail(entry), entry }));
  const chosen = await window.showQuickPick(items, { title: l10n.t('Undo which change?'), matchOnDescription: true });
  if (!chosen) return;
  await undoEntry(context, chosen.entry);
}

/** Reports a change, with a button that undoes it. */
export async function offerUndo(entry: UndoEntry): Promise<void> {
  const button = l10n.t('Undo');
  if ((await window.showInformationMessage(entry.label, button)) === button)
    await commands.executeCommand('etcd.undo', entry);
}

async function undoEntry(context: CommandContext, entry: UndoEntry): Promise<void> {
  // Uses the present settings, because they may have changed since.
  const connection = context.connections.current(entry.connection);
  const other = entry.afterwards && context.connections.current(entry.afterwards.connection);
  if (entry.backup)
    return await previewImport(context, connection, { uri: entry.backup.file, isFolder: false }, { asIs: true });
  await writableStore(connection);
  if (other) await writableStore(other);
  const isProduction = connection.isProduction || other?.isProduction;
  const yes = isProduction ? await confirm(entry.label, undoDetail(entry), l10n.t('Undo')) : undefined;
  if (isProduction && !yes) throw cancelled();
  const store = await connection.writingStore(yes);
  const storeAfterwards = await other?.writingStore(yes);
  try {
    const result = await putBack(store, entry.changes);
    const after =
      entry.afterwards && storeAfterwards && (await putBack(storeAfterwards, stillToUndo(entry.afterwards, result)));
    context.undoLog.remove(entry);
    const changedSince = [...result.changedSince, ...(after?.changedSince ?? [])];
    const locked = [...result.locked, ...(after?.locked ?? [])];
    const all = { ...sumOf(result, after), changedSince, locked };
    context.log.done('restored', all.restored, changedSince.length + locked.length);
    void window.showInformationMessage(outcome(all));
  } finally {
    context.documents.refresh();
    for (const each of new Set([connection, other])) if (each) context.showChanges(each);
  }
}

/** Leaves out moved keys whose old names could not be restored: they exist only at their new names. */
function stillToUndo(
  { changes }: NonNullable<UndoEntry['afterwards']>,
  { changedSince, locked }: PutBackResult,
): Undone[] {
  const notBack = new Set([...changedSince, ...locked].map(toBinaryKey));
  return changes.filter(({ oldName }) => !notBack.has(toBinaryKey(oldName))).map(({ change }) => change);
}

function sumOf(result: PutBackResult, after: PutBackResult | undefined): PutBackResult {
  const { restored = 0, removed = 0, withoutLease = 0 } = after ?? {};
  return {
    ...result,
    restored: result.restored + restored,
    removed: result.removed + removed,
    withoutLease: result.withoutLease + withoutLease,
  };
}

/** Describes which keys were restored, which were removed again, and which were left alone. */
export function outcome({ restored, removed, changedSince, locked, withoutLease }: PutBackResult): string {
  const sentences: string[] = [];
  const back = restored - removed;
  if (back > 0 || removed === 0)
    sentences.push(
      back === 1 ? l10n.t('1 key was restored.') : l10n.t('{0} keys were restored.', back.toLocaleString()),
    );
  if (removed > 0)
    sentences.push(
      removed === 1
        ? l10n.t('1 new key was removed again.')
        : l10n.t('{0} new keys were removed again.', removed.toLocaleString()),
    );
  if (withoutLease > 0)
    sentences.push(l10n.t('The leases of {0} have ended: these keys no longer expire.', withoutLease));
  if (changedSince.length > 0)
    sentences.push(l10n.t('Skipped because others changed them: {0}.', namesOf(changedSince)));
  if (locked.length > 0)
    sentences.push(l10n.t('Skipped because "readOnly" of the connection lists them: {0}.', namesOf(locked)));
  return sentences.join(' ');
}

function namesOf(keys: readonly Uint8Array[]): string {
  const named = keys.slice(0, KEYS_NAMED).map(keyText).join(', ');
  return keys.length > KEYS_NAMED ? `${named}, …` : named;
}
