import assert from 'node:assert/strict';
import { Range, WorkspaceEdit, workspace, type TextDocument } from 'vscode';

/** Replaces all text of a document, as a user who types does. */
export async function replaceText(document: TextDocument, text: string): Promise<void> {
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, new Range(0, 0, document.lineCount, 0), text);
  assert.ok(await workspace.applyEdit(edit));
  assert.ok(document.isDirty);
}
