import { commands, l10n, type Disposable } from 'vscode';
import { keysText } from '../etcd/countText.ts';
import type { CommandContext } from './context/commandContext.ts';
import { forgetWork } from './context/forgetWork.ts';
import type { WorkRecord } from './context/interruptedWork.ts';
import { window } from '../ui/text/window.ts';

/** Offers work that an earlier window left unfinished, once for each, when its connection is opened. */
export function offerInterruptedWork(context: CommandContext): Disposable {
  // Work that stops in this window has its own message.
  const open = new Map(context.interrupted.list.map((record) => [record.id, record]));
  return context.connections.onDidChange((connection) => {
    if (connection?.state.kind !== 'connected') return;
    for (const record of open.values()) {
      if (!connectionIds(record).includes(connection.id)) continue;
      open.delete(record.id);
      if (context.interrupted.list.some(({ id }) => id === record.id)) void offer(context, record);
    }
  });
}

async function offer(context: CommandContext, record: WorkRecord): Promise<void> {
  const [resumeButton, forget] = [l10n.t('Resume'), l10n.t('Forget')];
  const sentence = l10n.t('Interrupted after {0}: {1}.', progressOf(record), record.label);
  const chosen = await window.showWarningMessage(sentence, resumeButton, forget);
  if (chosen === resumeButton) await commands.executeCommand('etcd.resumeWork', record.id);
  if (chosen === forget) await forgetWork(context, record.id);
}

/** Describes the progress of interrupted work. */
export function progressOf({ done, total }: WorkRecord): string {
  return l10n.t('{0} of {1}', Math.min(done, total).toLocaleString(), keysText(total));
}

function connectionIds(record: WorkRecord): string[] {
  return record.kind === 'import' ? [record.connection.id] : [record.source.id, record.target.id];
}
