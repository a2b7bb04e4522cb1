import { commands, l10n, window } from 'vscode';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { toBinaryKey } from '../etcd/keyspace/binaryKey.ts';
import { putBack, type PutBackResult, type Undone } from '../etcd/putBack.ts';
import { confirm } from '../ui/confirm.ts';
import type { CommandContext } from './commandContext.ts';
import { previewImport } from './importKeysCommand.ts';
import { writableStore } from './targets.ts';
import { undoDetail, type UndoEntry } from './undoLog.ts';

const KEYS_NAMED = 5;

/** Puts back what a delete or an overwrite of this window took away: the one that is chosen, or the only one there is. */
export async function undo(context: CommandContext, argument: unknown): Promise<void> {
  const { entries } = context.undoLog;
  const given = entries.find((entry) => entry === argument);
  if (given) return await undoEntry(context, given);
  if (entries.length === 0)
    return void window.showInformationMessage(
      l10n.t('This window has deleted and overwritten nothing that could be undone.'),
    );
  const items = entries.map((entry) => ({ label: entry.label, description: undoDetail(entry), entry }));
  const chosen = await window.showQuickPick(items, { title: l10n.t('Undo which change?'), matchOnDescription: true });
  if (!chosen) return;
  const { connection, afterwards } = chosen.entry;
  const isProduction = connection.isProduction || afterwards?.connection.isProduction;
  if (isProduction && !(await confirm(chosen.label, undoDetail(chosen.entry), l10n.t('Undo')))) return;
  await undoEntry(context, chosen.entry);
}

/** Says what was done, with a button that undoes it. */
export async function offerUndo(entry: UndoEntry): Promise<void> {
  const button = l10n.t('Undo');
  if ((await window.showInformationMessage(entry.label, button)) === button)
    await commands.executeCommand('etcd.undo', entry);
}

async function undoEntry(context: CommandContext, entry: UndoEntry): Promise<void> {
  if (entry.backup)
    return await previewImport(context, entry.connection, { uri: entry.backup.file, isFolder: false }, { asIs: true });
  const store = await writableStore(entry.connection);
  const storeAfterwards = entry.afterwards && (await writableStore(entry.afterwards.connection));
  try {
    const result = await putBack(store, entry.changes);
    const after =
      entry.afterwards && storeAfterwards && (await putBack(storeAfterwards, stillToUndo(entry.afterwards, result)));
    context.undoLog.remove(entry);
    const changedSince = [...result.changedSince, ...(after?.changedSince ?? [])];
    void window.showInformationMessage(outcome({ ...sumOf(result, after), changedSince }));
  } finally {
    context.documents.refresh();
    for (const connection of new Set([entry.connection, entry.afterwards?.connection]))
      if (connection) context.showChanges(connection);
  }
}

/** A moved key whose old name somebody else has taken stays where it is: it is there only. */
function stillToUndo({ changes }: NonNullable<UndoEntry['afterwards']>, { changedSince }: PutBackResult): Undone[] {
  const notBack = new Set(changedSince.map(toBinaryKey));
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

/** What was put back, what was removed again, and what was left alone, in sentences. */
export function outcome({ restored, removed, changedSince, withoutLease }: PutBackResult): string {
  const sentences: string[] = [];
  const back = restored - removed;
  if (back > 0 || removed === 0)
    sentences.push(
      back === 1 ? l10n.t('1 key was restored.') : l10n.t('{0} keys were restored.', back.toLocaleString()),
    );
  if (removed > 0)
    sentences.push(
      removed === 1
        ? l10n.t('1 key that was new is removed again.')
        : l10n.t('{0} keys that were new are removed again.', removed.toLocaleString()),
    );
  if (withoutLease > 0) sentences.push(l10n.t('The leases of {0} have ended: they live for good now.', withoutLease));
  if (changedSince.length > 0) {
    const named = changedSince.slice(0, KEYS_NAMED).map(keyText).join(', ');
    const more = changedSince.length > KEYS_NAMED ? ', …' : '';
    sentences.push(l10n.t('Left alone, since others have written them meanwhile: {0}.', named + more));
  }
  return sentences.join(' ');
}
