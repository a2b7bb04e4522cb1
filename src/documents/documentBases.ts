import { createHash } from 'node:crypto';
import { workspace, type Memento, type TextDocument, type Uri } from 'vscode';
import type { KeyValue } from '../etcd/keyStore.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { KEY_SCHEME } from './keyUri.ts';

const STORED = 'etcd.bases';
/** So many documents with unsaved text are remembered. */
const MOST_STORED = 500;
/** So many reads of a key, and of so many keys, wait for the document that shows one of them. */
const MOST_READS = 4;
const MOST_KEYS = 50;

/** The version of its key that a document's text comes from. */
export interface DocumentBase {
  readonly modRevision: bigint;
  /** How VS Code was told of that version. */
  readonly mtime: number;
  /** SHA-256 of the value, in base64. */
  readonly hash: string;
  /** Not after a restart. */
  readonly value?: Uint8Array;
}

type Read = Pick<DocumentBase, 'modRevision' | 'hash'> & { readonly value: Uint8Array };
type StoredBase = Pick<DocumentBase, 'mtime' | 'hash'> & { readonly modRevision: string };

/**
 * Which version the text of each open document comes from. Others read keys too, so that only what a document shows without
 * unsaved changes tells which read it was made from. It is remembered with the workspace while there is unsaved text, as VS
 * Code remembers that text.
 */
export class DocumentBases extends DisposableOwner {
  readonly #memento: Memento;
  readonly #mtimeOf: (uri: Uri, modRevision: bigint) => number;
  readonly #reads = new Map<string, readonly Read[]>();
  readonly #bases: Map<string, DocumentBase>;
  readonly #stored: Map<string, StoredBase>;
  /** Documents that this window has seen without unsaved text. */
  readonly #seen = new Set<string>();

  /** @param mtimeOf the modification time by which VS Code knows a version */
  constructor(memento: Memento, mtimeOf: (uri: Uri, modRevision: bigint) => number) {
    super();
    this.#memento = memento;
    this.#mtimeOf = mtimeOf;
    this.#stored = new Map(Object.entries(memento.get<Record<string, StoredBase>>(STORED, {})));
    this.#bases = new Map(
      [...this.#stored].map(([name, base]) => [name, { ...base, modRevision: BigInt(base.modRevision) }]),
    );
    this.own(workspace.onDidOpenTextDocument((document) => this.#settle(document)));
    this.own(workspace.onDidChangeTextDocument(({ document }) => this.#settle(document)));
    this.own(workspace.onDidCloseTextDocument((document) => this.#forget(document)));
  }

  get(uri: Uri): DocumentBase | undefined {
    return this.#bases.get(uri.toString());
  }

  /** True where unsaved text has come back after a restart, and nobody remembers which version it began from. */
  isLost({ uri, isDirty }: Pick<TextDocument, 'uri' | 'isDirty'>): boolean {
    const name = uri.toString();
    return isDirty && !this.#bases.has(name) && !this.#seen.has(name);
  }

  /** A key was read, perhaps for its document. */
  noteRead(uri: Uri, { modRevision, value }: Pick<KeyValue, 'modRevision' | 'value'>): void {
    const name = uri.toString();
    const read = { modRevision, value, hash: hashOf(value) };
    const base = this.#bases.get(name);
    // Written anew with the same value: the text comes from this version as well.
    if (base?.hash === read.hash) this.#set(uri, read);
    const reads = [...(this.#reads.get(name) ?? []), read].slice(-MOST_READS);
    this.#reads.delete(name);
    this.#reads.set(name, reads);
    for (const oldest of this.#reads.keys()) if (this.#reads.size > MOST_KEYS) this.#reads.delete(oldest);
  }

  /** A document's text was written: it comes from that version now. */
  noteWritten(uri: Uri, { modRevision, value }: Pick<KeyValue, 'modRevision' | 'value'>): void {
    this.#set(uri, { modRevision, value, hash: hashOf(value) });
  }

  #settle(document: TextDocument): void {
    const { uri, isDirty } = document;
    if (uri.scheme !== KEY_SCHEME) return;
    const name = uri.toString();
    if (isDirty) return this.#store(name);
    this.#unstore(name);
    const reads = this.#reads.get(name);
    if (!reads) return;
    this.#seen.add(name);
    const text = normalized(document.getText());
    const shows = (value: Uint8Array) => normalized(new TextDecoder().decode(value)) === text;
    const shown = reads.findLast(({ value }) => shows(value));
    const { value } = this.#bases.get(name) ?? {};
    if (shown) {
      this.#reads.delete(name);
      this.#set(uri, shown);
    } else if (!value || !shows(value)) this.#bases.delete(name);
  }

  /** A document that changes its language closes and opens, and is not closed. */
  #forget({ uri, isClosed }: TextDocument): void {
    if (uri.scheme !== KEY_SCHEME || !isClosed) return;
    const name = uri.toString();
    this.#reads.delete(name);
    this.#bases.delete(name);
    this.#seen.delete(name);
    this.#unstore(name);
  }

  #set(uri: Uri, read: Read): void {
    const name = uri.toString();
    this.#bases.set(name, { ...read, mtime: this.#mtimeOf(uri, read.modRevision) });
    if (this.#stored.delete(name)) this.#store(name);
  }

  #store(name: string): void {
    const base = this.#bases.get(name);
    if (!base || this.#stored.has(name)) return;
    const { modRevision, mtime, hash } = base;
    this.#stored.set(name, { modRevision: String(modRevision), mtime, hash });
    for (const oldest of this.#stored.keys()) if (this.#stored.size > MOST_STORED) this.#stored.delete(oldest);
    this.#write();
  }

  #unstore(name: string): void {
    // A restored document shows its text before it is marked as unsaved.
    if (this.#reads.has(name) && this.#stored.delete(name)) this.#write();
  }

  #write(): void {
    void this.#memento.update(STORED, Object.fromEntries(this.#stored));
  }
}

function hashOf(value: Uint8Array): string {
  return createHash('sha256').update(value).digest('base64');
}

/** Text as documents of VS Code have it, whatever its line ends are. */
function normalized(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}
