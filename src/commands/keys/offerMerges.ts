import { commands, l10n, type Disposable, type Uri } from 'vscode';
import type { MergeLeft } from '../../documents/merging/merger.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { window } from '../../ui/text/window.ts';

/** Offers another merge where one has left something to do. */
export function offerMerges({ documents }: Pick<CommandContext, 'documents'>): Disposable {
  async function offer(uri: Uri, sentence: string): Promise<void> {
    const [mergeButton, revertButton] = [l10n.t('Merge'), l10n.t('Revert')];
    const chosen = await window.showInformationMessage(sentence, mergeButton, revertButton);
    if (chosen === mergeButton) await commands.executeCommand('etcd.merge', uri);
    if (chosen === revertButton) await commands.executeCommand('etcd.revert', uri);
  }
  return documents.merger.onDidLeave(({ uri, why }) => void offer(uri, leftSentence(why)));
}

function leftSentence(why: MergeLeft['why']): string {
  return why === 'conflict'
    ? l10n.t('The key changed again while you merged. Nothing was written: the merged text is in its editor, unsaved.')
    : l10n.t('The merge was saved. Text that you typed in the meantime is still unsaved in its editor.');
}
