import { languages, workspace, type TextDocument } from 'vscode';
import { DisposableOwner } from '../ui/disposable.ts';
import { KEY_SCHEME } from './keyUri.ts';
import { REVISION_SCHEME } from './revisionUri.ts';
import { suggestLanguage } from './language.ts';

/** Gives documents for whose names VS Code knows no language the one that their text shows; once each, so that the user's own choice stays. */
export class DocumentLanguage extends DisposableOwner {
  readonly #done = new WeakSet<TextDocument>();

  constructor() {
    super();
    this.own(workspace.onDidOpenTextDocument((document) => void this.#apply(document)));
    // A draft has no text before.
    this.own(workspace.onDidSaveTextDocument((document) => void this.#apply(document)));
    for (const document of workspace.textDocuments) void this.#apply(document);
  }

  async #apply(document: TextDocument): Promise<void> {
    const { scheme } = document.uri;
    if (scheme !== KEY_SCHEME && scheme !== REVISION_SCHEME) return;
    if (this.#done.has(document) || document.getText() === '') return;
    this.#done.add(document);
    if (document.languageId !== 'plaintext') return;
    const language = suggestLanguage(document.uri.path, document.getText(), await languages.getLanguages());
    if (language !== undefined && !document.isClosed) await languages.setTextDocumentLanguage(document, language);
  }
}
