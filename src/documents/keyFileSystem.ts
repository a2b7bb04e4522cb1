import {
  EventEmitter,
  FileChangeType,
  FilePermission,
  FileSystemError,
  FileType,
  Uri,
  l10n,
  workspace,
  type Disposable,
  type FileStat,
  type FileSystemProvider,
  type TextDocument,
} from 'vscode';
import type { Expectation, KeyStore, Lifetime, PutResult } from '../etcd/keyStore.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import type { Drafts } from './drafts.ts';
import { fileError } from './fileErrors.ts';
import { FileEvents } from './fileEvents.ts';
import { KEY_SCHEME, keyAddress, keyUriParts, type KeyAddress } from './keyUri.ts';
import { openDocument, openUris } from './openDocuments.ts';
import type { SaveGuard } from './saveGuard.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';
import { isText } from './textValue.ts';
import { ToldState, distinctSize, type Told } from './toldState.ts';

/** So many documents' states are remembered beside those of open documents. */
const MAX_STATES = 500;
/** The modification time of a draft: etcd's revision before its first write, so that every key is newer. */
const DRAFT_REVISION = 1n;

export interface KeyFileSystemServices {
  readonly storeFor: (connectionId: string) => Promise<KeyStore>;
  readonly snapshots: Snapshots;
  readonly drafts: Drafts;
  readonly guard: SaveGuard;
  readonly isReadOnly: (connectionId: string) => boolean;
}

interface WriteOptions {
  readonly create: boolean;
  readonly overwrite: boolean;
}

export interface KeyWrite extends KeyAddress {
  readonly created: boolean;
}

/**
 * Keys as files. VS Code asks before it overwrites a file that changed: it calls `stat`, compares with what it has loaded,
 * and calls `writeFile`, which writes only if the key still is what that `stat` said. Nothing is written over a state of
 * the key that VS Code has not been told of.
 */
export class KeyFileSystem extends DisposableOwner implements FileSystemProvider {
  readonly #storeFor: KeyFileSystemServices['storeFor'];
  readonly #snapshots: Snapshots;
  readonly #drafts: Drafts;
  readonly #guard: SaveGuard;
  readonly #isReadOnly: KeyFileSystemServices['isReadOnly'];
  readonly #states = new Map<string, ToldState>();
  readonly #events = this.own(new FileEvents());
  readonly #written = this.own(new EventEmitter<KeyWrite>());
  readonly onDidChangeFile = this.#events.event;
  readonly onDidWrite = this.#written.event;

