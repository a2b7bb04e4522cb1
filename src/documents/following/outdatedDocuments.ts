import { commands, workspace, type TextDocument, type Uri } from 'vscode';
import { DisposableOwner } from '../../ui/disposableOwner.ts';

/** Context key with the addresses for which menus offer Merge and Revert. */
const CONTEXT = 'etcd.outdated';

/** The documents with unsaved text whose keys have a newer version in etcd. */
export class OutdatedDocuments extends DisposableOwner {
  readonly #names = new Set<string>();

  constructor() {
    super();
    this.own(workspace.onDidChangeTextDocument(({ document }) => this.#look(document)));
    this.own(workspace.onDidCloseTextDocument((document) => this.#look(document)));
  }

  add(uri: Uri): void {
    if (this.#names.has(uri.toString())) return;
    this.#names.add(uri.toString());
    this.#tell();
  }

  #look({ uri, isDirty, isClosed }: TextDocument): void {
    if ((!isDirty || isClosed) && this.#names.delete(uri.toString())) this.#tell();
  }

  #tell(): void {
    void commands.executeCommand('setContext', CONTEXT, [...this.#names]);
  }
}
