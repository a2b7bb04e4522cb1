import { posix } from 'node:path';
import { languages, workspace, type Memento, type TextDocument } from 'vscode';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { KEY_SCHEME, keyAddress } from '../addresses/keyUri.ts';
import { MERGE_SCHEME } from '../addresses/mergeUri.ts';
import { REVISION_SCHEME } from '../addresses/revisionUri.ts';
import { window } from '../../ui/text/window.ts';

const STORED = 'etcd.languages';
/** Limit of the keys for which the user's chosen language is remembered. */
const MAX_STORED = 500;
/** Schemes of documents that show a key's own text: its present text, earlier ones, and the sides of a merge. */
const SCHEMES: ReadonlySet<string> = new Set([KEY_SCHEME, REVISION_SCHEME, MERGE_SCHEME]);

/**
 * Sets the languages of documents: the one that the user chose for the key, or else the setting's, or the one that VS
 * Code knows by the name, or the one that the text suggests. Each document gets a language only once, so that the
 * user's own choice stays and is remembered.
 */
export class DocumentLanguage extends DisposableOwner {
  readonly #memento: Memento;
  readonly #chosen: BoundedMap<string, string>;
  /** The language that each document had when it was last checked. */
  readonly #known = new WeakMap<TextDocument, string>();

  /** @param memento stores the user's choices, per workspace */
  constructor(memento: Memento) {
    super();
    this.#memento = memento;
    const stored = Object.entries(memento.get<Record<string, string>>(STORED, {}));
    this.#chosen = new BoundedMap({ entries: MAX_STORED }, stored);
    this.own(workspace.onDidOpenTextDocument((document) => void this.#look(document)));
    // A draft has no text before its first save.
    this.own(workspace.onDidSaveTextDocument((document) => void this.#look(document)));
    for (const document of workspace.textDocuments) void this.#look(document);
  }

  async #look(document: TextDocument): Promise<void> {
    if (!SCHEMES.has(document.uri.scheme)) return;
    const known = this.#known.get(document);
    if (known !== undefined) return this.#noteChoice(document, known);
    if (document.getText() === '') return;
    this.#known.set(document, document.languageId);
    const language = await this.#wanted(document, await languages.getLanguages());
    if (language === undefined || language === document.languageId || document.isClosed) return;
    this.#known.set(document, language);
    await languages.setTextDocumentLanguage(document, language);
  }

  async #wanted(document: TextDocument, available: readonly string[]): Promise<string | undefined> {
    const { patternLanguage, suggestLanguage } = await import('./wantedLanguage.ts');
    const { uri, languageId } = document;
    if (uri.scheme === MERGE_SCHEME) return mergedLanguage(document);
    const address = keyAddress(uri.with({ scheme: KEY_SCHEME, query: '' }));
    const patterns = workspace.getConfiguration('etcd').get<Readonly<Record<string, unknown>>>('languages', {});
    const wanted = this.#chosen.get(nameOf({ uri })) ?? (address && patternLanguage(keyText(address.key), patterns));
    if (wanted !== undefined) return available.includes(wanted) ? wanted : undefined;
    if (languageId !== 'plaintext') return undefined;
    return suggestLanguage(uri.path, document.getText(), available);
  }

  /**
   * Remembers the user's choice. VS Code opens a document again when the user changes its language in the active
   * editor.
   */
  #noteChoice(document: TextDocument, known: string): void {
    const { languageId } = document;
    if (languageId === known) return;
    this.#known.set(document, languageId);
    if (window.activeTextEditor?.document !== document) return;
    this.#chosen.set(nameOf(document), languageId);
    void this.#memento.update(STORED, Object.fromEntries(this.#chosen));
  }
}

/** Returns the language of the document that is merged, whose key both sides and the result show. */
function mergedLanguage(document: TextDocument): string | undefined {
  const name = nameOf(document);
  const isMerged = (each: TextDocument) => each.uri.scheme !== MERGE_SCHEME && nameOf(each) === name;
  return workspace.textDocuments.find(isMerged)?.languageId;
}

/** Returns the same name for a key and its earlier versions. */
function nameOf({ uri: { authority, path } }: Pick<TextDocument, 'uri'>): string {
  return posix.join(authority, path);
}
