import { workspace, type TextDocument } from 'vscode';
import { DisposableOwner } from '../../ui/disposableOwner.ts';

/** Shows all documents of this extension as UTF-8, whatever `files.encoding` says of files. */
export class Utf8Documents extends DisposableOwner {
  constructor() {
    super();
    this.own(workspace.onDidOpenTextDocument((document) => void openAsUtf8(document)));
    for (const document of workspace.textDocuments) void openAsUtf8(document);
  }
}

/** Whether VS Code's name of an encoding is UTF-8, with a byte order mark or without. */
export function isUtf8(encoding: string): boolean {
  return encoding === 'utf8' || encoding === 'utf8bom';
}

async function openAsUtf8({ uri, encoding, isDirty }: TextDocument): Promise<void> {
  if (!uri.scheme.startsWith('etcd') || isUtf8(encoding) || isDirty) return;
  // A document that cannot be read shows the reason itself.
  await workspace.openTextDocument(uri, { encoding: 'utf8' }).then(undefined, () => undefined);
}
