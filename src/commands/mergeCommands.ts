import { commands, l10n, Uri, window, workspace } from 'vscode';
import { KEY_SCHEME, keyUriParts } from '../documents/keyUri.ts';
import type { MergeStart } from '../documents/merger.ts';
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
