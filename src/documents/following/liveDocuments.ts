import { FileChangeType, workspace, type Uri } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { LiveFeeds } from '../../connections/following/liveFeeds.ts';
import type { Followed, Follower } from '../../connections/following/liveState.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { rangeContains, prefixRange, singleKeyRange } from '../../etcd/keys/ranges.ts';
import type { KeyEvent, KeyValue } from '../../etcd/keyStore.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { addressId, keyAddress, HEX_SCHEME, KEY_SCHEME, YAML_SCHEME, type KeyAddress } from '../addresses/keyUri.ts';
import type { KnownKeys } from './knownKeys.ts';
import type { OwnWrites } from '../keyFile/ownWrites.ts';
import { openDocument, openUris } from '../addresses/openDocuments.ts';

/** Shortest time between two loads of a document, in milliseconds. */
const PAUSE = 250;
/** Attempts to make VS Code notice a change, because its read fails while etcd does not answer. */
const MAX_TRIES = 4;

export interface LiveDocumentsServices {
  readonly feeds: LiveFeeds;
  readonly known: KnownKeys;
  readonly connectionOf: (id: string) => Connection | undefined;
  /** Reads a key from etcd, in the background. @throws EtcdError */
  readonly read: (address: KeyAddress) => Promise<unknown>;
  readonly ownWrites: OwnWrites;
  /** Makes VS Code read a file again. */
  readonly noteChange: (type: FileChangeType, uri: Uri) => void;
  /** Returns the key's revision that VS Code saw last; undefined if it saw that there is no key. */
  readonly reportedRevision: (uri: Uri) => bigint | undefined;
}

/**
 * Lets open documents follow etcd: unchanged ones are loaded again, and for the others the known state of the key is
 * kept up to date.
 */
export class LiveDocuments extends DisposableOwner implements Follower {
  readonly #services: LiveDocumentsServices;
  /** Keys that the feed follows. */
  readonly #joined = new Set<string>();
  /** Keys whose documents were notified lately, with the changes that came since. */
  readonly #resting = new Map<string, { timer: NodeJS.Timeout; next: FileChangeType | undefined }>();
  /** Keys that were read because nothing was known about them. */
  readonly #asked = new Set<string>();

  constructor(services: LiveDocumentsServices) {
    super();
    this.#services = services;
    this.own(services.feeds.add(this));
    const update = ({ uri }: { readonly uri: Uri }) => {
      const connection = this.#connectionOf(keyAddress(uri));
      if (connection) services.feeds.update(connection);
    };
    this.own(workspace.onDidOpenTextDocument(update));
    this.own(workspace.onDidCloseTextDocument(update));
    this.own(workspace.onDidOpenNotebookDocument(update));
    this.own(workspace.onDidCloseNotebookDocument(update));
  }

