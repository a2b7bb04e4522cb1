import { TabInputText, window, workspace, type Memento, type Tab, type Uri } from 'vscode';
import { DisposableOwner } from '../ui/disposable.ts';
import { KEY_SCHEME } from './keyUri.ts';
import { openDocument } from './openDocuments.ts';

const STORED = 'etcd.drafts';

/**
 * Keys that exist so far only as documents. They are remembered with the workspace, as VS Code remembers unsaved text: a
 * draft that comes back after a restart is still one.
 */
export class Drafts extends DisposableOwner {
  readonly #memento: Memento;
  readonly #uris: Set<string>;

  constructor(memento: Memento) {
    super();
    this.#memento = memento;
    this.#uris = new Set(memento.get<readonly string[]>(STORED, []));
    this.own(workspace.onDidCloseTextDocument(({ uri }) => this.#endIfUnseen(uri)));
    this.own(
      window.tabGroups.onDidChangeTabs(({ closed }) => {
        for (const uri of closed.flatMap(uriOf)) this.#endIfUnseen(uri);
      }),
    );
  }

  begin(uri: Uri): void {
    this.#uris.add(uri.toString());
    this.#store();
  }

  has(uri: Uri): boolean {
    return this.#uris.has(uri.toString());
  }

  end(uri: Uri): void {
    if (this.#uris.delete(uri.toString())) this.#store();
  }

  /** A document that changes its language closes and opens; a tab that moves does too; neither ends a draft. */
  #endIfUnseen(uri: Uri): void {
    if (uri.scheme !== KEY_SCHEME || !this.has(uri)) return;
    const name = uri.toString();
    const shown = window.tabGroups.all.flatMap(({ tabs }) => tabs.flatMap(uriOf));
    if (!openDocument(uri) && !shown.some((each) => each.toString() === name)) this.end(uri);
  }

  #store(): void {
    void this.#memento.update(STORED, [...this.#uris]);
  }
}

function uriOf({ input }: Tab): Uri[] {
  return input instanceof TabInputText ? [input.uri] : [];
}
