import { TabInputText, window, workspace, type Memento, type Tab, type Uri } from 'vscode';
import type { Lifetime } from '../etcd/keyStore.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { KEY_SCHEME } from './keyUri.ts';
import { openDocument } from './openDocuments.ts';

const STORED = 'etcd.drafts';
const STORED_LIFETIMES = 'etcd.draftLifetimes';

/**
 * Keys that exist so far only as documents. They are remembered with the workspace, as VS Code remembers unsaved text: a
 * draft that comes back after a restart is still one.
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

  /** How long the key is to live once it is saved. */
  lifetime(uri: Uri): Lifetime {
    const stored = this.#lifetimes.get(uri.toString());
    return stored?.lease === undefined ? (stored ?? 'keep') : { lease: BigInt(stored.lease) };
  }

  end(uri: Uri): void {
    this.#lifetimes.delete(uri.toString());
    if (this.#uris.delete(uri.toString())) this.#store();
  }

  /** A document that changes its language closes and opens; a tab that moves does too; neither ends a draft. */
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

/** A lifetime as JSON can hold it. */
type NewLifetime = { readonly ttl: number; readonly lease?: undefined } | { readonly lease: string };

function toStored(lifetime: Lifetime): NewLifetime | undefined {
  if (typeof lifetime === 'string') return undefined;
  return 'ttl' in lifetime ? lifetime : { lease: String(lifetime.lease) };
}

function uriOf({ input }: Tab): Uri[] {
  return input instanceof TabInputText ? [input.uri] : [];
}
