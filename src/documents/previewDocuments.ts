import { EventEmitter, languages, l10n, Uri, window, workspace, type TextDocumentContentProvider } from 'vscode';
import { DisposableOwner } from '../ui/disposable.ts';

const SCHEME = 'etcd-preview';

/** Texts that say what a change would do, as read-only documents; they last as long as their tabs. */
export class PreviewDocuments extends DisposableOwner implements TextDocumentContentProvider {
  readonly onDidChange = this.own(new EventEmitter<Uri>()).event;
  readonly #texts = new Map<string, string>();
  #number = 0;

  constructor() {
    super();
    this.own(workspace.registerTextDocumentContentProvider(SCHEME, this));
    this.own(workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)));
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.toString()) ?? l10n.t('This preview is over.');
  }

  /** @param text in lines as a diff has them, which color themes tell apart */
  async show(name: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme: SCHEME, path: `/${++this.#number}/${name.replaceAll('/', '∕')}` });
    this.#texts.set(uri.toString(), text);
    const document = await languages.setTextDocumentLanguage(await workspace.openTextDocument(uri), 'diff');
    await window.showTextDocument(document, { preview: true });
  }

  /** Setting the language of a document closes it and opens it again. */
  #forget(uri: Uri): void {
    const isOpen = workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());
    if (uri.scheme === SCHEME && !isOpen) this.#texts.delete(uri.toString());
  }
}
