import { commands, l10n, workspace, type TextDocument, type Uri } from 'vscode';
import { keyText } from '../../etcd/keys/keyText.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { window } from '../../ui/text/window.ts';
import { keyAddress } from '../addresses/keyUri.ts';
import { openDocument } from '../addresses/openDocuments.ts';
import { EditRecorder } from './editRecorder.ts';

const SETTING = 'etcd.keepBytes';

export interface KeptBytesServices {
  /** Returns the value that a document's text was made from. */
  readonly baseOf: (uri: Uri) => Uint8Array | undefined;
  /** Makes VS Code read a document again, although it has just written it. */
  readonly reread: (uri: Uri) => void;
}

/** Makes saves of documents write exactly what was typed. */
export class KeptBytes extends DisposableOwner {
  readonly #recorder: EditRecorder;
  /**
   * Documents whose text differs from what was written, until their save ends; true if VS Code's settings caused that.
   */
  readonly #unlike = new Map<string, boolean>();
  /** Open documents for which the user was informed about this. */
  readonly #informed = new Set<string>();
  /** The user's answers whether to leave out formatters' edits, by open document. */
  readonly #formatted = new Map<string, boolean>();

  /** @param scheme of the documents */
  constructor(scheme: string, { baseOf, reread }: KeptBytesServices) {
    super();
    this.#recorder = this.own(new EditRecorder(scheme, baseOf));
    this.own(
      workspace.onDidSaveTextDocument(({ uri, isDirty }) => {
        const isLess = this.#unlike.get(uri.toString());
        if (!this.#unlike.delete(uri.toString())) return;
        // VS Code does not read a document again that was edited meanwhile, and would then treat the key as changed by
        // others.
        if (!isDirty) reread(uri);
        if (isLess) void this.#tell(uri);
      }),
    );
    this.own(workspace.onDidCloseTextDocument((document) => this.#forget(document)));
  }

  /**
   * Returns the bytes to write.
   * @param content what VS Code would write
   * @param readBase reads the value that the document began with, if this window has not seen it
   * @throws FileSystemError that says why nothing is written
   */
  async of(uri: Uri, content: Uint8Array, readBase: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> {
    const [document, record, address] = [openDocument(uri), this.#recorder.get(uri), keyAddress(uri)];
    if (!record || !address || !document || !('getText' in document)) return content;
    const isSaving = record.saveBegan !== undefined;
    const edits = this.#recorder.takeEdits(record);
    // Writes without a document contain bytes. VS Code announces no auto save before it closes.
    if (!isSaving && !document.isDirty) return content;
    if (!workspace.getConfiguration().get(SETTING, true)) return content;
    const base = record.base ?? (await readBase());
    if (!base) return content;
    const { typedBytes } = await import('./typedBytes.ts');
    const save = { document, content, base, record, edits, key: address.key, formatted: this.#formatted };
    const { value, isLess, isShown } = await typedBytes(save);
    if (isShown) this.#unlike.delete(uri.toString());
    else this.#unlike.set(uri.toString(), isLess);
    return value;
  }

  async #tell(uri: Uri): Promise<void> {
    const [name, address] = [uri.toString(), keyAddress(uri)];
    if (this.#informed.has(name) || !address) return;
    this.#informed.add(name);
    const button = l10n.t('Open Setting');
    const sentence = l10n.t(
      'Only what you typed was saved to {0}; what VS Code changed by itself was left out.',
      keyText(address.key),
    );
    if ((await window.showInformationMessage(sentence, button)) === button)
      await commands.executeCommand('workbench.action.openSettings', SETTING);
  }

  #forget({ uri, isClosed }: TextDocument): void {
    if (!isClosed) return;
    const name = uri.toString();
    for (const names of [this.#unlike, this.#informed, this.#formatted]) names.delete(name);
  }
}
