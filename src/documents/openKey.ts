import { Uri, commands, l10n, type Range, type TextDocumentShowOptions } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { hexUriParts, keyUriParts, type KeyAddress } from './keyUri.ts';
import type { Snapshots } from './snapshots.ts';
import { isText } from './textValue.ts';

/** The second click of a double click comes within this time, in milliseconds. */
const DOUBLE_CLICK_TIME = 500;

/** Opens keys in editors, as the Explorer opens files: a click in a preview, a double click to stay. */
export class KeyOpener {
  readonly #snapshots: Snapshots;
  #last: { readonly name: string; readonly time: number } | undefined;

  constructor(snapshots: Snapshots) {
    this.#snapshots = snapshots;
  }

  /**
   * Opens text for editing and any other value as a hex dump.
   * @param fromTree a click there leaves the focus in the tree, so that its keys go on to work
   * @param selection what is selected in a text
   * @throws EtcdError `notFound` where there is no such key
   */
  async open(address: KeyAddress, fromTree: boolean, selection?: Range): Promise<void> {
    const options = this.showOptions(Uri.from(keyUriParts(address)), fromTree);
    const { kv } = await this.#snapshots.peek(address);
    if (!kv) throw new EtcdError('notFound', l10n.t('The key {0} does not exist any more.', keyText(address.key)));
    const uri = Uri.from((isText(kv.value) ? keyUriParts : hexUriParts)(address));
    await commands.executeCommand('vscode.open', uri, { ...options, ...(selection && { selection }) });
  }

  /** How an address that is opened now is shown, which depends on whether the click before was on it too. */
  showOptions(uri: Uri, fromTree: boolean): TextDocumentShowOptions {
    const name = uri.toString();
    const preview = !(this.#last?.name === name && performance.now() - this.#last.time < DOUBLE_CLICK_TIME);
    this.#last = { name, time: performance.now() };
    return { preview, preserveFocus: preview && fromTree };
  }
}
