import { commands, l10n, window, type QuickPickItem } from 'vscode';
import { compareImported } from '../documents/importedValues.ts';
import type { ImportSession } from '../documents/importSession.ts';
import { EtcdError } from '../etcd/errors.ts';
import { BYTES_OF_A_CHANGE, ImportWriter, type ImportChoice, type LeftKey } from '../etcd/keyFiles/importWriter.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { ImportedKeyNode, MoreImportedNode } from '../tree/importPreview.ts';
import { cancellableTask } from '../ui/cancellableTask.ts';
import { confirm, confirmByTyping } from '../ui/confirm.ts';
import type { CommandContext } from './commandContext.ts';
import { choiceOf, importRecord, positionOf, writeSeen } from './importRecord.ts';
import { forgetWork } from './forgetWork.ts';
import { cancelled, writableStore } from './targets.ts';
import { MOST_UNDO_BYTES, type UndoEntry } from './undoLog.ts';

const KEYS_NAMED = 5;

/** Writes the chosen keys of the import that is previewed, or goes on with one that has stopped. */
export async function applyImport(context: CommandContext): Promise<void> {
  const session = requireSession(context);
  const store = await writableStore(session.connection);
  if (!session.writer) {
    if (session.chosenKeys === 0) return void window.showInformationMessage(l10n.t('No key is chosen.'));
    const cluster = await store.clusterId?.();
    const leases = await pickLeases(session);
    await ask(session);
    session.writer = new ImportWriter(store, session.plan, choiceOf(session, leases));
    await writeSeen(context, session);
    await context.interrupted.begin(importRecord(session, leases, cluster));
  }
  await runImport(context, session, session.writer);
}

/** Writes what a session's writer has left to write. */
export async function runImport(context: CommandContext, session: ImportSession, writer: ImportWriter): Promise<void> {
  const { interrupted } = context;
  try {
    const title = l10n.t('Importing {0} into {1}', session.source, session.connection.name);
    interrupted.goOn(session.id);
    await cancellableTask(title, ({ signal, keys }) =>
      writer.run(signal, (done) => {
        keys(done, session.chosenKeys);
        interrupted.advance(session.id, positionOf(writer));
      }),
    );
    await forgetWork(context, session.id);
  } catch (error) {
    await interrupted.stop(session.id, positionOf(writer));
    context.importPreview.refresh();
    throw stopped(session, writer, error);
  } finally {
    context.documents.refresh();
    context.showChanges(session.connection);
  }
  const entry = context.undoLog.add(
    session.connection,
    l10n.t('Import of {0} into {1}', session.source, session.connection.name),
    writer.undo ?? [],
  );
  await context.importPreview.end();
  // Not awaited: the message may stay for long, and the command has ended.
  void say(session, writer, entry);
}

/** Ends the preview; what is written by then stays. */
export async function discardImport(context: CommandContext): Promise<void> {
  const { session } = context.importPreview;
  if (session) await forgetWork(context, session.id);
  await context.importPreview.end();
}

/** Shows a key of the preview as it is now beside what the file has. */
export async function compareImportedKey(context: CommandContext, argument: unknown): Promise<void> {
  if (argument instanceof ImportedKeyNode) await compareImported(requireSession(context), argument.index);
}

export function moreImported(context: CommandContext, argument: unknown): void {
  if (argument instanceof MoreImportedNode) context.importPreview.showMore(argument);
}

function requireSession({ importPreview }: CommandContext): ImportSession {
  if (importPreview.session) return importPreview.session;
  throw new EtcdError('notFound', l10n.t('No import is being previewed. Run "etcd: Import…" first.'));
}

interface LeaseItem extends QuickPickItem {
  readonly leases: ImportChoice['leases'];
}

async function pickLeases({ plan, source }: ImportSession): Promise<ImportChoice['leases']> {
  if (plan.leased === 0) return 'stay';
  const items: LeaseItem[] = [
    {
      label: l10n.t('Leave leases as they are'),
      description: l10n.t('existing keys keep theirs, new keys live for good'),
      leases: 'stay',
    },
    {
      label: l10n.t('Take leases from the file'),
      description: l10n.t('the same lease where it still lives, else a new one with the time that was left'),
      leases: 'asInFile',
    },
  ];
  const chosen = await window.showQuickPick(items, {
    title: l10n.t('Import {0}', source),
    placeHolder: l10n.t('{0} keys of the file have a lease or a time to live', plan.leased.toLocaleString()),
  });
  if (!chosen) throw cancelled();
  return chosen.leases;
}

