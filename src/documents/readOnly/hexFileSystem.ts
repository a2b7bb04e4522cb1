import { FileChangeType, FileType, type FileStat, type FileSystemProvider, type Uri } from 'vscode';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { fileError } from '../addresses/fileErrors.ts';
import { FileEvents } from '../keyFile/fileEvents.ts';
import { contentIn } from '../valueForms.ts';
import { HEX_SCHEME, keyAddress, type KeyAddress } from '../addresses/keyUri.ts';
import { openUris } from '../addresses/openDocuments.ts';
import { ReadOnlyFileSystem } from './readOnlyFileSystem.ts';
import type { Snapshot, Snapshots } from '../keyFile/sharedReads.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';

/** Limit of remembered states; those of open documents are always kept. */
const MAX_STATES = 500;

/** Keys as hex dumps, which cannot be changed. */
export class HexFileSystem extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #snapshots: Snapshots;
  readonly #events = this.own(new FileEvents());
  readonly #reported = new BoundedMap<string, bigint>({
    entries: MAX_STATES,
    inUse: () => new Set(openUris(HEX_SCHEME).map(String)),
  });
  readonly onDidChangeFile = this.#events.event;

  constructor(snapshots: Snapshots) {
    super();
    this.#snapshots = snapshots;
  }

  /** Lets open documents follow changes made elsewhere. */
  refresh(): void {
    for (const uri of openUris(HEX_SCHEME)) this.noteChange(FileChangeType.Changed, uri);
  }

  /** Returns the key's revision in the last `stat` of an open file; undefined if it found none. */
  reportedRevision(uri: Uri): bigint | undefined {
    return this.#reported.get(uri.toString());
  }

  /** Makes VS Code read a file again. */
  noteChange(type: FileChangeType, uri: Uri): void {
    const address = keyAddress(uri);
    if (!address) return;
    this.#snapshots.forget(address);
    this.#events.add(type, uri);
  }

  async stat(uri: Uri): Promise<FileStat> {
    this.#reported.delete(uri.toString());
    const { modRevision, value } = await keyOf(uri, (address) => this.#snapshots.forStat(address));
    this.#reported.set(uri.toString(), modRevision);
    return { type: FileType.File, ctime: 0, mtime: Number(modRevision), size: (await contentIn('hex', value)).length };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const { value } = await keyOf(uri, (address) => this.#snapshots.forRead(address));
    return await contentIn('hex', value);
  }
}

async function keyOf(
  uri: Uri,
  fetch: (address: KeyAddress) => Promise<Snapshot>,
): Promise<NonNullable<Snapshot['kv']>> {
  const address = keyAddress(uri);
  if (!address) throw FileSystemError.FileNotFound(uri);
  let snapshot: Snapshot;
  try {
    snapshot = await fetch(address);
  } catch (error) {
    throw fileError(error);
  }
  if (!snapshot.kv) throw FileSystemError.FileNotFound(uri);
  return snapshot.kv;
}