  followed({ id }: Connection): readonly Followed[] {
    const open = openAddresses().filter(({ connectionId }) => connectionId === id);
    const ids = new Set(open.map(addressId));
    for (const each of this.#joined) if (each.startsWith(`${id}\0`) && !ids.has(each)) this.#joined.delete(each);
    return open.flatMap((address) => {
      const known = this.#services.known.get(address);
      if (!known) {
        void this.#ask(address);
        return [];
      }
      this.#joined.add(addressId(address));
      return [{ range: singleKeyRange(address.key), since: known.revision }];
    });
  }

  isPolling(): boolean {
    return false;
  }

  onEvents({ id }: Connection, events: readonly KeyEvent[], through: bigint): void {
    const open = openAddresses().filter(({ connectionId }) => connectionId === id);
    if (open.length === 0) return;
    const byId = new Map(open.map((address) => [addressId(address), address]));
    for (const event of events) {
      if (event.kind === 'folder') {
        if (event.deleted) this.#noteGone(open, event.prefix, event.modRevision);
        continue;
      }
      const key = event.kind === 'put' ? event.kv.key : event.key;
      const address = byId.get(addressId({ connectionId: id, key }));
      if (address && event.kind === 'put') this.#note(address, event.kv.modRevision, event.kv);
      else if (address && event.kind === 'delete') this.#note(address, event.modRevision);
    }
    for (const [each, address] of byId) if (this.#joined.has(each)) this.#services.known.advance(address, through);
  }

  async readAnew({ id }: Connection, signal: AbortSignal): Promise<void> {
    const { known, read } = this.#services;
    for (const address of openAddresses()) {
      if (address.connectionId !== id) continue;
      const before = known.get(address)?.facts;
      await read(address);
      if (signal.aborted) return;
      const now = known.get(address)?.facts;
      if (before?.modRevision !== now?.modRevision)
        this.#report(address, changeType(before !== undefined, now !== undefined));
    }
  }

  override dispose(): void {
    for (const { timer } of this.#resting.values()) clearTimeout(timer);
    super.dispose();
  }

  /** Records that a v2 directory was deleted, with everything in it. */
  #noteGone(open: readonly KeyAddress[], prefix: Uint8Array, revision: bigint): void {
    for (const address of open) if (rangeContains(prefixRange(prefix), address.key)) this.#note(address, revision);
  }

  #note(address: KeyAddress, revision: bigint, kv?: KeyValue): void {
    const { known } = this.#services;
    const existed = known.get(address)?.facts !== undefined;
    known.learn(address, { revision, ...(kv && { kv }) });
    void this.#tellOfOthers(address, revision, changeType(existed, kv !== undefined));
  }

  /** Notifies documents of changes by others; VS Code already knows this window's own saves. */
  async #tellOfOthers(address: KeyAddress, revision: bigint, type: FileChangeType): Promise<void> {
    const { ownWrites } = this.#services;
    await ownWrites.underWay(address);
    if (!ownWrites.includes(address, revision)) this.#report(address, type);
  }

  /** Notifies the documents of a key: of the first change immediately, and of changes soon after it together. */
  #report(address: KeyAddress, type: FileChangeType, tries = 1): void {
    const id = addressId(address);
    const resting = this.#resting.get(id);
    if (resting) {
      resting.next = type;
      return;
    }
    for (const uri of openUrisOf(id)) this.#services.noteChange(type, uri);
    const timer = setTimeout(() => {
      const next = this.#resting.get(id)?.next;
      this.#resting.delete(id);
      if (next !== undefined) this.#report(address, next);
      // VS Code may have read the earlier state in a read that was under way.
      else if (tries < MAX_TRIES && !this.#isCurrent(address)) this.#report(address, type, tries + 1);
    }, PAUSE);
    this.#resting.set(id, { timer, next: undefined });
  }

  #isCurrent(address: KeyAddress): boolean {
    const { known, reportedRevision } = this.#services;
    const now = known.get(address)?.facts?.modRevision;
    return openUrisOf(addressId(address)).every((uri) => openDocument(uri)?.isDirty || reportedRevision(uri) === now);
  }

  async #ask(address: KeyAddress): Promise<void> {
    const id = addressId(address);
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    try {
      await this.#services.read(address);
      const connection = this.#connectionOf(address);
      if (connection) this.#services.feeds.update(connection);
    } catch (error) {
      // The document itself shows the reason.
      if (!EtcdError.is(error)) throw error;
    } finally {
      this.#asked.delete(id);
    }
  }

  #connectionOf(address: KeyAddress | undefined): Connection | undefined {
    return address && this.#services.connectionOf(address.connectionId);
  }
}

function openKeyUris(): Uri[] {
  return [KEY_SCHEME, HEX_SCHEME, YAML_SCHEME].flatMap(openUris);
}

function openUrisOf(id: string): Uri[] {
  return openKeyUris().filter((uri) => {
    const address = keyAddress(uri);
    return address !== undefined && addressId(address) === id;
  });
}

function openAddresses(): KeyAddress[] {
  const all = openKeyUris().flatMap((uri) => keyAddress(uri) ?? []);
  return [...new Map(all.map((address) => [addressId(address), address])).values()];
}

function changeType(existed: boolean, exists: boolean): FileChangeType {
  if (!exists) return FileChangeType.Deleted;
  return existed ? FileChangeType.Changed : FileChangeType.Created;
}
