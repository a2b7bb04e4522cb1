import { commands, l10n, type QuickPickItem } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import { compareImported } from '../../documents/import/importedValues.ts';
import type { ImportSession } from '../../documents/import/importSession.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { BYTES_OF_A_CHANGE, ImportWriter, type ImportChoice, type LeftKey } from '../../etcd/keyFiles/importWriter.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { ImportedKeyNode, MoreImportedNode } from '../../views/import/importPreview.ts';
import { cancellableTask } from '../../ui/cancellableTask.ts';
import { confirm, confirmByTyping, type Confirmation } from '../../ui/confirm.ts';
import { afterwards } from '../../ui/showing.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { choiceOf, importRecord, positionOf, restoredImport, writeSeen } from './importRecord.ts';
import type { ImportRecord } from '../context/interruptedWork.ts';
import { forgetWork } from '../context/forgetWork.ts';
import { writableStore } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { MAX_UNDO_BYTES, type UndoEntry } from '../context/undoLog.ts';
import { window } from '../../ui/text/window.ts';

const KEYS_NAMED = 5;

/** Writes the chosen keys of the import in the preview, or continues one that has stopped. */
export async function applyImport(context: CommandContext): Promise<void> {
  const session = requireSession(context);
  const reading = await writableStore(session.connection);
  if (session.writer) return await goOn(context, session, session.writer);
  if (session.chosenKeys === 0) return void window.showInformationMessage(l10n.t('No key is chosen.'));
  // Read before the question, because after the answer nothing may prevent the import from being recorded.
  const cluster = await reading.clusterId?.();
  const leases = await pickLeases(session);
  const store = await session.connection.writingStore(await ask(session));
  const writer = new ImportWriter(store, session.plan, choiceOf(session, leases));
  session.begin(writer, store);
  await writeSeen(context, session);
  await context.interrupted.begin(importRecord(session, leases, cluster));
  await runImport(context, session, writer);
}

/**
 * Continues an import that stopped in this window, or restores it from its record if the connection was opened again
 * since.
 */
async function goOn(context: CommandContext, session: ImportSession, writer: ImportWriter): Promise<void> {
  const record = context.interrupted.list.find(({ id }) => id === session.id);
  if (session.canGoOn || record?.kind !== 'import') return await runImport(context, session, writer);
  await restoreAndRun(context, record);
}

/** Continues an import from its record. @throws EtcdError if its file or its cluster has changed */
export async function restoreAndRun(context: CommandContext, record: ImportRecord): Promise<void> {
  const { session, writer } = await restoredImport(context, record);
  await context.importPreview.show(session);
  await runImport(context, session, writer);
}

/** Writes the rest of a session's import. */
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
  await afterwards(context.log, () => forgetWork(context, session.id));
  await afterwards(context.log, () => context.importPreview.end());
  // Not awaited: the message may stay for long, and the command has ended.
  void say(context, session, writer, entry);
}

/** Ends the preview; what was written so far stays. */
export async function discardImport(context: CommandContext): Promise<void> {
  const { session } = context.importPreview;
  if (session) await forgetWork(context, session.id);
  await context.importPreview.end();
}

/** Compares the present value of a key in the preview with the file's. */
export async function compareImportedKey(context: CommandContext, argument: unknown): Promise<void> {
  if (argument instanceof ImportedKeyNode) await compareImported(requireSession(context), argument.index);
}

export function moreImported(context: CommandContext, argument: unknown): void {
  if (argument instanceof MoreImportedNode) context.importPreview.showMore(argument);
}

function requireSession({ importPreview: { session }, connections }: CommandContext): ImportSession {
  if (session) {
    // Uses the present settings, because they may have changed since.
    session.connection = connections.current(session.connection);
    return session;
  }
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
      description: l10n.t('existing keys keep theirs, new keys do not expire'),
      leases: 'stay',
    },
    {
      label: l10n.t('Take leases from the file'),
      description: plan.isOfCluster
        ? l10n.t('the same lease if it still exists, otherwise a new one with the time that was left')
        : l10n.t('new leases with the time that was left, because the file comes from another cluster'),
      leases: 'asInFile',
    },
  ];
  const chosen = await window.showQuickPick(items, {
    title: l10n.t('Import {0}', source),
    placeHolder: l10n.t('With a lease or a time to live in the file: {0}', keysText(plan.leased)),
  });
  if (!chosen) throw cancelled();
  return chosen.leases;
}

