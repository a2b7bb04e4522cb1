import { TabInputText, workspace, type Memento, type Tab, type Uri } from 'vscode';
import type { Lifetime } from '../../etcd/keyStore.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { KEY_SCHEME } from '../addresses/keyUri.ts';
import { openDocument } from '../addresses/openDocuments.ts';
import { window } from '../../ui/text/window.ts';

const STORED = 'etcd.drafts';
const STORED_LIFETIMES = 'etcd.draftLifetimes';

/**
 * Keys that exist only as documents so far. They are stored with the workspace, as VS Code stores unsaved text, so a
 * draft is still one after a restart.
 */
export class Drafts extends DisposableOwner {
  readonly #memento: Memento;
  readonly #uris: Set<string>;
  readonly #lifetimes: Map<string, NewLifetime>;

  constructor(memento: Memento) {
    super();
    this.#memento = memento;
    this.#uris = new Set(memento.get<readonly string[]>(STORED, []));
    this.#lifetimes = new Map(Object.entries(memento.get<Record<string, NewLifetime>>(STORED_LIFETIMES, {})));
    this.own(workspace.onDidCloseTextDocument(({ uri }) => this.#endIfUnseen(uri)));
    this.own(
      window.tabGroups.onDidChangeTabs(({ closed }) => {
        for (const uri of closed.flatMap(uriOf)) this.#endIfUnseen(uri);
      }),
    );
  }

  begin(uri: Uri, lifetime?: Lifetime): void {
    this.#uris.add(uri.toString());
    const stored = lifetime && toStored(lifetime);
    if (stored) this.#lifetimes.set(uri.toString(), stored);
    this.#store();
  }

  has(uri: Uri): boolean {
    return this.#uris.has(uri.toString());
  }

  /** Returns the lifetime for the key when it is saved. */
  lifetime(uri: Uri): Lifetime {
    const stored = this.#lifetimes.get(uri.toString());
    return stored?.lease === undefined ? (stored ?? 'keep') : { lease: BigInt(stored.lease) };
  }

  end(uri: Uri): void {
    this.#lifetimes.delete(uri.toString());
    if (this.#uris.delete(uri.toString())) this.#store();
  }

  /**
   * Ends a draft that no document or tab shows. A document that changes its language closes and opens again, and so
   * does a tab that moves; neither ends a draft.
   */
  #endIfUnseen(uri: Uri): void {
    if (uri.scheme !== KEY_SCHEME || !this.has(uri)) return;
    const name = uri.toString();
    const shown = window.tabGroups.all.flatMap(({ tabs }) => tabs.flatMap(uriOf));
    if (!openDocument(uri) && !shown.some((each) => each.toString() === name)) this.end(uri);
  }

  #store(): void {
    void this.#memento.update(STORED, [...this.#uris]);
    void this.#memento.update(STORED_LIFETIMES, Object.fromEntries(this.#lifetimes));
  }
}

/** A lifetime in JSON. */
type NewLifetime = { readonly ttl: number; readonly lease?: undefined } | { readonly lease: string };

function toStored(lifetime: Lifetime): NewLifetime | undefined {
  if (typeof lifetime === 'string') return undefined;
  return 'ttl' in lifetime ? lifetime : { lease: String(lifetime.lease) };
}

function uriOf({ input }: Tab): Uri[] {
  return input instanceof TabInputText ? [input.uri] : [];
}
