import { commands, l10n, Uri, workspace } from 'vscode';
import { editedForm, formUriParts, type EditedForm } from '../../documents/addresses/keyUri.ts';
import type { MergeStart } from '../../documents/merging/merger.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { CommandContext } from '../context/commandContext.ts';
import type { PathTarget } from '../context/pathTarget.ts';
import { knownPath } from '../context/targets.ts';
import { window } from '../../ui/text/window.ts';

/** Merges the unsaved text of a document with other people's changes to its key. */
export async function merge(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, path, form } = unsavedTarget(context, argument);
  await connection.store('interactive');
  const start = await context.documents.merger.begin({ connectionId: connection.id, key: path, form });
  const text = messageOf(start, keyText(path));
  if (text !== undefined) void window.showInformationMessage(text);
}

/** Writes the result of the merge in the active editor, and closes that editor. */
export async function completeMerge(): Promise<void> {
  await commands.executeCommand('mergeEditor.acceptMerge');
}

/** Replaces the unsaved text of a document by the value in etcd; Undo in the editor restores it. */
export async function revert(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, path, form } = unsavedTarget(context, argument);
  const uri = Uri.from(formUriParts({ connectionId: connection.id, key: path }, form));
  const document = await workspace.openTextDocument(uri);
  const editor = await window.showTextDocument(document, { preview: false });
  if (window.activeTextEditor === editor) await commands.executeCommand('workbench.action.files.revert');
}

/** Finds the document to merge. @throws EtcdError if there is no document of a key */
function unsavedTarget(context: CommandContext, argument: unknown): PathTarget & { readonly form: EditedForm } {
  const uri = argument instanceof Uri ? argument : window.activeTextEditor?.document.uri;
  const form = uri && editedForm(uri.scheme);
  const target = form && knownPath(context, uri);
  if (target) return { ...target, form };
  throw new EtcdError('notFound', l10n.t('Open the key with the unsaved text, and run this command there.'));
}

function messageOf(start: MergeStart, key: string): string | undefined {
  switch (start) {
    case 'merging':
      return undefined;
    case 'comparing':
      return l10n.t(
        'The version of {0} that you started from is no longer known. Copy what you want from the left side to the right, then save.',
        key,
      );
    case 'nothingUnsaved':
      return l10n.t('{0} has no unsaved text: its editor shows what etcd has.', key);
    case 'nothingNew':
      return l10n.t('There is nothing to merge: {0} has not changed in etcd since you opened it.', key);
  }
}
