import { l10n, type QuickPickItem, type Uri } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { fileNameOf, ImportSession, type ImportFile } from '../../documents/import/importSession.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { badFile, type FilePart } from '../../etcd/keyFiles/fileEntry.ts';
import { formatOf, TEXT_FORMATS } from '../../etcd/keyFiles/formats.ts';
import { readKeyFolder } from '../../etcd/keyFiles/keyFolder.ts';
import { keyText, keyTextProblem, parseKeyText } from '../../etcd/keys/keyText.ts';
import { cancellableTask } from '../../ui/cancellableTask.ts';
import { folderAccess } from '../../ui/folderAccess.ts';
import { readInChunks } from '../../ui/localFile.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { keptBackups } from './deleteBackup.ts';
import { connectionTarget, folderOf, startFolder, writableStore } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

/** Compares a file of keys with a connection, and previews an import. Writes nothing. */
export async function importKeys(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  await writableStore(connection);
  const source = await pickSource(context, connection);
  await previewImport(context, connection, source, { into: folderOf(argument) });
}

/**
 * Previews the import of a file or folder.
 * @param into folder that is offered in place of the file's prefix
 * @param asIs keeps the file's prefix without asking
 */
export async function previewImport(
  context: CommandContext,
  connection: Connection,
  source: ImportFile,
  { into, asIs = false }: { readonly into?: Uint8Array | undefined; readonly asIs?: boolean } = {},
): Promise<void> {
  const store = await writableStore(connection);
  const name = fileNameOf(source.uri);
  const prefix = asIs ? undefined : await askPrefix(name, await prefixOf(source), into);
  const session = await cancellableTask(l10n.t('Comparing {0} with {1}', name, connection.name), async (progress) =>
    asReadErrors(name, () =>
      ImportSession.compare(connection, store, source, {
        parts: partsOf(source),
        ...(prefix && { prefix }),
        signal: progress.signal,
        progress: (done) => progress.keys(done),
      }),
    ),
  );
  if (session.plan.length === 0) {
    await session.end();
    return void window.showInformationMessage(l10n.t('There are no keys in {0}.', name));
  }
  await context.importPreview.show(session);
}

interface SourceItem extends QuickPickItem {
  readonly isFolder: boolean;
  /** Set for a backup, whose file is known. */
  readonly uri?: Uri;
}

async function pickSource({ storage }: CommandContext, { name }: Connection): Promise<ImportFile> {
  const items: SourceItem[] = [
    { label: l10n.t('File'), description: l10n.t('JSON, YAML or .env'), isFolder: false },
    { label: l10n.t('Folder'), description: l10n.t('one file per key'), isFolder: true },
    ...(await keptBackups(storage)).map((uri) => ({
      label: uri.path.slice(uri.path.lastIndexOf('/') + 1),
      description: l10n.t('backup of a delete'),
      isFolder: false,
      uri,
    })),
  ];
  const title = l10n.t('Import into {0}', name);
  const chosen = await window.showQuickPick(items, { title, placeHolder: l10n.t('Import from a file or a folder') });
  if (!chosen) throw cancelled();
  const { isFolder } = chosen;
  if (chosen.uri) return { uri: chosen.uri, isFolder };
  const [uri] =
    (await window.showOpenDialog({
      defaultUri: startFolder(),
      canSelectFiles: !isFolder,
      canSelectFolders: isFolder,
      title,
      openLabel: l10n.t('Compare'),
    })) ?? [];
  if (!uri) throw cancelled();
  return { uri, isFolder };
}

/** Reads a file's parts. @throws EtcdError if the file's name does not show its format */
export function partsOf({ uri, isFolder }: ImportFile): AsyncIterable<FilePart> {
  if (isFolder) return readKeyFolder(folderAccess(uri));
  const format = formatOf(uri.path.slice(uri.path.lastIndexOf('/') + 1));
  if (!format) throw badFile(l10n.t('its name does not end in .json, .yaml, .yml or .env.'));
  return TEXT_FORMATS[format].read(readInChunks(uri));
}

/** Reads the prefix of a file's keys. */
async function prefixOf(source: ImportFile): Promise<Uint8Array> {
  return await asReadErrors(source.uri.path, async () => {
    for await (const part of partsOf(source)) return 'header' in part ? part.header.prefix : new Uint8Array();
    return new Uint8Array();
  });
}

async function askPrefix(name: string, prefix: Uint8Array, into: Uint8Array | undefined): Promise<Uint8Array> {
  const offered = into && into.length > 0 ? into : prefix;
  const typed = await window.showInputBox({
    title: l10n.t('Import {0}', name),
    prompt:
      prefix.length > 0
        ? l10n.t('The keys of the file start with {0}. Enter the new prefix.', keyText(prefix))
        : l10n.t('Prefix to add to the keys of the file. Leave it empty to keep them as they are.'),
    value: keyText(offered),
    ignoreFocusOut: true,
    validateInput: keyTextProblem,
  });
  if (typed === undefined) throw cancelled();
  return parseKeyText(typed);
}

/** Converts failures of the file system into a sentence that names the file. */
export async function asReadErrors<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (EtcdError.is(error) || !(error instanceof Error)) throw error;
    throw new EtcdError('unexpected', l10n.t('{0} could not be read: {1}.', name, error.message), { cause: error });
  }
}
