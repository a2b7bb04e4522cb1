import { EventEmitter, type FileDecoration, l10n, ThemeColor, Uri, type FileDecorationProvider } from 'vscode';
import { KEY_SCHEME, keyUriParts } from '../../documents/addresses/keyUri.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { KeyNode } from '../keys/nodes.ts';
import { fileDecoration } from '../../ui/text/editors.ts';
import { window } from '../../ui/text/window.ts';

/** Milliseconds for which a mark is shown. */
const SHOWN_TIME = 4000;
/** Milliseconds for which changes of marks are gathered. */
const GATHERING_TIME = 100;

interface Mark {
  readonly uri: Uri;
  readonly isNew: boolean;
  readonly revision: bigint;
  readonly until: number;
}

/** Marks keys that were just created or written, with a letter and for a moment. */
export class ChangeMarks extends DisposableOwner implements FileDecorationProvider {
  readonly #changed = this.own(new EventEmitter<Uri[]>());
  readonly onDidChangeFileDecorations = this.#changed.event;
  readonly #marks = new Map<string, Mark>();
  readonly #touched = new Map<string, Uri>();
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    super();
    this.own(window.registerFileDecorationProvider(this));
  }

  mark(node: KeyNode, isNew: boolean, revision: bigint): void {
    const uri = Uri.from(keyUriParts({ connectionId: node.connection.id, key: node.path }));
    const name = uri.toString();
    const isStillNew = isNew || (this.#marks.get(name)?.isNew ?? false);
    // Setting the mark again moves it to the end, so that marks expire in order.
    this.#marks.delete(name);
    this.#marks.set(name, { uri, isNew: isStillNew, revision, until: performance.now() + SHOWN_TIME });
    this.#touched.set(name, uri);
    this.#wait(GATHERING_TIME);
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    const mark = uri.scheme === KEY_SCHEME ? this.#marks.get(uri.toString()) : undefined;
    if (!mark) return undefined;
    return mark.isNew
      ? fileDecoration(
          'A',
          l10n.t('Just created in etcd, at revision {0}', String(mark.revision)),
          new ThemeColor('gitDecoration.addedResourceForeground'),
        )
      : fileDecoration(
          'M',
          l10n.t('Just changed in etcd, at revision {0}', String(mark.revision)),
          new ThemeColor('gitDecoration.modifiedResourceForeground'),
        );
  }

  override dispose(): void {
    clearTimeout(this.#timer);
    super.dispose();
  }

  #wait(milliseconds: number): void {
    this.#timer ??= setTimeout(() => this.#fire(), milliseconds);
  }

  #fire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [name, { uri, until }] of this.#marks) {
      if (until > now) break;
      this.#marks.delete(name);
      this.#touched.set(name, uri);
    }
    const uris = [...this.#touched.values()];
    this.#touched.clear();
    if (uris.length > 0) this.#changed.fire(uris);
    const [next] = this.#marks.values();
    if (next) this.#wait(Math.max(next.until - now, GATHERING_TIME));
  }
}
