import { commands, EventEmitter, languages, l10n, Uri, workspace, type TextDocumentContentProvider } from 'vscode';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { documentName } from '../../ui/text/literal.ts';
import { window } from '../../ui/text/window.ts';

const SCHEME = 'etcd-preview';
/** Beginning of the paths of reports. */
const REPORT = 'report-';

const LIMITS = { entries: 50, bytes: 64 * 1024 * 1024, bytesOf: (text: string) => 2 * text.length };

/** Read-only documents that describe what a change would do; they last as long as their tabs. */
export class PreviewDocuments extends DisposableOwner implements TextDocumentContentProvider {
  readonly onDidChange = this.own(new EventEmitter<Uri>()).event;
  readonly #texts = new BoundedMap<string, string>(LIMITS);
  #number = 0;

  constructor() {
    super();
    this.own(workspace.registerTextDocumentContentProvider(SCHEME, this));
    this.own(workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)));
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.toString()) ?? l10n.t('This preview is closed.');
  }

  /** @param text in the lines of a diff, which color themes recognize */
  async show(name: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme: SCHEME, path: `/${++this.#number}/${documentName(name)}` });
    this.#texts.set(uri.toString(), text);
    const document = await languages.setTextDocumentLanguage(await workspace.openTextDocument(uri), 'diff');
    await window.showTextDocument(document, { preview: true });
  }

  /** Shows rendered Markdown; shows it as text if nothing renders it. */
  async showReport(name: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme: SCHEME, path: `/${REPORT}${++this.#number}/${documentName(name)}.md` });
    this.#texts.set(uri.toString(), text);
    try {
      await commands.executeCommand('markdown.showPreview', uri);
    } catch {
      await window.showTextDocument(uri, { preview: true });
    }
  }

  /** Drops a text once its tab is closed. Setting the language of a document closes and opens it, too. */
  #forget(uri: Uri): void {
    const isOpen = workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());
    // A rendered report has no open document, and its text is read again whenever its tab is shown.
    const isReport = uri.path.startsWith(`/${REPORT}`);
    if (uri.scheme === SCHEME && !isOpen && !isReport) this.#texts.delete(uri.toString());
  }
}
