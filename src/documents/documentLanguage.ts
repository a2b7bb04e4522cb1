import { posix } from 'node:path';
import { languages, window, workspace, type Memento, type TextDocument } from 'vscode';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { KEY_SCHEME, keyAddress } from './keyUri.ts';
import { suggestLanguage } from './language.ts';
import { patternLanguage } from './patternLanguage.ts';
import { REVISION_SCHEME } from './revisionUri.ts';

const STORED = 'etcd.languages';
/** So many keys are remembered for which the user has chosen a language. */
const MOST_STORED = 500;

/**
 * The languages of documents: what the user once chose for the key; else what the setting says; else what VS Code knows by
 * the name; else what the text shows. Each is given once, so that the user's own choice stays, and is remembered.
 */
export class DocumentLanguage extends DisposableOwner {
  readonly #memento: Memento;
  readonly #chosen: Map<string, string>;
  /** The language that each document had when it was looked at last. */
  readonly #known = new WeakMap<TextDocument, string>();

  /** @param memento remembers the user's choices, per workspace */
  constructor(memento: Memento) {
    super();
    this.#memento = memento;
    this.#chosen = new Map(Object.entries(memento.get<Record<string, string>>(STORED, {})));
    this.own(workspace.onDidOpenTextDocument((document) => void this.#look(document)));
    // A draft has no text before.
    this.own(workspace.onDidSaveTextDocument((document) => void this.#look(document)));
    for (const document of workspace.textDocuments) void this.#look(document);
  }

  async #look(document: TextDocument): Promise<void> {
    const { scheme } = document.uri;
    if (scheme !== KEY_SCHEME && scheme !== REVISION_SCHEME) return;
    const known = this.#known.get(document);
    if (known !== undefined) return this.#noteChoice(document, known);
    if (document.getText() === '') return;
    this.#known.set(document, document.languageId);
    const language = this.#wanted(document, await languages.getLanguages());
    if (language === undefined || language === document.languageId || document.isClosed) return;
    this.#known.set(document, language);
    await languages.setTextDocumentLanguage(document, language);
  }

  #wanted(document: TextDocument, available: readonly string[]): string | undefined {
    const { uri, languageId } = document;
    const address = keyAddress(uri.with({ scheme: KEY_SCHEME, query: '' }));
    const patterns = workspace.getConfiguration('etcd').get<Readonly<Record<string, unknown>>>('languages', {});
    const wanted = this.#chosen.get(nameOf({ uri })) ?? (address && patternLanguage(keyText(address.key), patterns));
    if (wanted !== undefined) return available.includes(wanted) ? wanted : undefined;
    return languageId === 'plaintext' ? suggestLanguage(uri.path, document.getText(), available) : undefined;
  }

  /** A document that changes its language opens anew: the user did that in the editor in front. */
  #noteChoice(document: TextDocument, known: string): void {
    const { languageId } = document;
    if (languageId === known) return;
    this.#known.set(document, languageId);
    if (window.activeTextEditor?.document !== document) return;
    const name = nameOf(document);
    this.#chosen.delete(name);
    this.#chosen.set(name, languageId);
    for (const oldest of this.#chosen.keys()) if (this.#chosen.size > MOST_STORED) this.#chosen.delete(oldest);
    void this.#memento.update(STORED, Object.fromEntries(this.#chosen));
  }
}

/** The same for a key and what it was earlier. */
function nameOf({ uri: { authority, path } }: Pick<TextDocument, 'uri'>): string {
  return posix.join(authority, path);
}
