import { workspace, type Memento, type Uri } from 'vscode';
import { BoundedMap } from '../etcd/boundedMap.ts';
import { DisposableOwner } from '../ui/disposableOwner.ts';

// See docs/contributing/decisions/language-models.md

const STORED = 'etcd.proposed';
const MAX_PROPOSALS = 100;

/**
 * Documents with unsaved text that a language model proposed. They are stored with the workspace, as VS Code stores
 * unsaved text.
 */
export class ProposedTexts extends DisposableOwner {
  readonly #memento: Memento;
  readonly #uris = new BoundedMap<string, true>({ entries: MAX_PROPOSALS });

  constructor(memento: Memento) {
    super();
    this.#memento = memento;
    for (const uri of memento.get<readonly string[]>(STORED, [])) this.#uris.set(uri, true);
    this.own(
      // A change without text is that of the state: saved, reverted, or closed without saving.
      workspace.onDidChangeTextDocument(({ document: { uri, isDirty }, contentChanges }) => {
        if (!isDirty && contentChanges.length === 0 && this.#uris.delete(uri.toString())) this.#store();
      }),
    );
  }

  begin(uri: Uri): void {
    this.#uris.set(uri.toString(), true);
    this.#store();
  }

  has(uri: Uri): boolean {
    return this.#uris.has(uri.toString());
  }

  #store(): void {
    void this.#memento.update(STORED, [...this.#uris.keys()]);
  }
}
