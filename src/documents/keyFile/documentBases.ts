import { createHash } from 'node:crypto';
import { workspace, type Memento, type TextDocument, type Uri } from 'vscode';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { withLineFeeds } from '../../etcd/lineFeeds.ts';
import type { KeyValue } from '../../etcd/keyStore.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { KEY_SCHEME } from '../addresses/keyUri.ts';
import { isUtf8 } from '../keptBytes/utf8Documents.ts';

// See docs/contributing/decisions/documents.md

/** Storage name for documents with a key's own text; for other schemes, the scheme is appended. */
const STORED = 'etcd.bases';
/** Limit of the documents with unsaved text that are remembered. */
const MAX_STORED = 500;
/** Limits of the reads that are not matched with a document yet: for one key, and in total. */
const MAX_READS = 4;
const READ_LIMITS = {
  entries: 50,
  bytes: 32 * 1024 * 1024,
  bytesOf: (reads: readonly Read[]) => reads.reduce((bytes, { value }) => bytes + value.length, 0),
};

/** The version of its key that a document's text was made from. */
export interface DocumentBase {
  readonly modRevision: bigint;
  /** The modification time by which VS Code knows that version. */
  readonly mtime: number;
  /** SHA-256 of the value, in base64. */
  readonly hash: string;
  /** Unknown after a restart. */
  readonly value?: Uint8Array;
}

type Read = Pick<DocumentBase, 'modRevision' | 'hash'> & { readonly value: Uint8Array };
type StoredBase = Pick<DocumentBase, 'mtime' | 'hash'> & { readonly modRevision: string };

/**
 * The versions that the texts of open documents were made from. Other parts read keys too, so a read counts only once a
 * document shows it without unsaved changes. Stored with the workspace while there is unsaved text, as VS Code stores
 * that text.
 */
export class DocumentBases extends DisposableOwner {
  readonly #memento: Memento;
  readonly #scheme: string;
  readonly #storedName: string;
  readonly #mtimeOf: (uri: Uri, modRevision: bigint) => number;
  readonly #reads = new BoundedMap<string, readonly Read[]>(READ_LIMITS);
  readonly #bases: Map<string, DocumentBase>;
  readonly #stored: BoundedMap<string, StoredBase>;
  /** Documents that this window has seen without unsaved text. */
  readonly #seen = new Set<string>();

  /** @param mtimeOf the modification time by which VS Code knows a version */
  constructor(memento: Memento, scheme: string, mtimeOf: (uri: Uri, modRevision: bigint) => number) {
    super();
    this.#memento = memento;
    this.#scheme = scheme;
    this.#storedName = scheme === KEY_SCHEME ? STORED : `${STORED}.${scheme}`;
    this.#mtimeOf = mtimeOf;
    const stored = Object.entries(memento.get<Record<string, StoredBase>>(this.#storedName, {}));
    this.#stored = new BoundedMap({ entries: MAX_STORED }, stored);
    this.#bases = new Map(
      [...this.#stored].map(([name, base]) => [name, { ...base, modRevision: BigInt(base.modRevision) }]),
    );
    this.own(workspace.onDidOpenTextDocument((document) => this.#settle(document, false)));
    this.own(
      workspace.onDidChangeTextDocument(({ document, contentChanges }) =>
        this.#settle(document, contentChanges.length > 0),
      ),
    );
    this.own(workspace.onDidCloseTextDocument((document) => this.#forget(document)));
  }

  get(uri: Uri): DocumentBase | undefined {
    return this.#bases.get(uri.toString());
  }

  /** Whether unsaved text has come back after a restart, and its base is unknown. */
  isLost({ uri, isDirty }: Pick<TextDocument, 'uri' | 'isDirty'>): boolean {
    const name = uri.toString();
    return isDirty && !this.#bases.has(name) && !this.#seen.has(name);
  }

  /** Records that a key was read, perhaps for its document. */
  noteRead(uri: Uri, { modRevision, value }: Pick<KeyValue, 'modRevision' | 'value'>): void {
    const name = uri.toString();
    const read = { modRevision, value, hash: hashOf(value) };
    const base = this.#bases.get(name);
    // The key was written again with the same value, so the text comes from this version as well.
    if (base?.hash === read.hash) this.#set(uri, read);
    const reads = [...(this.#reads.get(name) ?? []), read].slice(-MAX_READS);
    this.#reads.set(name, reads);
  }

  /** Records that a document's text was written, so that the text now comes from this version. */
  noteWritten(uri: Uri, { modRevision, value }: Pick<KeyValue, 'modRevision' | 'value'>): void {
    this.#set(uri, { modRevision, value, hash: hashOf(value) });
  }

  /**
   * Finds out which read a document shows.
   * @param isEdit whether the text changed, which VS Code reports before it reports that the text is unsaved
   */
  #settle(document: TextDocument, isEdit: boolean): void {
    const { uri, isDirty } = document;
    if (uri.scheme !== this.#scheme) return;
    const name = uri.toString();
    if (isDirty) return this.#store(name);
    this.#unstore(name);
    const reads = this.#reads.get(name);
    if (!reads) return;
    this.#seen.add(name);
    const normalize = isUtf8(document.encoding) ? withLineFeeds : asciiOf;
    const text = normalize(document.getText());
    const shows = (value: Uint8Array) => normalize(new TextDecoder().decode(value)) === text;
    const shown = reads.findLast(({ value }) => shows(value));
    const { value } = this.#bases.get(name) ?? {};
    if (shown) {
      this.#reads.delete(name);
      this.#set(uri, shown);
    } else if (!isEdit && (!value || !shows(value))) this.#bases.delete(name);
  }

  /** Forgets a closed document. One that changes its language closes and opens again, without being closed. */
  #forget({ uri, isClosed }: TextDocument): void {
    if (uri.scheme !== this.#scheme || !isClosed) return;
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
    this.#write();
  }

  #unstore(name: string): void {
    // A restored document shows its text before it is marked as unsaved.
    if (this.#reads.has(name) && this.#stored.delete(name)) this.#write();
  }

  #write(): void {
    void this.#memento.update(this.#storedName, Object.fromEntries(this.#stored));
  }
}

/** Returns a value's SHA-256 in base64. */
export function hashOf(value: Uint8Array): string {
  return createHash('sha256').update(value).digest('base64');
}

/** Returns the part of a text that is the same in all encodings. */
function asciiOf(text: string): string {
  return withLineFeeds(text).replaceAll(/[^\n\x20-\x7e]/g, '');
}
