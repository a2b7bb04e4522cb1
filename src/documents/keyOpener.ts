import { Uri, commands, l10n, type Range, type TextDocumentShowOptions } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keys/keyText.ts';
import { formUriParts, keyUriParts, type KeyAddress } from './addresses/keyUri.ts';
import type { Snapshots } from './keyFile/sharedReads.ts';
import { formOf } from './valueForms.ts';

/** Longest time between the clicks of a double click, in milliseconds. */
const DOUBLE_CLICK_TIME = 500;

/** Opens keys in editors as the Explorer opens files: a click opens a preview, a double click keeps the editor open. */
export class KeyOpener {
  readonly #snapshots: Snapshots;
  #last: { readonly name: string; readonly time: number } | undefined;

  constructor(snapshots: Snapshots) {
    this.#snapshots = snapshots;
  }

  /**
   * Opens text for editing, a Kubernetes object as YAML, and any other value as a hex dump.
   * @param fromTree whether a click in the tree opens it, which keeps the focus there so that the tree's keys continue
   * to work
   * @param selection to select in a text
   * @throws EtcdError `notFound` if there is no such key
   */
  async open(address: KeyAddress, fromTree: boolean, selection?: Range): Promise<void> {
    const options = this.showOptions(Uri.from(keyUriParts(address)), fromTree);
    const { kv } = await this.#snapshots.peek(address);
    if (!kv) throw new EtcdError('notFound', l10n.t('The key {0} no longer exists.', keyText(address.key)));
    const form = await formOf(kv.value);
    const uri = Uri.from(formUriParts(address, form));
    // A position in a value's bytes is meaningless in its YAML.
    const isPlace = selection !== undefined && form !== 'yaml';
    await commands.executeCommand('vscode.open', uri, { ...options, ...(isPlace && { selection }) });
  }

  /** Returns how to open an address; a second click on the same address keeps the editor open. */
  showOptions(uri: Uri, fromTree: boolean): TextDocumentShowOptions {
    const name = uri.toString();
    const preview = !(this.#last?.name === name && performance.now() - this.#last.time < DOUBLE_CLICK_TIME);
    this.#last = { name, time: performance.now() };
    return { preview, preserveFocus: preview && fromTree };
  }
}