/** Asks before the import. @throws EtcdError `cancelled` */
async function ask(session: ImportSession): Promise<Confirmation> {
  const { connection, source, plan } = session;
  const count = session.chosenKeys;
  const message = l10n.t('Import {0} from {1} into {2}?', keysText(count), source, connection.name);
  const overwritten = session.chosen('changed') + session.chosen('conflicting');
  const detail = [
    l10n.t('New keys: {0}. Overwritten: {1}.', (count - overwritten).toLocaleString(), overwritten.toLocaleString()),
  ];
  if (session.chosen('conflicting') > 0)
    detail.push(
      l10n.t('Of these, written by others since the export: {0}.', session.chosen('conflicting').toLocaleString()),
    );
  detail.push(l10n.t('Keys that others change in the meantime are skipped.'));
  detail.push(
    plan.undoBytes + count * BYTES_OF_A_CHANGE <= MAX_UNDO_BYTES
      ? l10n.t('This can be undone until VS Code closes (etcd: Undo…).')
      : l10n.t('This is too large to undo: export the current keys first if you may want them back.'),
  );
  const text = detail.join(' ');
  const confirmed = connection.isProduction
    ? await confirmByTyping(message, text, plan.prefix.length > 0 ? keyText(plan.prefix) : connection.name)
    : await confirm(message, text, l10n.t('Import'));
  if (!confirmed) throw cancelled();
  return confirmed;
}

function stopped({ chosenKeys }: ImportSession, { written }: ImportWriter, error: unknown): unknown {
  if (!EtcdError.is(error)) return error;
  const done = l10n.t('{0} of {1} imported; the rest is unchanged.', written.toLocaleString(), keysText(chosenKeys));
  const message =
    error.kind === 'cancelled'
      ? l10n.t('The import was stopped: {0} Retry imports the rest.', done)
      : l10n.t('The import stopped: {0} {1} Retry imports the rest.', error.message, done);
  return new EtcdError(error.kind === 'cancelled' ? 'unexpected' : error.kind, message, { cause: error });
}

async function say(
  { log }: CommandContext,
  session: ImportSession,
  writer: ImportWriter,
  entry: UndoEntry | undefined,
): Promise<void> {
  const { written, leftCount, left, withoutLease } = writer;
  const { name } = session.connection;
  const sentences = [
    written === 1
      ? l10n.t('1 key was imported into {0}.', name)
      : l10n.t('{0} keys were imported into {1}.', written.toLocaleString(), name),
  ];
  if (leftCount.changed > 0)
    sentences.push(l10n.t('Skipped because others changed them: {0}.', named(left, 'changed', leftCount.changed)));
  if (leftCount.refused > 0) {
    const reason = left.find(({ why }) => why === 'refused')?.reason ?? '';
    sentences.push(l10n.t('Refused by etcd: {0}. {1}', named(left, 'refused', leftCount.refused), reason));
  }
  if (withoutLease > 0)
    sentences.push(l10n.t('The leases of {0} have ended: these keys no longer expire.', withoutLease));
  const undo = l10n.t('Undo');
  const show = sentences.length > 1 ? window.showWarningMessage : window.showInformationMessage;
  log.done('imported', written, leftCount.changed + leftCount.refused);
  const chosen = await show(sentences.join(' '), ...(entry ? [undo] : []));
  if (chosen === undo) await commands.executeCommand('etcd.undo', entry);
}

function named(left: readonly LeftKey[], why: LeftKey['why'], count: number): string {
  const keys = left.filter((each) => each.why === why).slice(0, KEYS_NAMED);
  const more = count > keys.length ? l10n.t(' and {0} more', (count - keys.length).toLocaleString()) : '';
  return keys.map(({ key }) => keyText(key)).join(', ') + more;
}
