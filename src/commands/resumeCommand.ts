import { l10n, ThemeIcon, window, type QuickInputButton, type QuickPickItem } from 'vscode';
import { pickAnswer } from '../ui/pickAnswer.ts';
import { runImport } from './applyImportCommand.ts';
import type { CommandContext } from './commandContext.ts';
import { forgetWork } from './forgetWork.ts';
import { restoredImport } from './importRecord.ts';
import { progressOf } from './interruptedOffers.ts';
import type { InterruptedWork, WorkRecord } from './interruptedWork.ts';
import { restoredTransfer } from './transferRecord.ts';
import { TransferRun } from './transferRun.ts';

const FORGET: QuickInputButton = {
  iconPath: new ThemeIcon('trash'),
  tooltip: l10n.t('Leave it as it is, and forget it'),
};

/** Goes on with a move, copy or import that stopped half-way, in this window or an earlier one. */
export async function resumeWork(context: CommandContext, argument: unknown): Promise<void> {
  if (argument instanceof TransferRun) return await argument.run(context);
  const given = context.interrupted.list.find(({ id }) => id === argument);
  if (given) return await resume(context, given);
  if (context.interrupted.list.length === 0)
    return void window.showInformationMessage(l10n.t('No move, copy or import was interrupted.'));
  const chosen = await pickWork(context);
  if (chosen) await resume(context, chosen);
}

async function resume(context: CommandContext, record: WorkRecord): Promise<void> {
  const { interrupted } = context;
  // Opening its connection does not offer it then.
  interrupted.goOn(record.id);
  try {
    await goOn(context, record);
  } finally {
    interrupted.leave(record.id);
  }
}

async function goOn(context: CommandContext, record: WorkRecord): Promise<void> {
  if (record.kind === 'import') {
    const { session: shown } = context.importPreview;
    if (shown?.id === record.id && shown.writer) return await runImport(context, shown, shown.writer);
    const { session, writer } = await restoredImport(context, record);
    await context.importPreview.show(session);
    return await runImport(context, session, writer);
  }
  const stopped = [...context.stoppedTransfers].find(({ id }) => id === record.id);
  if (stopped) return await stopped.run(context);
  const { task, from } = await restoredTransfer(context, record);
  await new TransferRun(task, { record, from }).run(context);
}

interface WorkItem extends QuickPickItem {
  readonly record: WorkRecord;
}

async function pickWork(context: CommandContext): Promise<WorkRecord | undefined> {
  const { interrupted } = context;
  const pick = window.createQuickPick<WorkItem>();
  const answer = Promise.withResolvers<WorkRecord | undefined>();
  pick.title = l10n.t('Resume Interrupted Work');
  pick.placeholder = l10n.t('Choose what is to go on from where it stopped');
  pick.items = itemsOf(interrupted);
  pick.onDidAccept(() => answer.resolve(pick.selectedItems[0]?.record));
  pick.onDidTriggerItemButton(({ item: { record } }) => {
    forgetWork(context, record.id).then(() => {
      pick.items = itemsOf(interrupted);
      if (pick.items.length === 0) answer.resolve(undefined);
    }, answer.reject);
  });
  return await pickAnswer(pick, answer);
}

function itemsOf({ list }: InterruptedWork): WorkItem[] {
  return list.map((record) => ({
    label: record.label,
    description: progressOf(record),
    detail: l10n.t('begun {0}', new Date(record.time).toLocaleString()),
    buttons: [FORGET],
    record,
  }));
}
