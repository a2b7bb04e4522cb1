import {
  EventEmitter,
  FileChangeType,
  FilePermission,
  FileType,
  TextDocumentSaveReason,
  Uri,
  l10n,
  workspace,
  type Disposable,
  type FileStat,
  type FileSystemProvider,
  type TextDocument,
} from 'vscode';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import type { Expectation, Lifetime, PutResult } from '../../etcd/keyStore.ts';
import type { Confirmation } from '../../ui/confirm.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { KeptBytes } from '../keptBytes/keptBytes.ts';
import { DocumentBases, hashOf } from './documentBases.ts';
import type { KeyWrite } from './documentEvents.ts';
import { addressOf, fileStat, isRoot } from './fileAddress.ts';
import { fileError } from '../addresses/fileErrors.ts';
import type { KeyFileSystemServices } from './keyFileServices.ts';
import { FileEvents } from './fileEvents.ts';
import { KEY_SCHEME, keyAddress, keyUriParts, type KeyAddress } from '../addresses/keyUri.ts';
import { openDocument, openUris } from '../addresses/openDocuments.ts';
import type { PendingSave } from './saveChecks.ts';
import { ShownVersions } from './shownVersions.ts';
import type { Snapshot } from './sharedReads.ts';
import { isText } from '../addresses/textValue.ts';
import { ReportedState, distinctSize } from './reportedState.ts';
import { changedAgain, expectation, overwritesUnseen, type WriteOptions } from './saveConflict.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';

/** Limit of remembered document states, in addition to those of open documents. */
const MAX_STATES = 500;
/** The modification time of a draft: etcd's revision before its first write, so that every key is newer. */
const DRAFT_REVISION = 1n;

type WrittenKey = Extract<PutResult, { outcome: 'written' }>;

interface FileState {
  readonly reported: ReportedState;
  readonly shown: ShownVersions;
  /** Why the last `stat` failed, if only a change of the settings can help. */
  refusal?: unknown;
  /** The revision last read by a caller without an open document. */
  read?: bigint | undefined;
  /** A merge that was written already: the document only has to take over its text. */
  merged?: { readonly modRevision: bigint; readonly content: Uint8Array } | undefined;
}

/**
 * Keys as files. VS Code asks before it overwrites a changed file: it calls `stat`, compares with what it has loaded,
 * and calls `writeFile`. That writes only if the key still is what that `stat` returned, so no state of the key is
 * overwritten that VS Code has not seen.
 */
export class KeyFileSystem extends DisposableOwner implements FileSystemProvider {
  /** The versions that the documents' texts were made from. */
  readonly bases: DocumentBases;
  readonly #services: KeyFileSystemServices;
  readonly #scheme: string;
  readonly #keptBytes: KeptBytes;
  /** State by URI. The states of all open documents are kept. */
  readonly #states = new BoundedMap<string, FileState>({
    entries: MAX_STATES,
    inUse: () => new Set(openUris(this.#scheme).map(String)),
  });
  /** Documents that VS Code is about to save; it compares with the result of their next `stat`. */
  readonly #saving = new Set<string>();
  readonly #events = this.own(new FileEvents());
  readonly #written = this.own(new EventEmitter<KeyWrite>());
  readonly #outdated = this.own(new EventEmitter<Uri>());
  readonly onDidChangeFile = this.#events.event;
  readonly onDidWrite = this.#written.event;
  /** Fires when unsaved text met a version of its key that it was not made from. */
  readonly onDidBecomeOutdated = this.#outdated.event;

