import { EventEmitter, l10n, Uri, workspace, type TextDocumentContentProvider } from 'vscode';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { KeyAddress } from '../addresses/keyUri.ts';
import { contentIn, formOf } from '../valueForms.ts';
import { openDiff } from '../../ui/text/editors.ts';
import { documentName } from '../../ui/text/literal.ts';

const SCHEME = 'etcd-pending';
/** Texts of writes whose diffs are not open, in case VS Code never opened or never closes one. */
const MAX_TEXTS = 20;
/** Limit of the characters in all kept texts. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** Shows both sides of a write that no document shows, because another extension or an agent requests it. */
export class PendingWrites extends DisposableOwner implements TextDocumentContentProvider {
  readonly onDidChange = this.own(new EventEmitter<Uri>()).event;
  readonly #texts = new BoundedMap<string, string>({
    entries: MAX_TEXTS,
    bytes: MAX_CHARACTERS,
    bytesOf: (text) => text.length,
    inUse: () => new Set(workspace.textDocuments.map(({ uri }) => uri.toString())),
  });
  #number = 0;

  constructor() {
    super();
    this.own(workspace.registerTextDocumentContentProvider(SCHEME, this));
    this.own(workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.toString())));
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.toString()) ?? l10n.t('This write has ended.');
  }

  /**
   * Opens the diff of a value and its replacement, both in the form that suits them.
   * @param before undefined for a new key
   * @returns the left side's address
   */
  async show({ key }: KeyAddress, before: Uint8Array | undefined, content: Uint8Array): Promise<Uri> {
    const name = keyText(key);
    const form = await formOf(before, content);
    const textOf = async (value: Uint8Array) => new TextDecoder().decode(await contentIn(form, value));
    const number = ++this.#number;
    const uriOf = (side: 'before' | 'after', text: string) => {
      const uri = Uri.from({
        scheme: SCHEME,
        path: `/${number}/${side}/${documentName(name)}${form === 'yaml' ? '.yaml' : ''}`,
      });
      this.#texts.set(uri.toString(), text);
      return uri;
    };
    const left = uriOf('before', before ? await textOf(before) : '');
    const right = uriOf('after', await textOf(content));
    const title = l10n.t('{0} (in etcd ↔ to be written)', name);
    await openDiff(left, right, title, { preview: true });
    return left;
  }
}