/** @throws EtcdError `cancelled` */
async function ask(session: ImportSession): Promise<void> {
  const { connection, source, plan } = session;
  const count = session.chosenKeys;
  const message =
    count === 1
      ? l10n.t('Import 1 key from {0} into {1}?', source, connection.name)
      : l10n.t('Import {0} keys from {1} into {2}?', count.toLocaleString(), source, connection.name);
  const overwritten = session.chosen('changed') + session.chosen('conflicting');
  const detail = [
    l10n.t('New keys: {0}. Overwritten: {1}.', (count - overwritten).toLocaleString(), overwritten.toLocaleString()),
  ];
  if (session.chosen('conflicting') > 0)
    detail.push(
      l10n.t('Of these, written by others since the export: {0}.', session.chosen('conflicting').toLocaleString()),
    );
  detail.push(l10n.t('A key that is changed meanwhile is left alone.'));
  detail.push(
    plan.undoBytes + count * BYTES_OF_A_CHANGE <= MOST_UNDO_BYTES
      ? l10n.t('This can be undone until VS Code closes (etcd: Undo…).')
      : l10n.t('This is too much to be undone: export what is there first if you may want it back.'),
  );
  const text = detail.join(' ');
  const confirmed = connection.isProduction
    ? await confirmByTyping(message, text, plan.prefix.length > 0 ? keyText(plan.prefix) : connection.name)
    : await confirm(message, text, l10n.t('Import'));
  if (!confirmed) throw cancelled();
}

function stopped({ chosenKeys }: ImportSession, { written }: ImportWriter, error: unknown): unknown {
  if (!EtcdError.is(error)) return error;
  const done = l10n.t(
    '{0} of {1} keys are imported, the others are as they were.',
    written.toLocaleString(),
    chosenKeys.toLocaleString(),
  );
  const message =
    error.kind === 'cancelled'
      ? l10n.t('The import was stopped: {0} Retry goes on with the rest.', done)
      : l10n.t('The import stopped: {0} {1} Retry goes on with the rest.', error.message, done);
  return new EtcdError(error.kind === 'cancelled' ? 'unexpected' : error.kind, message, { cause: error });
}

async function say(session: ImportSession, writer: ImportWriter, entry: UndoEntry | undefined): Promise<void> {
  const { written, leftCount, left, withoutLease } = writer;
  const { name } = session.connection;
  const sentences = [
    written === 1
      ? l10n.t('1 key was imported into {0}.', name)
      : l10n.t('{0} keys were imported into {1}.', written.toLocaleString(), name),
  ];
  if (leftCount.changed > 0)
    sentences.push(
      l10n.t('Left alone, since others changed them meanwhile: {0}.', named(left, 'changed', leftCount.changed)),
    );
  if (leftCount.refused > 0) {
    const reason = left.find(({ why }) => why === 'refused')?.reason ?? '';
    sentences.push(l10n.t('Not taken by etcd: {0}. {1}', named(left, 'refused', leftCount.refused), reason));
  }
  if (withoutLease > 0) sentences.push(l10n.t('The leases of {0} have ended: they live for good now.', withoutLease));
  const undo = l10n.t('Undo');
  const show = sentences.length > 1 ? window.showWarningMessage : window.showInformationMessage;
  const chosen = await show(sentences.join(' '), ...(entry ? [undo] : []));
  if (chosen === undo) await commands.executeCommand('etcd.undo', entry);
}

function named(left: readonly LeftKey[], why: LeftKey['why'], count: number): string {
  const keys = left.filter((each) => each.why === why).slice(0, KEYS_NAMED);
  const more = count > keys.length ? l10n.t(' and {0} more', (count - keys.length).toLocaleString()) : '';
  return keys.map(({ key }) => keyText(key)).join(', ') + more;
}
