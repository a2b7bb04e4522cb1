import { createHash } from 'node:crypto';
import { l10n, Uri, type QuickPickItem } from 'vscode';
import { commonFolder } from '../../etcd/keys/commonFolder.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { withoutNested } from '../../etcd/keys/ranges.ts';
import type { KeyStore } from '../../etcd/keyStore.ts';
import { exportKeys, fileText, type ExportRequest } from '../../etcd/keyFiles/exportKeys.ts';
import { TEXT_FORMATS, type TextFormat } from '../../etcd/keyFiles/formats.ts';
import { writeKeyFolder } from '../../etcd/keyFiles/keyFolder.ts';
import { withYaml } from '../../etcd/keyFiles/withYaml.ts';
import { cancellableTask } from '../../ui/cancellableTask.ts';
import { exists, writeWholeFolder } from '../../ui/folderAccess.ts';
import { writeWhole } from '../../ui/localFile.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { asFileErrors } from './fileFailures.ts';
import type { PathTarget } from '../context/pathTarget.ts';
import { rangeOf, scopeTargets, startFolder } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

interface FormatItem extends QuickPickItem {
  readonly format: TextFormat | 'folder';
  readonly facts: boolean;
}

interface Exported {
  readonly keys: number;
  readonly leftOut: number;
  readonly revision: bigint | undefined;
}

/** Writes keys, folders or a whole connection at one revision to a file, or to a folder with one file per key. */
export async function exportToFile(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  const targets = await scopeTargets(context, argument, selected, {
    title: l10n.t('Export'),
    placeholder: l10n.t('Type the path of the key or folder to export'),
    folderLabel: (folder) => l10n.t('Export the folder {0}', folder),
    wholeLabel: l10n.t('Export all keys'),
  });
  const [{ connection }] = targets;
  const store = await connection.store('interactive');
  const { format, facts } = await pickFormat(store, targets);
  const request = {
    ranges: withoutNested(targets.map(rangeOf)),
    prefix: commonFolder(
      store.hierarchy,
      targets.map(({ path }) => path),
    ),
    facts,
  };
  const name = fileName(targets);
  const target = format === 'folder' ? await pickNewFolder(name) : await pickFile(targets, name, format);
  const exported = await cancellableTask(l10n.t('Exporting {0}', describe(targets)), ({ signal, keys }) => {
    const tracked = { ...request, signal, progress: keys };
    return format === 'folder' ? toFolder(store, tracked, target) : toFile(store, tracked, format, target);
  });
  await say(context, exported, target, format);
}

async function pickFormat(store: KeyStore, targets: readonly PathTarget[]): Promise<FormatItem> {
  const withFacts = store.capabilities.leases
    ? l10n.t('with revisions, versions, leases and their time left')
    : l10n.t('with revisions and times to live');
  const items: FormatItem[] = [
    { label: 'JSON', description: l10n.t('keys and values'), format: 'json', facts: false },
    { label: 'JSON', description: withFacts, format: 'json', facts: true },
    { label: 'YAML', description: l10n.t('keys and values'), format: 'yaml', facts: false },
    { label: 'YAML', description: withFacts, format: 'yaml', facts: true },
    { label: '.env', description: l10n.t('variables whose names are made from the keys'), format: 'env', facts: false },
    {
      label: l10n.t('Folder'),
      description: l10n.t('one file per key, and one {0}', withFacts),
      format: 'folder',
      facts: true,
    },
  ];
  const chosen = await window.showQuickPick(items, {
    title: l10n.t('Export {0}', describe(targets)),
    placeHolder: l10n.t('Choose a format'),
    matchOnDescription: true,
  });
  if (!chosen) throw cancelled();
  return chosen;
}

async function pickFile(targets: readonly PathTarget[], name: string, format: TextFormat): Promise<Uri> {
  const file = await window.showSaveDialog({
    defaultUri: Uri.joinPath(startFolder(), `${name}.${format}`),
    title: l10n.t('Export {0}', describe(targets)),
    saveLabel: l10n.t('Export'),
    filters: { [format.toUpperCase()]: format === 'yaml' ? ['yaml', 'yml'] : [format] },
  });
  if (!file) throw cancelled();
  return file;
}

