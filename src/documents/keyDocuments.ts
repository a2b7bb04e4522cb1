import { EventEmitter, Uri, commands, l10n, workspace, type FileChangeType, type Memento, type Range } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { LiveFeeds } from '../connections/following/liveFeeds.ts';
import { PastConnection } from '../connections/pastConnection.ts';
import { EtcdError } from '../etcd/errors.ts';
import { rangeContains } from '../etcd/keys/ranges.ts';
import type { KeyRange, KeyStore, Lifetime, KeyValue } from '../etcd/keyStore.ts';
import type { Confirmation } from '../ui/confirm.ts';
import { DisposableOwner } from '../ui/disposableOwner.ts';
import { DocumentLanguage } from './language/documentLanguages.ts';
import { Drafts } from './keyFile/drafts.ts';
import { HexFileSystem } from './readOnly/hexFileSystem.ts';
import type { KeyWrite } from './keyFile/documentEvents.ts';
import type { KeyFileSystem } from './keyFile/keyFileSystem.ts';
import { KeyFolders, type Mover } from './keyFile/keyFolders.ts';
import { KeyStatus } from './following/keyStatus.ts';
import { HEX_SCHEME, KEY_SCHEME, YAML_SCHEME, type KeyAddress } from './addresses/keyUri.ts';
import { KnownKeys } from './following/knownKeys.ts';
import { LiveDocuments } from './following/liveDocuments.ts';
import { LockFollower } from './following/lockFollower.ts';
import { KeptVersions } from './merging/keptVersions.ts';
import { MERGE_SCHEME } from './addresses/mergeUri.ts';
import { Merger } from './merging/merger.ts';
import { OutdatedDocuments } from './following/outdatedDocuments.ts';
import { OutdatedNotices } from './following/outdatedNotices.ts';
import { KeyOpener } from './keyOpener.ts';
import { ObjectDocuments } from './keyFile/objectDocuments.ts';
import { OwnWrites } from './keyFile/ownWrites.ts';
import { RevisionFileSystem } from './readOnly/revisionFileSystem.ts';
import { REVISION_SCHEMES, revisionUriParts, type RevisionAddress } from './addresses/revisionUri.ts';
import type { ProposalServices } from './proposal.ts';
import { ProposedTexts } from './proposedTexts.ts';
import { PendingWrites } from './keyFile/pendingWrites.ts';
import { SaveChecks } from './keyFile/saveChecks.ts';
import { SaveQuestion } from './merging/saveQuestion.ts';
import { Snapshots } from './keyFile/sharedReads.ts';
import { Utf8Documents } from './keptBytes/utf8Documents.ts';
import type { ViewServices } from './valueViews/viewFiles.ts';
import { VersionOpener, type ReadVersion, type Version } from './versionOpener.ts';
import { plainMarkdown } from '../ui/text/markdown.ts';

/** Keys as editor documents. Asks the user nothing; only opening a key may, because the user asked for that. */
export class KeyDocuments extends DisposableOwner {
  readonly #keyFiles: KeyFolders;
  readonly #hexFiles: HexFileSystem;
  readonly #objects: ObjectDocuments;
  readonly #revisionFiles: RevisionFileSystem;
  readonly #opener: KeyOpener;
  readonly #versions: VersionOpener;
  readonly #outdated = this.own(new OutdatedDocuments());
  readonly #full = this.own(new EventEmitter<KeyAddress>());
  /** Fires when a save was refused because etcd's database is full. */
  readonly onDidMeetFull = this.#full.event;
  readonly #written = this.own(new EventEmitter<KeyWrite>());
  /** What `ViewFiles` needs. */
  readonly views: ViewServices;
  /** What `openProposal` needs. */
  readonly proposals: ProposalServices;
  /** Merges unsaved text with the present value in etcd. */
  readonly merger: Merger;

