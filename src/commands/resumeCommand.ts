import { l10n, ThemeIcon, type QuickInputButton, type QuickPickItem } from 'vscode';
import { pickAnswer } from '../ui/pickAnswer.ts';
import { restoreAndRun, runImport } from './keyFiles/applyImportCommand.ts';
import type { CommandContext } from './context/commandContext.ts';
import { forgetWork } from './context/forgetWork.ts';
import { progressOf } from './interruptedOffers.ts';
import type { InterruptedWork, WorkRecord } from './context/interruptedWork.ts';
import { restoredTransfer } from './transfer/transferRecord.ts';
import { TransferRun } from './transfer/transferRun.ts';
import { window } from '../ui/text/window.ts';

const FORGET: QuickInputButton = {
  iconPath: new ThemeIcon('trash'),
  tooltip: l10n.t('Forget it and leave everything as it is'),
};

/** Resumes a move, copy or import that stopped half-way, in this window or an earlier one. */
export async function resumeWork(context: CommandContext, argument: unknown): Promise<void> {
  const wanted = argument instanceof TransferRun ? argument.id : argument;
  const given = context.interrupted.list.find(({ id }) => id === wanted);
  if (given) return await resume(context, given);
  if (context.interrupted.list.length === 0)
    return void window.showInformationMessage(l10n.t('No move, copy or import was interrupted.'));
  const chosen = await pickWork(context);
  if (chosen) await resume(context, chosen);
}

async function resume(context: CommandContext, record: WorkRecord): Promise<void> {
  const { interrupted } = context;
  // Without this, opening the connection would offer the same work.
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
    if (shown?.id === record.id && shown.writer && shown.canGoOn) return await runImport(context, shown, shown.writer);
    return await restoreAndRun(context, record);
  }
  const stopped = [...context.stoppedTransfers].find(({ id }) => id === record.id);
  if (stopped?.canGoOn) return await stopped.run(context);
  if (stopped) context.stoppedTransfers.delete(stopped);
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
  pick.placeholder = l10n.t('Choose what to resume');
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
    detail: l10n.t('started {0}', new Date(record.time).toLocaleString()),
    buttons: [FORGET],
    record,
  }));
}
