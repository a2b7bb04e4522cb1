import { FilePermission, l10n, type FileStat, type Uri } from 'vscode';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { KeyStore, KeyValue } from '../../etcd/keyStore.ts';
import { unviewValue, viewValue, VIEWS, type ValueView } from '../../etcd/valueViews/valueViews.ts';
import type { Confirmation } from '../../ui/confirm.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';
import { fileError } from '../addresses/fileErrors.ts';
import { openUris } from '../addresses/openDocuments.ts';
import { VIEW_SCHEME, type KeyAddress } from '../addresses/keyUri.ts';
import { viewAddress } from '../addresses/viewUri.ts';
import type { KeyWrite } from '../keyFile/documentEvents.ts';
import { fileStat } from '../keyFile/fileAddress.ts';
import type { OwnWrites } from '../keyFile/ownWrites.ts';
import type { SaveChecks } from '../keyFile/saveChecks.ts';

const MAX_BASES = 500;

export interface ViewServices {
  readonly storeFor: (connectionId: string) => Promise<KeyStore>;
  readonly storeToWrite: (connectionId: string, yes: Confirmation | undefined) => Promise<KeyStore>;
  readonly isReadOnly: (address: KeyAddress) => boolean;
  readonly guard: Pick<SaveChecks, 'check' | 'noteLastEdit'>;
  readonly ownWrites: OwnWrites;
  readonly written: { fire(write: KeyWrite): void };
}

/** Values in views. A save writes over the version that was read last, and over no other. */
export class ViewFiles {
  readonly #services: ViewServices;
  /** The revisions that the documents show. */
  readonly #bases = new BoundedMap<string, bigint>({
    entries: MAX_BASES,
    inUse: () => new Set(openUris(VIEW_SCHEME).map(String)),
  });

  constructor(services: ViewServices) {
    this.#services = services;
  }

  async stat(uri: Uri): Promise<FileStat> {
    this.#services.guard.noteLastEdit(uri);
    const { kv, shown, view: _view, ...address } = await this.#read(uri);
    const stat = fileStat(Number(kv.modRevision), Buffer.byteLength(shown.text));
    const isWritable = shown.isEditable && !this.#services.isReadOnly(address);
    return isWritable ? stat : { ...stat, permissions: FilePermission.Readonly };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const { kv, shown } = await this.#read(uri);
    this.#bases.set(uri.toString(), kv.modRevision);
    return Buffer.from(shown.text);
  }

  async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
    const { kv, shown, view, ...address } = await this.#read(uri);
    const base = this.#bases.get(uri.toString());
    if (base !== kv.modRevision) throw changed();
    const text = Buffer.from(content).toString('utf8');
    const value = unviewValue(view, text, kv.value);
    if (!value)
      throw FileSystemError.NoPermissions(
        l10n.t('The text cannot be written as {0} again. Nothing was written.', view),
      );
    const expected = { modRevision: kv.modRevision };
    const before = () => Promise.resolve(Buffer.from(shown.text));
    const yes = await this.#services.guard.check({ uri, address, content, expected, before, isShown: true });
    try {
      const store = await this.#services.storeToWrite(address.connectionId, yes);
      const writing = store.put(address.key, value, expected, { previous: true });
      const result = await this.#services.ownWrites.during(address, writing);
      if (result.outcome === 'conflict') throw changed();
      const { modRevision, previous } = result;
      this.#bases.set(uri.toString(), modRevision);
      this.#services.written.fire({ ...address, created: false, modRevision, ...(previous && { previous }) });
    } catch (error) {
      throw fileError(error);
    }
  }

  async #read(uri: Uri) {
    const address = viewAddress(uri);
    const view = VIEWS.find((each) => each === address?.view);
    if (!address || !view) throw FileSystemError.FileNotFound(uri);
    const { connectionId, key } = address;
    let kv: KeyValue | undefined;
    try {
      ({ kv } = await (await this.#services.storeFor(connectionId)).get(key));
      if (!kv) throw FileSystemError.FileNotFound(uri);
      return { connectionId, key, view, kv, shown: shownAs(view, kv.value) };
    } catch (error) {
      throw fileError(error);
    }
  }
}

function shownAs(view: ValueView, value: Uint8Array) {
  const shown = viewValue(view, value);
  if (shown) return shown;
  throw new EtcdError('unsupported', l10n.t('The value is no longer text in the form {0}.', view));
}

function changed() {
  return FileSystemError.Unavailable(
    l10n.t('The key has changed in etcd since this view was opened. Nothing was written: copy your text and revert.'),
  );
}
