import { commands, l10n, Uri, window, workspace, type Disposable } from 'vscode';
import type { MovedOn } from '../documents/keyFileSystem.ts';
import { KEY_SCHEME, keyUriParts } from '../documents/keyUri.ts';
import type { MergeLeft, MergeStart } from '../documents/merger.ts';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { CommandContext } from './commandContext.ts';
import { knownPath, type PathTarget } from './targets.ts';

/** Merges the unsaved text of a document with what others have made of its key meanwhile. */
export async function merge(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, path } = unsavedTarget(context, argument);
  await connection.store('interactive');
  const start = await context.documents.merger.begin({ connectionId: connection.id, key: path });
  const text = told(start, keyText(path));
  if (text !== undefined) void window.showInformationMessage(text);
}

/** Writes the result of the merge in the active editor, and closes that. */
export async function completeMerge(): Promise<void> {
  await commands.executeCommand('mergeEditor.acceptMerge');
}

/** Gives up the unsaved text of a document for what etcd has; Undo in the editor brings it back. */
export async function revert(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, path } = unsavedTarget(context, argument);
  const uri = Uri.from(keyUriParts({ connectionId: connection.id, key: path }));
  const document = await workspace.openTextDocument(uri);
  const editor = await window.showTextDocument(document, { preview: false });
  if (window.activeTextEditor === editor) await commands.executeCommand('workbench.action.files.revert');
}

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

/** @throws EtcdError where no key's document is meant */
function unsavedTarget(context: CommandContext, argument: unknown): PathTarget {
  const uri = argument instanceof Uri ? argument : window.activeTextEditor?.document.uri;
  const target = uri?.scheme === KEY_SCHEME ? knownPath(context, uri) : undefined;
  if (target) return target;
  throw new EtcdError('notFound', l10n.t('Open the key whose unsaved text is meant, and run this again there.'));
}

function told(start: MergeStart, key: string): string | undefined {
  switch (start) {
    case 'merging':
      return undefined;
    case 'comparing':
      return l10n.t(
        'What {0} was when you began is not known any more. Take over in the right side what you want of the left, then save.',
        key,
      );
    case 'nothingUnsaved':
      return l10n.t('{0} has no unsaved text: its editor shows what etcd has.', key);
    case 'nothingNew':
      return l10n.t('There is nothing to merge: {0} is in etcd as it was when you began.', key);
  }
}
