import { MarkdownString, Uri, commands, l10n, workspace, type FileChangeType, type Memento, type Range } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { LiveFeeds } from '../connections/live/liveFeeds.ts';
import { PastConnection } from '../connections/pastConnection.ts';
import { rangeContains } from '../etcd/keyspace/ranges.ts';
import type { KeyRange, KeyStore, Lifetime, KeyValue } from '../etcd/keyStore.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { DocumentLanguage } from './documentLanguage.ts';
import { Drafts } from './drafts.ts';
import { HexFileSystem } from './hexFileSystem.ts';
import { KeyFileSystem } from './keyFileSystem.ts';
import { KeyStatus } from './keyStatus.ts';
import { HEX_SCHEME, KEY_SCHEME, type KeyAddress } from './keyUri.ts';
import { KnownKeys } from './knownKeys.ts';
import { LiveDocuments } from './liveDocuments.ts';
import { LockFollower } from './lockFollower.ts';
import { MERGE_SCHEME } from './mergeUri.ts';
import { Merger } from './merger.ts';
import { MovedOnDocuments } from './movedOn.ts';
import { MovedOnNotices } from './movedOnNotices.ts';
import { KeyOpener } from './openKey.ts';
import { OwnWrites } from './ownWrites.ts';
import { RevisionFileSystem } from './revisionFileSystem.ts';
import { REVISION_HEX_SCHEME, REVISION_SCHEME, revisionUriParts, type RevisionAddress } from './revisionUri.ts';
import { SaveGuard } from './saveGuard.ts';
import { SaveQuestion } from './saveQuestion.ts';
import { Snapshots } from './snapshots.ts';
import { VersionOpener, type ReadVersion, type Version } from './versions.ts';

/** Keys as editor documents. Asks the user nothing by itself; only opening a key may, since the user asked for that. */
export class KeyDocuments extends DisposableOwner {
  readonly #keyFiles: KeyFileSystem;
  readonly #hexFiles: HexFileSystem;
  readonly #revisionFiles: RevisionFileSystem;
  readonly #opener: KeyOpener;
  readonly #versions: VersionOpener;
  readonly #question: SaveQuestion;
  readonly #movedOn = this.own(new MovedOnDocuments());
  /** Merges unsaved text with what etcd has by now. */
  readonly merger: Merger;

  /**
   * @param memento remembers drafts as long as VS Code does: per workspace
   * @param feeds what open documents follow etcd by
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
    const snapshots = this.own(
      new Snapshots((connectionId) => Promise.resolve({ get: (key) => read({ connectionId, key }) })),
    );
    const ownWrites = new OwnWrites();
    const connectionOf = (id: string) => connections.get(id);
    const drafts = this.own(new Drafts(memento));
    const guard = this.own(new SaveGuard(connectionOf, (save, name) => this.#question.ask(save, name)));
    const isReadOnly = (id: string) => connections.get(id)?.isReadOnly ?? false;
    const files = { storeFor, snapshots, drafts, guard, memento, isReadOnly, ownWrites };
    this.#keyFiles = this.own(new KeyFileSystem(files));
    this.#hexFiles = this.own(new HexFileSystem(snapshots));
    this.#revisionFiles = this.own(new RevisionFileSystem(storeFor));
    this.#opener = new KeyOpener(snapshots);
    this.#versions = new VersionOpener((version) => this.#readVersion(version, storeFor));
    this.merger = this.own(new Merger(storeFor, this.#keyFiles));
    this.#question = new SaveQuestion(this.merger.files);
    this.own(workspace.registerFileSystemProvider(KEY_SCHEME, this.#keyFiles, { isCaseSensitive: true }));
    this.own(
      workspace.registerFileSystemProvider(HEX_SCHEME, this.#hexFiles, {
        isCaseSensitive: true,
        isReadonly: new MarkdownString(
          l10n.t('This value is binary: it is shown as a hex dump, which cannot be changed.'),
        ),
      }),
    );
    for (const scheme of [REVISION_SCHEME, REVISION_HEX_SCHEME])
      this.own(
        workspace.registerFileSystemProvider(scheme, this.#revisionFiles, {
          isCaseSensitive: true,
          isReadonly: new MarkdownString(l10n.t('This is the key as it was earlier, which cannot be changed.')),
        }),
      );
    this.own(workspace.registerFileSystemProvider(MERGE_SCHEME, this.merger.files, { isCaseSensitive: true }));
    this.own(new DocumentLanguage(memento));
    this.own(new LockFollower(connections, (isConcerned) => this.#keyFiles.refresh(isConcerned)));
    this.own(this.#keyFiles.onDidMoveOn(({ uri }) => this.#movedOn.add(uri)));
    const filesOf = ({ scheme }: Uri) => (scheme === HEX_SCHEME ? this.#hexFiles : this.#keyFiles);
    const noteChange = (type: FileChangeType, uri: Uri) => filesOf(uri).noteChange(type, uri);
    const toldRevision = (uri: Uri) => filesOf(uri).toldRevision(uri);
    this.own(new LiveDocuments({ feeds, known, connectionOf, read, ownWrites, noteChange, toldRevision }));
    this.own(
      new MovedOnNotices({
        known,
        ownWrites,
        baseOf: (uri) => this.#keyFiles.bases.get(uri),
        noted: (uri) => this.#movedOn.add(uri),
      }),
    );
    this.own(new KeyStatus({ feeds, known, connectionOf, read, command: 'etcd.showKeyActions' }));
    this.own(this.#keyFiles.onDidWrite(() => this.#hexFiles.refresh()));
  }

  /** A document was saved: its key changed, or is new. */
  get onDidWrite(): KeyFileSystem['onDidWrite'] {
    return this.#keyFiles.onDidWrite;
  }

  /** Unsaved text met a version of its key that it was not made from. */
  get onDidMoveOn(): KeyFileSystem['onDidMoveOn'] {
    return this.#keyFiles.onDidMoveOn;
  }

  /** @throws EtcdError where the key cannot be read or does not exist */
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

  /** Opens a key as it was, to be read. @throws EtcdError where it did not exist or etcd has compacted it */
  async openVersion(version: RevisionAddress): Promise<void> {
    await this.#versions.open(version, { preview: true });
  }

  /** Takes a version that cannot be read from etcd any more, for as long as it is one of the latest of these. */
  keepVersion(version: RevisionAddress, kv: KeyValue): void {
    this.#revisionFiles.keep(version, kv);
  }

  /** Compares a key as it was with another version, or with the present one, which can be edited there. */
  async compare(left: Version, right: Version): Promise<void> {
    await this.#versions.compare(left, right);
  }

  /** Lets open documents follow changes made elsewhere. */
  refresh(): void {
    this.#keyFiles.refresh();
    this.#hexFiles.refresh();
  }

  /** Lets open documents follow a deletion. */
  noteDeleted(connection: Connection, ranges: readonly KeyRange[]): void {
    this.#keyFiles.noteDeleted(
      ({ connectionId, key }) => connectionId === connection.id && ranges.some((range) => rangeContains(range, key)),
    );
    this.#hexFiles.refresh();
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
