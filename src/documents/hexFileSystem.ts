import { FileChangeType, FileSystemError, FileType, type FileStat, type FileSystemProvider, type Uri } from 'vscode';
import { fileError } from './fileErrors.ts';
import { FileEvents } from './fileEvents.ts';
import { hexDump, hexDumpLength } from './hexDump.ts';
import { HEX_SCHEME, keyAddress, type KeyAddress } from './keyUri.ts';
import { openUris } from './openDocuments.ts';
import { ReadOnlyFileSystem } from './readOnlyFileSystem.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';

/** So many files' states are remembered. */
const MOST_TOLD = 500;

/** Keys as hex dumps, which cannot be changed. */
export class HexFileSystem extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #snapshots: Snapshots;
  readonly #events = this.own(new FileEvents());
  readonly #told = new Map<string, bigint>();
  readonly onDidChangeFile = this.#events.event;

  constructor(snapshots: Snapshots) {
    super();
    this.#snapshots = snapshots;
  }

  /** Lets open documents follow changes made elsewhere. */
  refresh(): void {
    for (const uri of openUris(HEX_SCHEME)) this.noteChange(FileChangeType.Changed, uri);
  }

  /** The revision of its key that the last `stat` told of an open file; undefined where it told of none. */
  toldRevision(uri: Uri): bigint | undefined {
    return this.#told.get(uri.toString());
  }

  /** Lets VS Code look at a file again. */
  noteChange(type: FileChangeType, uri: Uri): void {
    const address = keyAddress(uri);
    if (!address) return;
    this.#snapshots.forget(address);
    this.#events.add(type, uri);
  }

  async stat(uri: Uri): Promise<FileStat> {
    this.#told.delete(uri.toString());
    const { modRevision, value } = await keyOf(uri, (address) => this.#snapshots.forStat(address));
    this.#told.set(uri.toString(), modRevision);
    for (const oldest of this.#told.keys()) if (this.#told.size > MOST_TOLD) this.#told.delete(oldest);
    return { type: FileType.File, ctime: 0, mtime: Number(modRevision), size: hexDumpLength(value.length) };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const { value } = await keyOf(uri, (address) => this.#snapshots.forRead(address));
    return hexDump(value);
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