  constructor(services: KeyFileSystemServices) {
    super();
    const { scheme = KEY_SCHEME, memento } = services;
    this.#services = services;
    this.#scheme = scheme;
    this.bases = this.own(
      new DocumentBases(memento, scheme, (uri, modRevision) => this.#stateOf(uri).reported.mtimeOf(modRevision)),
    );
    this.#keptBytes = this.own(
      new KeptBytes(scheme, { baseOf: (uri) => this.bases.get(uri)?.value, reread: (uri) => this.#reread(uri) }),
    );
    this.own(workspace.onDidChangeTextDocument(({ document }) => this.#noteClean(document)));
    this.own(
      workspace.onDidCloseTextDocument(({ uri, isClosed }) => {
        const state = isClosed && this.#states.get(uri.toString());
        // The read belonged to that document.
        if (state) state.read = undefined;
      }),
    );
    this.own(
      workspace.onWillSaveTextDocument(({ document: { uri } }) => {
        if (uri.scheme === scheme) this.#saving.add(uri.toString());
      }),
    );
  }

  /** Registers a key that does not exist yet; its document is empty, and saving it creates the key. */
  createDraft(address: KeyAddress, lifetime?: Lifetime): Uri {
    const uri = Uri.from(keyUriParts(address));
    this.#services.drafts.begin(uri, lifetime);
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
    const state = this.#stateOf(uri);
    const { reported, shown, merged } = state;
    state.refusal = undefined;
    const bySave = this.#saving.delete(uri.toString());
    if (bySave) this.#services.guard.noteLastEdit(uri);
    let snapshot: Snapshot;
    try {
      snapshot = await this.#services.snapshots.forStat(address);
    } catch (error) {
      // After a failed `stat`, VS Code calls `writeFile` nevertheless, without having compared anything.
      reported.last = undefined;
      const refusal = fileError(error);
      if (EtcdError.is(error, 'configuration')) state.refusal = refusal;
      throw refusal;
    }
    const document = openDocument(uri);
    if (document?.isDirty) this.#noteOutdated(uri, snapshot.kv?.modRevision);
    if (!snapshot.kv) return this.#statOfNothing(uri, snapshot.revision, reported, document?.isDirty ?? false);
    const { modRevision, value, isLocked = false } = snapshot.kv;
    if (bySave) shown.ask(modRevision);
    if (document && this.bases.isLost(document) && !this.#services.drafts.has(uri)) reported.doubt();
    const reportedTime = reported.reportKey(modRevision, isText(value));
    // The document only takes over a text that was written for it, so VS Code must not ask anything.
    const mtime = merged?.modRevision === modRevision ? 0 : reportedTime;
    // This applies without unsaved text too: VS Code also writes an unchanged document when the user saves it.
    const size = document ? distinctSize(value.length, mtime) : value.length;
    // An editor of bytes has no text document, which would not keep them.
    const isWritable = (isText(value) || !document) && !isLocked && !this.#services.isReadOnly(address);
    return isWritable ? fileStat(mtime, size) : { ...fileStat(mtime, size), permissions: FilePermission.Readonly };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    if (isRoot(uri)) throw FileSystemError.FileIsADirectory(uri);
    const { kv } = await this.#read(addressOf(uri));
    const document = openDocument(uri);
    const state = this.#stateOf(uri);
    // A writer without a document expects what it has read last, not what an earlier `stat` returned.
    [state.read, state.reported.last] = [kv?.modRevision, document || !kv ? state.reported.last : undefined];
    if (kv) {
      this.bases.noteRead(uri, kv);
      // Compare shows this version beside unsaved text.
      if (document?.isDirty) state.shown.show(kv.modRevision);
      else this.#services.drafts.end(uri);
      return kv.value;
    }
    if (document?.isDirty || this.#services.drafts.has(uri)) return new Uint8Array();
    throw FileSystemError.FileNotFound(uri);
  }

  async writeFile(uri: Uri, text: Uint8Array, options: WriteOptions): Promise<void> {
    const address = addressOf(uri);
    const state = this.#stateOf(uri);
    if (!state.reported.last && state.refusal !== undefined) throw state.refusal;
    const expected = expectation(uri, { reported: state.reported.last, read: state.read }, options);
    if (this.#isMerged(state, expected, text)) return this.#noteWritten(uri, address, expected.modRevision, text);
    const content = await this.#keptBytes.of(uri, text, () => this.#baseValue(uri, address));
    if (!(await this.#isShown(uri, address, state, expected, content))) {
      this.noteChange(FileChangeType.Changed, uri);
      throw changedAgain();
    }
    const yes = await this.#checked({ uri, address, content, expected });
    const lifetime = expected === 'absent' ? this.#services.drafts.lifetime(uri) : 'keep';
    const result = await this.#put(uri, address, content, expected, { lifetime, yes });
    if (result.outcome === 'conflict') {
      [state.reported.last, state.read] = [undefined, undefined];
      throw options.overwrite ? changedAgain() : FileSystemError.FileExists(uri);
    }
    this.#noteWritten(uri, address, result.modRevision, content);
    this.#tellWritten(address, expected, result);
  }

  /**
   * Writes the merge of a document's text with a version of its key, with the guards of a save. The document then takes
   * over that text and is saved, which writes nothing more.
   * @returns `conflict` if the key changed since that version; nothing was written
   */
  async writeMerged(uri: Uri, content: Uint8Array, modRevision: bigint): Promise<PutResult['outcome']> {
    const address = addressOf(uri);
    const [expected, reason] = [{ modRevision }, TextDocumentSaveReason.Manual];
    const yes = await this.#checked({ uri, address, content, expected, reason, isShown: true });
    const result = await this.#put(uri, address, content, expected, { lifetime: 'keep', yes });
    if (result.outcome === 'conflict') return result.outcome;
    this.#stateOf(uri).merged = { modRevision: result.modRevision, content };
    this.#services.snapshots.forget(address);
    this.#tellWritten(address, expected, result);
    return result.outcome;
  }

  /** Does nothing: open documents follow etcd by themselves, see LiveDocuments. */
  watch(): Disposable {
    return { dispose: () => undefined };
  }

  readDirectory(): never {
    throw FileSystemError.NoPermissions(l10n.t('Folders of etcd keys are listed in the etcd view, not as files.'));
  }

  /** Does nothing: etcd has no folders, and VS Code asks for those above a new file. */
  createDirectory(): void {
    return undefined;
  }

  delete(): never {
    throw FileSystemError.NoPermissions(l10n.t('To delete keys, use the command "etcd: Delete…".'));
  }

  rename(_from: Uri, _to: Uri): Promise<void> {
    throw FileSystemError.NoPermissions(l10n.t('To rename keys, use the command "etcd: Rename…".'));
  }

  #statOfNothing(uri: Uri, revision: bigint, reported: ReportedState, isDirty: boolean): FileStat {
    if (this.#services.drafts.has(uri)) return fileStat(reported.reportAbsent('file', DRAFT_REVISION), 0);
    if (isDirty) {
      // A missing file would be created without a question; VS Code asks if a file changed.
      const mtime = reported.reportAbsent('file', revision);
      return fileStat(mtime, distinctSize(0, mtime));
    }
    reported.reportAbsent('missing', revision);
    throw FileSystemError.FileNotFound(uri);
  }

  async #read(address: KeyAddress): Promise<Snapshot> {
    try {
      return await this.#services.snapshots.forRead(address);
    } catch (error) {
      throw fileError(error);
    }
  }

  /** Reads the value without the snapshots, which are only for VS Code's own calls. */
  async #valueOf({ connectionId, key }: KeyAddress): Promise<Uint8Array | undefined> {
    try {
      return (await (await this.#services.storeFor(connectionId)).get(key)).kv?.value;
    } catch (error) {
      throw fileError(error);
    }
  }

  /** Returns the value that a document's text was made from; undefined if that is not known. */
  async #baseValue(uri: Uri, address: KeyAddress): Promise<Uint8Array | undefined> {
    const base = this.bases.get(uri);
    if (!base) return this.#services.drafts.has(uri) ? new Uint8Array() : undefined;
    if (base.value) return base.value;
    const now = await this.#valueOf(address);
    return now && hashOf(now) === base.hash ? now : undefined;
  }

  /** @throws FileSystemError that says why nothing is written */
  async #checked(save: Omit<PendingSave, 'before'>): Promise<Confirmation | undefined> {
    const { connectionId, key } = save.address;
    try {
      await (await this.#services.storeFor(connectionId)).check?.(key, save.content, save.expected);
    } catch (error) {
      throw fileError(error);
    }
    return await this.#services.guard.check({ ...save, before: async () => await this.#valueOf(save.address) });
  }

  async #put(
    uri: Uri,
    address: KeyAddress,
    content: Uint8Array,
    expected: Expectation,
    { lifetime, yes }: { readonly lifetime: Lifetime; readonly yes: Confirmation | undefined },
  ): Promise<PutResult> {
    try {
      const store = await this.#services.storeToWrite(address.connectionId, yes);
      const options = { lifetime, previous: expected !== 'absent' };
      const result = await this.#services.ownWrites.during(address, store.put(address.key, content, expected, options));
      if (result.outcome === 'conflict') this.noteChange(FileChangeType.Changed, uri);
      return result;
    } catch (error) {
      this.#stateOf(uri).reported.last = undefined;
      this.#services.snapshots.forget(address);
      throw fileError(error);
    }
  }

  #tellWritten(address: KeyAddress, expected: Expectation, { modRevision, previous }: WrittenKey): void {
    this.#written.fire({ ...address, created: expected === 'absent', modRevision, ...(previous && { previous }) });
  }

  #noteWritten(uri: Uri, address: KeyAddress, modRevision: bigint, value: Uint8Array): void {
    const state = this.#stateOf(uri);
    state.reported.reportKey(modRevision, isText(value));
    state.shown.clear();
    state.read = modRevision;
    state.merged = undefined;
    this.#services.snapshots.keep(address, { revision: modRevision, kv: { modRevision, value } });
    this.bases.noteWritten(uri, { modRevision, value });
    this.#services.drafts.end(uri);
  }

  /** Whether the version to overwrite is the one that the document's text was made from, or was shown to the user. */
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

  #noteOutdated(uri: Uri, modRevision: bigint | undefined): void {
    const base = this.bases.get(uri);
    const { merged } = this.#stateOf(uri);
    if (!base || base.modRevision === modRevision || (merged && merged.modRevision === modRevision)) return;
    this.#outdated.fire(uri);
  }

  #noteChanges(type: FileChangeType, isConcerned: (address: KeyAddress) => boolean): void {
    for (const uri of openUris(this.#scheme)) {
      const address = keyAddress(uri);
      if (address && isConcerned(address)) this.noteChange(type, uri);
    }
  }

  /** Returns the key's revision in the last `stat` of a file; undefined if it found none. */
  reportedRevision(uri: Uri): bigint | undefined {
    const reported = this.#states.get(uri.toString())?.reported.last;
    return reported?.kind === 'key' ? reported.modRevision : undefined;
  }

  /** Makes VS Code read a file again. */
  noteChange(type: FileChangeType, uri: Uri): void {
    this.#services.snapshots.forget(addressOf(uri));
    this.#events.add(type, uri);
  }

  /** Makes VS Code read a document again that it has just written. */
  #reread(uri: Uri): void {
    this.#stateOf(uri).reported.renew();
    this.noteChange(FileChangeType.Changed, uri);
  }

  #noteClean({ uri, isDirty }: TextDocument): void {
    if (uri.scheme !== this.#scheme || isDirty) return;
    const state = this.#states.get(uri.toString());
    state?.shown.clear();
    // Unsaved text of a deleted key was discarded, so VS Code may learn that there is no file.
    const reported = state?.reported.last;
    if (!this.#services.drafts.has(uri) && reported?.kind === 'absent' && reported.as === 'file')
      this.noteChange(FileChangeType.Deleted, uri);
  }

  #stateOf(uri: Uri): FileState {
    const name = uri.toString();
    const known = this.#states.get(name);
    if (known) return known;
    const state = { reported: new ReportedState(this.bases.get(uri)), shown: new ShownVersions() };
    this.#states.set(name, state);
    return state;
  }
}
