import { commands, l10n, window, workspace, type Disposable, type Uri } from 'vscode';
import type { MovedOn } from '../documents/keyFileSystem.ts';
import type { MergeLeft } from '../documents/merger.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { CommandContext } from './commandContext.ts';
import { knownPath } from './targets.ts';

/** Offers to merge where VS Code has just refused a save; once for each version that it meets. */
export function offerMerges({ documents, connections }: CommandContext): Disposable {
  const offered = new Map<string, bigint>();
  async function offer(uri: Uri, sentence: string): Promise<void> {
    const [mergeButton, revertButton] = [l10n.t('Merge'), l10n.t('Revert')];
    const chosen = await window.showInformationMessage(sentence, mergeButton, revertButton);
    if (chosen === mergeButton) await commands.executeCommand('etcd.merge', uri);
    if (chosen === revertButton) await commands.executeCommand('etcd.revert', uri);
  }
  async function noteRefused({ uri, modRevision, bySave }: MovedOn): Promise<void> {
    if (!bySave || modRevision === undefined || offered.get(uri.toString()) === modRevision) return;
    offered.set(uri.toString(), modRevision);
    const target = knownPath({ connections }, uri);
    if (target) await offer(uri, l10n.t('{0} has changed in etcd since you began.', keyText(target.path)));
  }
  const refused = documents.onDidMoveOn((event) => void noteRefused(event));
  const left = documents.merger.onDidLeave(({ uri, why }) => void offer(uri, leftSentence(why)));
  const closed = workspace.onDidCloseTextDocument(({ uri }) => offered.delete(uri.toString()));
  return { dispose: () => [refused, left, closed].forEach((each) => each.dispose()) };
}

function leftSentence(why: MergeLeft['why']): string {
  return why === 'conflict'
    ? l10n.t('The key changed again while you merged. Nothing was written: the merged text is in its editor, unsaved.')
    : l10n.t('The merge was written. You have edited the text meanwhile: that is in its editor, unsaved.');
}
