import { EventEmitter, type FileDecoration, l10n, ThemeColor, type FileDecorationProvider, type Uri } from 'vscode';
import { keyAddress, KEY_SCHEME } from '../../documents/addresses/keyUri.ts';
import { compareKeys, prefixRange, rangeContains } from '../../etcd/keys/ranges.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { fileDecoration } from '../../ui/text/editors.ts';
import { window } from '../../ui/text/window.ts';

/** A key or a folder that was cut. */
export interface CutPath {
  readonly connection: { readonly id: string };
  readonly kind: 'key' | 'folder';
  readonly path: Uint8Array;
}

/** Dims cut keys in the tree until they are pasted or something else is copied. */
export class CutMarks extends DisposableOwner implements FileDecorationProvider {
  readonly #changed = this.own(new EventEmitter<undefined>());
  readonly onDidChangeFileDecorations = this.#changed.event;
  #cut: readonly CutPath[] = [];

  constructor() {
    super();
    this.own(window.registerFileDecorationProvider(this));
  }

  show(cut: readonly CutPath[]): void {
    if (cut.length === 0 && this.#cut.length === 0) return;
    this.#cut = cut;
    this.#changed.fire(undefined);
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    const address = this.#cut.length > 0 && uri.scheme === KEY_SCHEME ? keyAddress(uri) : undefined;
    if (!address) return undefined;
    const isCut = this.#cut.some(({ connection, kind, path }) => {
      if (connection.id !== address.connectionId) return false;
      return kind === 'key' ? compareKeys(path, address.key) === 0 : rangeContains(prefixRange(path), address.key);
    });
    return isCut
      ? fileDecoration(undefined, l10n.t('Cut: pasting moves it'), new ThemeColor('disabledForeground'))
      : undefined;
  }
}
