import { EventEmitter, FileType, l10n, TabInputTextDiff, Uri, type FileStat, type FileSystemProvider } from 'vscode';
import { keyText } from '../../etcd/keys/keyText.ts';
import { fileError } from '../addresses/fileErrors.ts';
import { contentIn, formOf } from '../valueForms.ts';
import type { ImportSession } from './importSession.ts';
import { formUriParts } from '../addresses/keyUri.ts';
import { ReadOnlyFileSystem } from '../readOnly/readOnlyFileSystem.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';
import { window } from '../../ui/text/window.ts';
import { openDiff } from '../../ui/text/editors.ts';

/** Values in the preview of an import: those of the file, and the present ones. The authority is the import's id. */
export const IMPORT_SCHEME = 'etcd-import';

const QUERY = /^\{"side":"(file|now)","index":(\d+),"form":"(text|hex|yaml)"\}$/;

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
    const [, side, index, form] = QUERY.exec(uri.query) ?? [];
    if (!session || index === undefined) throw FileSystemError.FileNotFound(uri);
    try {
      const value = side === 'file' ? (await session.fromFile(Number(index))).value : await session.now(Number(index));
      return await contentIn(form === 'yaml' || form === 'hex' ? form : 'text', value);
    } catch (error) {
      throw fileError(error);
    }
  }
}

/** Compares the present value of a key with the file's, as hex dumps if one of them is not text. */
export async function compareImported(session: ImportSession, index: number): Promise<void> {
  const { key, value } = await session.fromFile(index);
  const form = await formOf(value, await session.now(index));
  const uri = (side: 'file' | 'now') =>
    Uri.from({
      ...formUriParts({ connectionId: session.id, key }, form),
      scheme: IMPORT_SCHEME,
      query: JSON.stringify({ side, index, form }),
    });
  const title = l10n.t('{0} (now ↔ {1})', keyText(key), session.source);
  await openDiff(uri('now'), uri('file'), title, { preview: true });
}

/** Closes documents of an import that has ended. */
export async function closeComparisons(): Promise<void> {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  await window.tabGroups.close(
    tabs.filter(({ input }) => input instanceof TabInputTextDiff && input.modified.scheme === IMPORT_SCHEME),
  );
}
