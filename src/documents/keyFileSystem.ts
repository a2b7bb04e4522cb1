import {
  EventEmitter,
  FileChangeType,
  FilePermission,
  FileSystemError,
  FileType,
  TextDocumentSaveReason,
  Uri,
  l10n,
  workspace,
  type Disposable,
  type FileStat,
  type FileSystemProvider,
  type Memento,
  type TextDocument,
} from 'vscode';
import type { Expectation, KeyStore, KeyValue, Lifetime, PutResult } from '../etcd/keyStore.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { DocumentBases } from './documentBases.ts';
import type { Drafts } from './drafts.ts';
import { addressOf, isRoot } from './fileAddress.ts';
import { fileError } from './fileErrors.ts';
import { FileEvents } from './fileEvents.ts';
import { KEY_SCHEME, keyAddress, keyUriParts, type KeyAddress } from './keyUri.ts';
import { openDocument, openUris } from './openDocuments.ts';
import type { OwnWrites } from './ownWrites.ts';
import type { SaveGuard } from './saveGuard.ts';
import { ShownVersions } from './shownVersions.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';
import { isText } from './textValue.ts';
import { ToldState, distinctSize } from './toldState.ts';
import { changedAgain, expectation, overwritesUnseen, type WriteOptions } from './writeRules.ts';

/** So many documents' states are remembered beside those of open documents. */
const MAX_STATES = 500;
/** The modification time of a draft: etcd's revision before its first write, so that every key is newer. */
const DRAFT_REVISION = 1n;

export interface KeyFileSystemServices {
  readonly storeFor: (connectionId: string) => Promise<KeyStore>;
  readonly snapshots: Snapshots;
  readonly drafts: Drafts;
  readonly guard: SaveGuard;
  /** Remembers what unsaved text began from. */
  readonly memento: Memento;
  readonly isReadOnly: (connectionId: string) => boolean;
  readonly ownWrites: OwnWrites;
}

type Written = Extract<PutResult, { outcome: 'written' }>;

interface FileState {
  readonly told: ToldState;
  readonly shown: ShownVersions;
  /** What was read last, by whom there is no document of. */
  read?: bigint | undefined;
  /** A merge that was written already: the document has only to learn that its text is this. */
  merged?: { readonly modRevision: bigint; readonly content: Uint8Array } | undefined;
}

export interface KeyWrite extends KeyAddress {
  readonly created: boolean;
  readonly modRevision: bigint;
  /** The key as it was before, where it was overwritten. */
  readonly previous?: KeyValue;
}

/** Unsaved text meets a version of its key that it was not made from. */
export interface MovedOn {
  readonly uri: Uri;
  /** Absent where the key was deleted. */
  readonly modRevision?: bigint;
  /** A save has just met it: VS Code asks now whether to overwrite it. */
  readonly bySave: boolean;
}

/**
 * Keys as files. VS Code asks before it overwrites a file that changed: it calls `stat`, compares with what it has loaded,
 * and calls `writeFile`, which writes only if the key still is what that `stat` said. Nothing is written over a state of
 * the key that VS Code has not been told of.
 */
export class KeyFileSystem extends DisposableOwner implements FileSystemProvider {
  /** What the documents' texts come from. */
  readonly bases: DocumentBases;
  readonly #storeFor: KeyFileSystemServices['storeFor'];
  readonly #snapshots: Snapshots;
  readonly #drafts: Drafts;
  readonly #guard: SaveGuard;
  readonly #isReadOnly: KeyFileSystemServices['isReadOnly'];
  readonly #ownWrites: OwnWrites;
  readonly #states = new Map<string, FileState>();
  /** Documents that VS Code is about to save: their next `stat` is what it compares with. */
  readonly #saving = new Set<string>();
  readonly #events = this.own(new FileEvents());
  readonly #written = this.own(new EventEmitter<KeyWrite>());
  readonly #movedOn = this.own(new EventEmitter<MovedOn>());
  readonly onDidChangeFile = this.#events.event;
  readonly onDidWrite = this.#written.event;
  readonly onDidMoveOn = this.#movedOn.event;

