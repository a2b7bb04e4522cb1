import { DiagnosticSeverity, EventEmitter, l10n, languages, Range, Uri, workspace, type TextDocument } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { KeySnapshot, KeyStore } from '../../etcd/keyStore.ts';
import { confirm, confirmByTyping, type Confirmation } from '../../ui/confirm.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { diagnostic } from '../../ui/text/editors.ts';
import { canceledSave } from '../../ui/canceledSave.ts';
import { formUriParts, YAML_SCHEME, type KeyAddress } from '../addresses/keyUri.ts';
import { openUris } from '../addresses/openDocuments.ts';
import type { ObjectFacts, Shown } from '../valueForms.ts';
import type { KeyFileSystemServices } from './keyFileServices.ts';
import { KeyFileSystem } from './keyFileSystem.ts';
import { ObjectStore, type ObjectProblem } from './objectStore.ts';
import type { PendingSave } from './saveChecks.ts';
import { Snapshots } from './sharedReads.ts';

const SETTING = 'etcd.kubernetes.edit';
/** Storage name for whether the user has read what a direct write of an object bypasses. */
const WARNED = 'etcd.kubernetes.warned';
/** Limit of objects whose facts are kept, in addition to those of open documents. */
const MAX_FACTS = 500;

/** Facts about an object for the status bar. */
export interface ObjectStatus extends ObjectFacts {
  /** Why the object cannot be edited. */
  readonly lock: string | undefined;
}

export interface ObjectDocumentsServices extends Omit<KeyFileSystemServices, 'scheme' | 'snapshots' | 'storeFor'> {
  readonly connectionOf: (id: string) => Connection | undefined;
  readonly storeFor: (connectionId: string) => Promise<KeyStore>;
  readonly storeToWrite: (connectionId: string, yes: Confirmation | undefined) => Promise<KeyStore>;
  /** Reads a key from etcd, in the background. @throws EtcdError */
  readonly read: (address: KeyAddress) => Promise<KeySnapshot>;
}

/** Kubernetes objects as YAML documents, which can be edited if the user allows that. */
export class ObjectDocuments extends DisposableOwner {
  readonly files: KeyFileSystem;
  readonly #services: ObjectDocumentsServices;
  readonly #facts = new BoundedMap<string, ObjectStatus>({
    entries: MAX_FACTS,
    inUse: () => new Set(openUris(YAML_SCHEME).map(String)),
  });
  readonly #problems = this.own(languages.createDiagnosticCollection('etcd'));
  readonly #shown = this.own(new EventEmitter<Uri>());
  /** Fires when an object was read, so that its status may have changed. */
  readonly onDidShow = this.#shown.event;

  constructor(services: ObjectDocumentsServices) {
    super();
    this.#services = services;
    const { storeToWrite, read, guard } = services;
    const snapshotOf = async (address: KeyAddress) => {
      const snapshot = await read(address);
      const store = await this.storeFor(address.connectionId);
      return await store.shown(snapshot);
    };
    const snapshots = this.own(
      new Snapshots((connectionId) => Promise.resolve({ get: (key) => snapshotOf({ connectionId, key }) })),
    );
    this.files = this.own(
      new KeyFileSystem({
        ...services,
        scheme: YAML_SCHEME,
        snapshots,
        storeFor: (id) => this.storeFor(id),
        storeToWrite: async (id, yes) => this.#wrapped(id, await storeToWrite(id, yes)),
        guard: {
          check: async (save) => (await guard.check(save)) ?? (await this.#confirm(save)),
          noteLastEdit: (uri) => guard.noteLastEdit(uri),
        },
      }),
    );
    this.own(
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(SETTING)) this.files.refresh();
      }),
    );
    const forget = ({ uri }: TextDocument) => this.#problems.delete(uri);
    this.own(
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) forget(document);
      }),
    );
    this.own(workspace.onDidCloseTextDocument(forget));
  }

  /** Returns the store of a connection whose objects are YAML. */
  async storeFor(connectionId: string): Promise<ObjectStore> {
    return this.#wrapped(connectionId, await this.#services.storeFor(connectionId));
  }

  /** Returns the facts about the object of an open document. */
  statusOf(uri: Uri): ObjectStatus | undefined {
    return this.#facts.get(uri.toString());
  }

  #wrapped(connectionId: string, store: KeyStore): ObjectStore {
    const uriOf = (key: Uint8Array) => Uri.from(formUriParts({ connectionId, key }, 'yaml'));
    return new ObjectStore(store, {
      isEditable: () => workspace.getConfiguration().get(SETTING, false),
      onRead: (key, shown, lock) => this.#note(uriOf(key), shown, lock),
      onCheck: (key, problem) => this.#tell(uriOf(key), problem),
    });
  }

  #note(uri: Uri, shown: Shown | undefined, lock: string | undefined): void {
    if (shown?.facts) this.#facts.set(uri.toString(), { ...shown.facts, lock });
    else this.#facts.delete(uri.toString());
    this.#shown.fire(uri);
  }

  #tell(uri: Uri, problem: ObjectProblem | undefined): void {
    if (!problem) return this.#problems.delete(uri);
    const { line, character } = problem.place;
    // VS Code would extend an empty range to a word.
    const range = new Range(line, character, line, character);
    this.#problems.set(uri, [diagnostic(range, problem.sentence, DiagnosticSeverity.Error)]);
  }

  /**
   * Asks before the first write of an object, and before each one in production.
   * @throws FileSystemError if the user does not agree
   */
  async #confirm({ address }: PendingSave): Promise<Confirmation | undefined> {
    const { memento, connectionOf } = this.#services;
    const connection = connectionOf(address.connectionId);
    const key = keyText(address.key);
    const detail = [
      l10n.t('The Kubernetes API server is bypassed: no admission control, no validation of its own, no conversion.'),
      l10n.t('Controllers act on the object as on any other.'),
    ];
    let yes: Confirmation | undefined;
    if (connection?.isProduction) {
      yes = await confirmByTyping(l10n.t('Write {0} to {1}', key, connection.name), detail, connection.name);
    } else {
      if (memento.get(WARNED, false)) return undefined;
      const once = l10n.t('You are asked only once in this workspace.');
      yes = await confirm(l10n.t('Write {0} to etcd directly?', key), [...detail, once], l10n.t('Write'));
      if (yes) await memento.update(WARNED, true);
    }
    if (yes) return yes;
    throw canceledSave(l10n.t('Nothing was written, because you did not confirm it.'));
  }
}