  constructor({ storeFor, snapshots, drafts, guard, isReadOnly }: KeyFileSystemServices) {
    super();
    this.#storeFor = storeFor;
    this.#snapshots = snapshots;
    this.#drafts = drafts;
    this.#guard = guard;
    this.#isReadOnly = isReadOnly;
    this.own(workspace.onDidChangeTextDocument(({ document }) => this.#noteReverted(document)));
  }

  /** Registers a key that does not exist yet; its document is empty, and saving it creates the key. */
  createDraft(address: KeyAddress, lifetime?: Lifetime): Uri {
    const uri = Uri.from(keyUriParts(address));
    this.#drafts.begin(uri, lifetime);
    return uri;
  }

  /** Lets open documents follow changes made elsewhere. */
  refresh(): void {
    for (const uri of openUris(KEY_SCHEME)) this.#noteChange(FileChangeType.Changed, uri);
  }

  /** Lets open documents follow the deletion of keys. */
  noteDeleted(isDeleted: (address: KeyAddress) => boolean): void {
    for (const uri of openUris(KEY_SCHEME)) {
      const address = keyAddress(uri);
      if (address && isDeleted(address)) this.#noteChange(FileChangeType.Deleted, uri);
    }
  }

  async stat(uri: Uri): Promise<FileStat> {
    if (isRoot(uri)) return { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    const address = addressOf(uri);
    const state = this.#stateOf(uri);
    let snapshot: Snapshot;
    try {
      snapshot = await this.#snapshots.forStat(address);
    } catch (error) {
      // VS Code calls `writeFile` all the same after a failed `stat`, without having compared anything.
      state.last = undefined;
      throw fileError(error);
    }
    const document = openDocument(uri);
    if (!snapshot.kv) return this.#statOfNothing(uri, snapshot.revision, state, document?.isDirty ?? false);
    const { modRevision, value } = snapshot.kv;
    const mtime = state.tellKey(modRevision, isText(value));
    // Whether there is unsaved text says nothing: VS Code writes an untouched document too when told to save it.
    const size = document ? distinctSize(value.length, mtime) : value.length;
    const isWritable = isText(value) && !this.#isReadOnly(address.connectionId);
    return isWritable ? fileStat(mtime, size) : { ...fileStat(mtime, size), permissions: FilePermission.Readonly };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    if (isRoot(uri)) throw FileSystemError.FileIsADirectory(uri);
    const { kv } = await this.#read(addressOf(uri));
    const isDirty = openDocument(uri)?.isDirty ?? false;
    if (kv) {
      if (!isDirty) this.#drafts.end(uri);
      return kv.value;
    }
    if (isDirty || this.#drafts.has(uri)) return new Uint8Array();
    throw FileSystemError.FileNotFound(uri);
  }

  async writeFile(uri: Uri, content: Uint8Array, options: WriteOptions): Promise<void> {
    const address = addressOf(uri);
    const state = this.#stateOf(uri);
    const expected = expectation(uri, state.last, options);
    await this.#guard.check({ uri, address, content, before: async () => await this.#valueOf(address) });
    const lifetime = expected === 'absent' ? this.#drafts.lifetime(uri) : 'keep';
    const result = await this.#put(address, content, expected, lifetime, state);
    if (result.outcome === 'conflict') {
      state.last = undefined;
      this.#noteChange(FileChangeType.Changed, uri);
      throw options.overwrite
        ? new FileSystemError(
            l10n.t('The key changed in etcd again while it was saved. Nothing was written: save again.'),
          )
        : FileSystemError.FileExists(uri);
    }
    const { modRevision } = result;
    state.tellKey(modRevision, isText(content));
    this.#snapshots.keep(address, { revision: modRevision, kv: { modRevision, value: content } });
    this.#drafts.end(uri);
    this.#written.fire({ ...address, created: expected === 'absent' });
  }

  /** Nothing to do: changes made elsewhere show when a document is opened, saved or refreshed, not by themselves yet. */
  watch(): Disposable {
    return { dispose: () => undefined };
  }

  readDirectory(): never {
    throw FileSystemError.NoPermissions(l10n.t('Folders of etcd keys are listed in the etcd view, not as files.'));
  }

  /** Nothing to do: etcd has no folders, and VS Code asks for those above a new file. */
  createDirectory(): void {
    return undefined;
  }

  delete(): never {
    throw FileSystemError.NoPermissions(l10n.t('To delete keys, use the command "etcd: Delete…".'));
  }

  rename(): never {
    throw FileSystemError.NoPermissions(
      l10n.t('etcd cannot rename keys. Save the value under a new key, then delete the old one by "etcd: Delete…".'),
    );
  }

  #statOfNothing(uri: Uri, revision: bigint, state: ToldState, isDirty: boolean): FileStat {
    if (this.#drafts.has(uri)) return fileStat(state.tellAbsent('file', DRAFT_REVISION), 0);
    if (isDirty) {
      // If there were no file, VS Code would create it without a question; it asks where a file changed.
      const mtime = state.tellAbsent('file', revision);
      return fileStat(mtime, distinctSize(0, mtime));
    }
    state.tellAbsent('missing', revision);
    throw FileSystemError.FileNotFound(uri);
  }

  async #read(address: KeyAddress): Promise<Snapshot> {
    try {
      return await this.#snapshots.forRead(address);
    } catch (error) {
      throw fileError(error);
    }
  }

  /** Past the snapshots, which belong to VS Code's own calls. */
  async #valueOf({ connectionId, key }: KeyAddress): Promise<Uint8Array | undefined> {
    try {
      return (await (await this.#storeFor(connectionId)).get(key)).kv?.value;
    } catch (error) {
      throw fileError(error);
    }
  }

  async #put(
    address: KeyAddress,
    content: Uint8Array,
    expected: Expectation,
    lifetime: Lifetime,
    state: ToldState,
  ): Promise<PutResult> {
    try {
      const store = await this.#storeFor(address.connectionId);
      return await store.put(address.key, content, expected, { lifetime });
    } catch (error) {
      state.last = undefined;
      this.#snapshots.forget(address);
      throw fileError(error);
    }
  }

  #noteChange(type: FileChangeType, uri: Uri): void {
    this.#snapshots.forget(addressOf(uri));
    this.#events.add(type, uri);
  }

  /** Unsaved text over a deleted key was given up: now VS Code may know that there is no file. */
  #noteReverted({ uri, isDirty }: TextDocument): void {
    if (uri.scheme !== KEY_SCHEME || isDirty || this.#drafts.has(uri)) return;
    const told = this.#states.get(uri.toString())?.last;
    if (told?.kind === 'absent' && told.as === 'file') this.#noteChange(FileChangeType.Deleted, uri);
  }

  #stateOf(uri: Uri): ToldState {
    const name = uri.toString();
    const known = this.#states.get(name);
    if (known) return known;
    if (this.#states.size >= MAX_STATES) this.#forgetClosed();
    const state = new ToldState();
    this.#states.set(name, state);
    return state;
  }

  #forgetClosed(): void {
    const open = new Set(openUris(KEY_SCHEME).map(String));
    for (const name of this.#states.keys()) if (!open.has(name)) this.#states.delete(name);
  }
}

function fileStat(mtime: number, size: number): FileStat {
  return { type: FileType.File, ctime: 0, mtime, size };
}

/** What a write may expect of the key: what the last `stat` told of it, and no more than that. */
function expectation(uri: Uri, told: Told | undefined, { create, overwrite }: WriteOptions): Expectation {
  if (!told && create && !overwrite) return 'absent';
  if (!told)
    throw FileSystemError.Unavailable(
      l10n.t('Nothing was written, since etcd could not be asked whether the key changed meanwhile. Save again later.'),
    );
  if (told.kind === 'absent') {
    if (!create) throw FileSystemError.FileNotFound(uri);
    if (told.as === 'missing' && openDocument(uri))
      throw new FileSystemError(
        l10n.t('The key was deleted in etcd. Nothing was written: save again to create it anew.'),
      );
    return 'absent';
  }
  if (!overwrite) throw FileSystemError.FileExists(uri);
  if (!told.text)
    throw FileSystemError.NoPermissions(
      l10n.t('The value in etcd is binary. Nothing was written, since saving it as text would change its bytes.'),
    );
  return { modRevision: told.modRevision };
}

function addressOf(uri: Uri): KeyAddress {
  const address = keyAddress(uri);
  if (!address) throw FileSystemError.FileNotFound(uri);
  return address;
}

function isRoot({ path }: Uri): boolean {
  return path === '/' || path === '';
}
