import { commands, l10n, workspace, type Disposable, type Uri } from 'vscode';
import { keyAddress } from '../../documents/addresses/keyUri.ts';
import type { MovedOn } from '../../documents/keyFile/documentEvents.ts';
import type { MergeLeft } from '../../documents/merging/merger.ts';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { window } from '../../ui/text/window.ts';

/** Offers a merge after VS Code refused a save, once for each newer version. */
export function offerMerges({ documents }: Pick<CommandContext, 'documents'>): Disposable {
  const offered = new BoundedMap<string, bigint>({ entries: 500 });
  async function offer(uri: Uri, sentence: string): Promise<void> {
    const [mergeButton, revertButton] = [l10n.t('Merge'), l10n.t('Revert')];
    const chosen = await window.showInformationMessage(sentence, mergeButton, revertButton);
    if (chosen === mergeButton) await commands.executeCommand('etcd.merge', uri);
    if (chosen === revertButton) await commands.executeCommand('etcd.revert', uri);
  }
  async function noteRefused({ uri, modRevision, bySave }: MovedOn): Promise<void> {
    if (!bySave || modRevision === undefined || offered.get(uri.toString()) === modRevision) return;
    offered.set(uri.toString(), modRevision);
    const address = keyAddress(uri);
    if (address) await offer(uri, l10n.t('{0} has changed in etcd since you opened it.', keyText(address.key)));
  }
  const refused = documents.onDidMoveOn((event) => void noteRefused(event));
  const left = documents.merger.onDidLeave(({ uri, why }) => void offer(uri, leftSentence(why)));
  const closed = workspace.onDidCloseTextDocument(({ uri }) => offered.delete(uri.toString()));
  return { dispose: () => [refused, left, closed].forEach((each) => each.dispose()) };
}

function leftSentence(why: MergeLeft['why']): string {
  return why === 'conflict'
    ? l10n.t('The key changed again while you merged. Nothing was written: the merged text is in its editor, unsaved.')
    : l10n.t('The merge was saved. Text that you typed in the meantime is still unsaved in its editor.');
}
