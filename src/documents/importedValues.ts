import {
  commands,
  EventEmitter,
  FileSystemError,
  FileType,
  l10n,
  TabInputTextDiff,
  Uri,
  window,
  type FileStat,
  type FileSystemProvider,
} from 'vscode';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { fileError } from './fileErrors.ts';
import { hexDump } from './hexDump.ts';
import type { ImportSession } from './importSession.ts';
import { keyUriParts } from './keyUri.ts';
import { ReadOnlyFileSystem } from './readOnlyFileSystem.ts';
import { isText } from './textValue.ts';

/** Values of an import that is looked at: as the file has them, and as they are now. The authority is the import's id. */
export const IMPORT_SCHEME = 'etcd-import';

const QUERY = /^\{"side":"(file|now)","index":(\d+),"hex":(true|false)\}$/;

export class ImportedValues extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #sessionOf: (id: string) => ImportSession | undefined;
  readonly onDidChangeFile = this.own(new EventEmitter<never>()).event;

  constructor(sessionOf: (id: string) => ImportSession | undefined) {
    super();
    this.#sessionOf = sessionOf;
  }

  async stat(uri: Uri): Promise<FileStat> {
    return { type: FileType.File, ctime: 0, mtime: 0, size: (await this.readFile(uri)).length };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const session = this.#sessionOf(uri.authority);
    const [, side, index, hex] = QUERY.exec(uri.query) ?? [];
    if (!session || index === undefined) throw FileSystemError.FileNotFound(uri);
    try {
      const value = side === 'file' ? (await session.fromFile(Number(index))).value : await session.now(Number(index));
      return hex === 'true' ? hexDump(value) : value;
    } catch (error) {
      throw fileError(error);
    }
  }
}

/** Shows a key as it is now beside what the file has of it; as hex dumps where one of them is no text. */
export async function compareImported(session: ImportSession, index: number): Promise<void> {
  const { key, value } = await session.fromFile(index);
  const hex = !isText(value) || !isText(await session.now(index));
  const uri = (side: 'file' | 'now') =>
    Uri.from({
      ...keyUriParts({ connectionId: session.id, key }),
      scheme: IMPORT_SCHEME,
      query: JSON.stringify({ side, index, hex }),
    });
  const title = l10n.t('{0} (now ↔ {1})', keyText(key), session.source);
  await commands.executeCommand('vscode.diff', uri('now'), uri('file'), title, { preview: true });
}

/** Closes what an import that has ended can show no longer. */
export async function closeComparisons(): Promise<void> {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  await window.tabGroups.close(
    tabs.filter(({ input }) => input instanceof TabInputTextDiff && input.modified.scheme === IMPORT_SCHEME),
  );
}