  /**
   * @param memento stores drafts as long as VS Code does, per workspace
   * @param feeds lets open documents follow etcd
   */
  constructor(connections: Connections, memento: Memento, feeds: LiveFeeds) {
    super();
    const storeFor = async (id: string) => await connections.require(id).store('background');
    const known = this.own(new KnownKeys());
    const read = async ({ connectionId, key }: KeyAddress) => {
      const snapshot = await (await storeFor(connectionId)).get(key);
      known.learn({ connectionId, key }, snapshot);
      return snapshot;
    };
    const proposed = this.own(new ProposedTexts(memento));
    const snapshots = this.own(
      new Snapshots((connectionId) => Promise.resolve({ get: (key) => read({ connectionId, key }) })),
    );
    const ownWrites = new OwnWrites((address, error) => {
      if (EtcdError.is(error, 'quotaExceeded')) this.#full.fire(address);
    });
    const connectionOf = (id: string) => connections.get(id);
    const drafts = this.own(new Drafts(memento));
    const versions = new KeptVersions();
    const question = new SaveQuestion(versions, this.own(new PendingWrites()));
    const guard = this.own(new SaveChecks(connectionOf, (save, name) => question.ask(save, name), proposed));
    const isReadOnly = ({ connectionId, key }: KeyAddress) => {
      const { isReadOnly: all = false, locks } = connections.get(connectionId) ?? {};
      return all || locks?.of(key) !== undefined;
    };
    const storeToWrite = async (id: string, yes: Confirmation | undefined) =>
      await connections.require(id).writingStore(yes, 'save', 'background');
    const files = { storeFor, storeToWrite, snapshots, drafts, guard, memento, isReadOnly, ownWrites };
    this.#keyFiles = this.own(new KeyFolders(files));
    this.#objects = this.own(new ObjectDocuments({ ...files, connectionOf, read }));
    this.#hexFiles = this.own(new HexFileSystem(snapshots));
    this.#revisionFiles = this.own(new RevisionFileSystem(storeFor));
    this.#opener = new KeyOpener(snapshots);
    this.#versions = new VersionOpener((version) => this.#readVersion(version, storeFor));
    this.merger = this.own(
      new Merger(
        async (id, form) => (form === 'yaml' ? await this.#objects.storeFor(id) : await storeFor(id)),
        (form) => (form === 'yaml' ? this.#objects.files : this.#keyFiles),
        versions,
      ),
    );
    this.own(workspace.registerFileSystemProvider(KEY_SCHEME, this.#keyFiles, { isCaseSensitive: true }));
    this.own(
      workspace.registerFileSystemProvider(HEX_SCHEME, this.#hexFiles, {
        isCaseSensitive: true,
        isReadonly: plainMarkdown(l10n.t('This value is binary: it is shown as a hex dump, which cannot be changed.')),
      }),
    );
    this.own(workspace.registerFileSystemProvider(YAML_SCHEME, this.#objects.files, { isCaseSensitive: true }));
    for (const scheme of Object.values(REVISION_SCHEMES))
      this.own(
        workspace.registerFileSystemProvider(scheme, this.#revisionFiles, {
          isCaseSensitive: true,
          isReadonly: plainMarkdown(l10n.t('This is an earlier version of the key. It cannot be edited.')),
        }),
      );
    this.own(workspace.registerFileSystemProvider(MERGE_SCHEME, this.merger.files, { isCaseSensitive: true }));
    this.views = { ...files, written: this.#written };
    this.proposals = { read, proposed, drafts: this.#keyFiles, past: this.#revisionFiles };
    this.own(new DocumentLanguage(memento));
    this.own(new Utf8Documents());
    this.own(new LockFollower(connections, (isConcerned) => this.#refresh(isConcerned)));
    const filesOf = ({ scheme }: Uri) => {
      if (scheme === HEX_SCHEME) return this.#hexFiles;
      return scheme === YAML_SCHEME ? this.#objects.files : this.#keyFiles;
    };
    const editedFilesOf = ({ scheme }: Uri) => (scheme === YAML_SCHEME ? this.#objects.files : this.#keyFiles);
    for (const { onDidBecomeOutdated, onDidWrite } of [this.#keyFiles, this.#objects.files]) {
      this.own(onDidBecomeOutdated((uri) => this.#outdated.add(uri)));
      this.own(onDidWrite((event) => this.#written.fire(event)));
    }
    const noteChange = (type: FileChangeType, uri: Uri) => filesOf(uri).noteChange(type, uri);
    const reportedRevision = (uri: Uri) => filesOf(uri).reportedRevision(uri);
    this.own(new LiveDocuments({ feeds, known, connectionOf, read, ownWrites, noteChange, reportedRevision }));
    this.own(
      new OutdatedNotices({
        known,
        ownWrites,
        baseOf: (uri) => editedFilesOf(uri).bases.get(uri),
        noted: (uri) => this.#outdated.add(uri),
      }),
    );
    this.own(
      new KeyStatus({
        ...{ feeds, known, connectionOf, read, command: 'etcd.showKeyActions' },
        objectOf: (uri) => this.#objects.statusOf(uri),
        onDidShowObject: this.#objects.onDidShow,
      }),
    );
    this.own(this.onDidWrite(() => this.#hexFiles.refresh()));
  }

  /** See `KeyFolders.renameBy`. */
  renameBy(mover: Mover): void {
    this.#keyFiles.renameBy(mover);
  }

  /** Fires when a document was saved: its key changed, or is new. */
  get onDidWrite(): KeyFileSystem['onDidWrite'] {
    return this.#written.event;
  }

  /** @throws EtcdError if the key cannot be read or does not exist */
  async open(connection: Connection, key: Uint8Array, fromTree = false, selection?: Range): Promise<void> {
    await connection.store('interactive');
    if (connection instanceof PastConnection) {
      const address = { connectionId: connection.live.id, key, revision: connection.revision };
      const uri = Uri.from(revisionUriParts(address, 'text'));
      const options = { ...this.#opener.showOptions(uri, fromTree), ...(selection && { selection }) };
      return await this.#versions.open(address, options);
    }
    await this.#opener.open({ connectionId: connection.id, key }, fromTree, selection);
  }

  /** Opens an empty document for a key that does not exist yet; saving it creates the key. */
  async openDraft(connection: Connection, key: Uint8Array, lifetime?: Lifetime): Promise<void> {
    const uri = this.#keyFiles.createDraft({ connectionId: connection.id, key }, lifetime);
    await commands.executeCommand('vscode.open', uri, { preview: false });
  }

  /** Opens an earlier version, read-only. @throws EtcdError if the key did not exist or the version is compacted */
  async openVersion(version: RevisionAddress): Promise<void> {
    await this.#versions.open(version, { preview: true });
  }

  /** Keeps a version that etcd cannot return again, as long as it is among the latest such versions. */
  keepVersion(version: RevisionAddress, kv: KeyValue): void {
    this.#revisionFiles.keep(version, kv);
  }

  /** Compares an earlier version of a key with another one, or with the present one, which can be edited there. */
  async compare(left: Version, right: Version): Promise<void> {
    await this.#versions.compare(left, right);
  }

  /** Lets open documents follow changes made elsewhere. */
  refresh(): void {
    this.#refresh();
    this.#hexFiles.refresh();
  }

  /** Lets open documents follow a deletion. */
  noteDeleted(connection: Connection, ranges: readonly KeyRange[]): void {
    const isDeleted = ({ connectionId, key }: KeyAddress) =>
      connectionId === connection.id && ranges.some((range) => rangeContains(range, key));
    for (const files of [this.#keyFiles, this.#objects.files]) files.noteDeleted(isDeleted);
    this.#hexFiles.refresh();
  }

  #refresh(isConcerned?: (address: KeyAddress) => boolean): void {
    for (const files of [this.#keyFiles, this.#objects.files]) files.refresh(isConcerned);
  }

  async #readVersion(version: Version, storeFor: (id: string) => Promise<KeyStore>): Promise<ReadVersion> {
    if ('revision' in version) {
      const kv = await this.#revisionFiles.read(version);
      return { revision: version.revision, value: kv?.value };
    }
    const { revision, kv } = await (await storeFor(version.connectionId)).get(version.key);
    return { revision, value: kv?.value };
  }
}