/** Asks for a folder, and returns a new one inside it. */
async function pickNewFolder(name: string): Promise<Uri> {
  const [parent] =
    (await window.showOpenDialog({
      defaultUri: startFolder(),
      canSelectFiles: false,
      canSelectFolders: true,
      title: l10n.t('Export into a new folder {0} in…', name),
      openLabel: l10n.t('Export Here'),
    })) ?? [];
  if (!parent) throw cancelled();
  for (let number = 1; ; number++) {
    const folder = Uri.joinPath(parent, number === 1 ? name : `${name}-${number}`);
    if (!(await exists(folder))) return folder;
  }
}

async function toFile(store: KeyStore, request: ExportRequest, format: TextFormat, target: Uri): Promise<Exported> {
  const writer = TEXT_FORMATS[format].writer();
  const tally = new Tally();
  const keys = exportKeys(store, request);
  const parts = tally.of(format === 'env' ? keys : withYaml(keys));
  await asFileErrors(target, writeWhole(target, fileText(parts, writer)));
  return { keys: tally.keys, revision: tally.revision, leftOut: writer.leftOut };
}

async function toFolder(store: KeyStore, request: ExportRequest, target: Uri): Promise<Exported> {
  const tally = new Tally();
  const { signal } = request;
  const writing = writeWholeFolder(target, async (folder) => {
    const parts = tally.of(withYaml(exportKeys(store, request)));
    await writeKeyFolder(folder, parts, { hierarchy: store.hierarchy, signal });
  });
  await asFileErrors(target, writing);
  return { keys: tally.keys, revision: tally.revision, leftOut: 0 };
}

/** Counts the keys of the parts that pass through it. */
class Tally {
  keys = 0;
  revision: bigint | undefined;

  async *of(parts: ReturnType<typeof exportKeys>): ReturnType<typeof exportKeys> {
    for await (const part of parts) {
      if ('header' in part) this.revision = part.header.revision;
      else this.keys += part.entries.length;
      yield part;
    }
  }
}

async function say(
  { log }: CommandContext,
  { keys, leftOut, revision }: Exported,
  target: Uri,
  format: FormatItem['format'],
): Promise<void> {
  const at = revision === undefined ? '' : l10n.t(' as they were at revision {0}', String(revision));
  const sentences = [
    keys === 1
      ? l10n.t('1 key was exported to {0}{1}.', target.fsPath, at)
      : l10n.t('{0} keys were exported to {1}{2}.', keys.toLocaleString(), target.fsPath, at),
  ];
  if (leftOut > 0)
    sentences.push(
      l10n.t('{0} of them are left out, because an .env file cannot hold their values; the file lists them.', leftOut),
    );
  const open = l10n.t('Open');
  const message = sentences.join(' ');
  log.done('exported', keys, leftOut);
  const show = leftOut > 0 ? window.showWarningMessage : window.showInformationMessage;
  // The command does not wait, because the message may stay for long.
  void show(message, ...(format === 'folder' ? [] : [open])).then(async (chosen) => {
    if (chosen === open) await window.showTextDocument(target);
  });
}

function describe(targets: readonly PathTarget[]): string {
  const [only, ...others] = targets;
  if (!only) return '';
  if (others.length > 0) return l10n.t('{0} keys and folders of {1}', targets.length, only.connection.name);
  return only.path.length === 0 ? only.connection.name : keyText(only.path);
}

/** Proposes a file name: that of the key or folder if it is valid, otherwise the connection's. */
function fileName(targets: readonly [PathTarget, ...PathTarget[]]): string {
  const [{ connection, path }] = targets;
  const own = targets.length === 1 ? Buffer.from(path).toString('utf8').replace(/\/+$/, '') : '';
  const last = own.slice(own.lastIndexOf('/') + 1) || connection.name;
  const plain = last.replaceAll(/[^\p{L}\p{N}._ -]/gu, '_').replace(/^[. ]+|[. ]+$/g, '');
  return plain === '' || plain.length > 80 ? createHash('sha256').update(path).digest('hex').slice(0, 8) : plain;
}