  constructor({ storeFor, snapshots, drafts, guard, memento, isReadOnly, ownWrites }: KeyFileSystemServices) {
    super();
    this.#storeFor = storeFor;
    this.#snapshots = snapshots;
    this.#drafts = drafts;
    this.#guard = guard;
    this.#isReadOnly = isReadOnly;
    this.#ownWrites = ownWrites;
    this.bases = this.own(
      new DocumentBases(memento, (uri, modRevision) => this.#stateOf(uri).told.mtimeOf(modRevision)),
    );
    this.own(workspace.onDidChangeTextDocument(({ document }) => this.#noteClean(document)));
    this.own(
      workspace.onDidCloseTextDocument(({ uri, isClosed }) => {
        const state = isClosed && this.#states.get(uri.toString());
        // What was read belonged to that document.
        if (state) state.read = undefined;
      }),
    );
    this.own(
      workspace.onWillSaveTextDocument(({ document: { uri } }) => {
        if (uri.scheme === KEY_SCHEME) this.#saving.add(uri.toString());
      }),
    );
  }

  /** Registers a key that does not exist yet; its document is empty, and saving it creates the key. */
  createDraft(address: KeyAddress, lifetime?: Lifetime): Uri {
    const uri = Uri.from(keyUriParts(address));
    this.#drafts.begin(uri, lifetime);
    return uri;
  }

  /** Lets open documents follow changes made elsewhere. */
  refresh(isConcerned: (address: KeyAddress) => boolean = () => true): void {
    this.#noteChanges(FileChangeType.Changed, isConcerned);
  }

  /** Lets open documents follow the deletion of keys. */
  noteDeleted(isDeleted: (address: KeyAddress) => boolean): void {
    this.#noteChanges(FileChangeType.Deleted, isDeleted);
  }

  async stat(uri: Uri): Promise<FileStat> {
    if (isRoot(uri)) return { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    const address = addressOf(uri);
    const { told, shown, merged } = this.#stateOf(uri);
    const bySave = this.#saving.delete(uri.toString());
    let snapshot: Snapshot;
    try {
      snapshot = await this.#snapshots.forStat(address);
    } catch (error) {
      // VS Code calls `writeFile` all the same after a failed `stat`, without having compared anything.
      told.last = undefined;
      throw fileError(error);
    }
    const document = openDocument(uri);
    if (document?.isDirty) this.#noteMovedOn(uri, snapshot.kv?.modRevision, bySave);
    if (!snapshot.kv) return this.#statOfNothing(uri, snapshot.revision, told, document?.isDirty ?? false);
    const { modRevision, value } = snapshot.kv;
    if (bySave) shown.ask(modRevision);
    if (document && this.bases.isLost(document) && !this.#drafts.has(uri)) told.doubt();
    const toldTime = told.tellKey(modRevision, isText(value));
    // The document takes over what was written for it: that is nothing which VS Code has to ask about.
    const mtime = merged?.modRevision === modRevision ? 0 : toldTime;
    // Whether there is unsaved text says nothing: VS Code writes an untouched document too when told to save it.
    const size = document ? distinctSize(value.length, mtime) : value.length;
    // Who edits bytes has no text document, which would not keep them.
    const isWritable = (isText(value) || !document) && !this.#isReadOnly(address.connectionId);
    return isWritable ? fileStat(mtime, size) : { ...fileStat(mtime, size), permissions: FilePermission.Readonly };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    if (isRoot(uri)) throw FileSystemError.FileIsADirectory(uri);
    const { kv } = await this.#read(addressOf(uri));
    const document = openDocument(uri);
    const state = this.#stateOf(uri);
    state.read = kv?.modRevision;
    if (kv) {
      this.bases.noteRead(uri, kv);
      // What Compare shows beside unsaved text.
      if (document?.isDirty) state.shown.show(kv.modRevision);
      else this.#drafts.end(uri);
      return kv.value;
    }
    if (document?.isDirty || this.#drafts.has(uri)) return new Uint8Array();
    throw FileSystemError.FileNotFound(uri);
  }

  async writeFile(uri: Uri, content: Uint8Array, options: WriteOptions): Promise<void> {
    const address = addressOf(uri);
    const state = this.#stateOf(uri);
    const expected = expectation(uri, { told: state.told.last, read: state.read }, options);
    if (this.#isMerged(state, expected, content)) return this.#noteWritten(uri, address, expected.modRevision, content);
    if (!(await this.#isShown(uri, address, state, expected, content))) {
      this.noteChange(FileChangeType.Changed, uri);
      throw changedAgain();
    }
    await this.#guard.check({ uri, address, content, expected, before: async () => await this.#valueOf(address) });
    const lifetime = expected === 'absent' ? this.#drafts.lifetime(uri) : 'keep';
    const result = await this.#put(uri, address, content, expected, lifetime);
    if (result.outcome === 'conflict') {
      [state.told.last, state.read] = [undefined, undefined];
      throw options.overwrite ? changedAgain() : FileSystemError.FileExists(uri);
    }
    this.#noteWritten(uri, address, result.modRevision, content);
    this.#tellWritten(address, expected, result);
  }

  /**
   * Writes the merge of a document's text with a version of its key, by the same guards as a save. The document is to take
   * over that text and to be saved: this writes nothing more.
   * @returns `conflict` where the key changed since that version: nothing was written
   */
  async writeMerged(uri: Uri, content: Uint8Array, modRevision: bigint): Promise<PutResult['outcome']> {
    const address = addressOf(uri);
    const before = async () => await this.#valueOf(address);
    const [expected, reason] = [{ modRevision }, TextDocumentSaveReason.Manual];
    await this.#guard.check({ uri, address, content, expected, before, reason, isShown: true });
    const result = await this.#put(uri, address, content, expected, 'keep');
    if (result.outcome === 'conflict') return result.outcome;
    this.#stateOf(uri).merged = { modRevision: result.modRevision, content };
    this.#snapshots.forget(address);
    this.#tellWritten(address, expected, result);
    return result.outcome;
  }

  /** Nothing to do: open documents follow etcd by themselves, see LiveDocuments. */
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

  #statOfNothing(uri: Uri, revision: bigint, told: ToldState, isDirty: boolean): FileStat {
    if (this.#drafts.has(uri)) return fileStat(told.tellAbsent('file', DRAFT_REVISION), 0);
    if (isDirty) {
      // If there were no file, VS Code would create it without a question; it asks where a file changed.
      const mtime = told.tellAbsent('file', revision);
      return fileStat(mtime, distinctSize(0, mtime));
    }
    told.tellAbsent('missing', revision);
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
    uri: Uri,
    address: KeyAddress,
    content: Uint8Array,
    expected: Expectation,
    lifetime: Lifetime,
  ): Promise<PutResult> {
    try {
      const store = await this.#storeFor(address.connectionId);
      const options = { lifetime, previous: expected !== 'absent' };
      const result = await this.#ownWrites.during(address, store.put(address.key, content, expected, options));
      if (result.outcome === 'conflict') this.noteChange(FileChangeType.Changed, uri);
      return result;
    } catch (error) {
      this.#stateOf(uri).told.last = undefined;
      this.#snapshots.forget(address);
      throw fileError(error);
    }
  }

  #tellWritten(address: KeyAddress, expected: Expectation, { modRevision, previous }: Written): void {
    this.#written.fire({ ...address, created: expected === 'absent', modRevision, ...(previous && { previous }) });
  }

  #noteWritten(uri: Uri, address: KeyAddress, modRevision: bigint, value: Uint8Array): void {
    const state = this.#stateOf(uri);
    state.told.tellKey(modRevision, isText(value));
    state.shown.clear();
    state.read = modRevision;
    state.merged = undefined;
    this.#snapshots.keep(address, { revision: modRevision, kv: { modRevision, value } });
    this.bases.noteWritten(uri, { modRevision, value });
    this.#drafts.end(uri);
  }

  /** True where the text that is to be overwritten is the one that the document's text comes from, or was shown to the user. */
  async #isShown(
    uri: Uri,
    address: KeyAddress,
    { shown }: FileState,
    expected: Expectation,
    content: Uint8Array,
  ): Promise<boolean> {
    const base = this.bases.get(uri);
    if (expected === 'absent' || !base || !openDocument(uri) || overwritesUnseen(uri)) return true;
    if (expected.modRevision === base.modRevision || shown.has(expected.modRevision)) return true;
    const now = await this.#valueOf(address);
    return now !== undefined && Buffer.compare(now, content) === 0;
  }

  #isMerged(
    { merged }: FileState,
    expected: Expectation,
    content: Uint8Array,
  ): expected is { readonly modRevision: bigint } {
    if (!merged || expected === 'absent') return false;
    return merged.modRevision === expected.modRevision && Buffer.compare(merged.content, content) === 0;
  }

  #noteMovedOn(uri: Uri, modRevision: bigint | undefined, bySave: boolean): void {
    const base = this.bases.get(uri);
    const { merged } = this.#stateOf(uri);
    if (!base || base.modRevision === modRevision || (merged && merged.modRevision === modRevision)) return;
    this.#movedOn.fire({ uri, bySave, ...(modRevision !== undefined && { modRevision }) });
  }

  #noteChanges(type: FileChangeType, isConcerned: (address: KeyAddress) => boolean): void {
    for (const uri of openUris(KEY_SCHEME)) {
      const address = keyAddress(uri);
      if (address && isConcerned(address)) this.noteChange(type, uri);
    }
  }

  /** The revision of its key that the last `stat` told of a file; undefined where it told of none. */
  toldRevision(uri: Uri): bigint | undefined {
    const told = this.#states.get(uri.toString())?.told.last;
    return told?.kind === 'key' ? told.modRevision : undefined;
  }

  /** Lets VS Code look at a file again. */
  noteChange(type: FileChangeType, uri: Uri): void {
    this.#snapshots.forget(addressOf(uri));
    this.#events.add(type, uri);
  }

  #noteClean({ uri, isDirty }: TextDocument): void {
    if (uri.scheme !== KEY_SCHEME || isDirty) return;
    const state = this.#states.get(uri.toString());
    state?.shown.clear();
    // Unsaved text over a deleted key was given up: now VS Code may know that there is no file.
    const told = state?.told.last;
    if (!this.#drafts.has(uri) && told?.kind === 'absent' && told.as === 'file')
      this.noteChange(FileChangeType.Deleted, uri);
  }

  #stateOf(uri: Uri): FileState {
    const name = uri.toString();
    const known = this.#states.get(name);
    if (known) return known;
    if (this.#states.size >= MAX_STATES) this.#forgetClosed();
    const state = { told: new ToldState(this.bases.get(uri)), shown: new ShownVersions() };
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
