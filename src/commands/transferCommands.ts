import { l10n, window } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { toBinaryKey } from '../etcd/keyspace/binaryKey.ts';
import { keyText, KeyTextError, parseKeyText } from '../etcd/keyspace/keyText.ts';
import { compareKeys } from '../etcd/keyspace/ranges.ts';
import type { CommandContext } from './commandContext.ts';
import { cancelled, connectionOfAll, pathTargets, pickPath, writableStore, type PathTarget } from './targets.ts';
import { rootsAt } from './transferDestination.ts';
import { transferKeys } from './transferFlow.ts';

/** Gives a key, or all keys of a folder, another name. */
export async function rename(context: CommandContext, argument: unknown): Promise<void> {
  await toNewName(context, argument, true);
}

/** Copies a key, or all keys of a folder, under another name. */
export async function duplicate(context: CommandContext, argument: unknown): Promise<void> {
  await toNewName(context, argument, false);
}

/** Moves keys and folders into a folder, of the same connection or of another one. */
export async function moveTo(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  await toFolder(context, argument, selected, true);
}

/** Copies keys and folders into a folder, of the same connection or of another one. */
export async function copyTo(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  await toFolder(context, argument, selected, false);
}

async function toNewName(context: CommandContext, argument: unknown, move: boolean): Promise<void> {
  const title = move ? l10n.t('Rename') : l10n.t('Duplicate');
  const [target] = await pathTargets(context, argument, undefined, {
    title,
    placeholder: l10n.t('Type the path of a key or a folder'),
    folderLabel: (folder) => folder,
  });
  if (!target) return;
  const { connection, kind, path } = target;
  await writableStore(connection);
  const to = await askNewPath(title, target);
  const roots = [{ kind, from: path, to }];
  const isNamed = kind === 'key';
  await transferKeys(context, { move, source: connection, target: connection, roots: async () => roots, isNamed });
}

async function toFolder(context: CommandContext, argument: unknown, selected: unknown, move: boolean): Promise<void> {
  const title = move ? l10n.t('Move To') : l10n.t('Copy To');
  const sources = await pathTargets(context, argument, selected, {
    title,
    placeholder: l10n.t('Type the path of a key or a folder'),
    folderLabel: (folder) => folder,
  });
  const source = connectionOfAll(sources);
  if (move) await writableStore(source);
  const [first] = sources;
  if (!first) return;
  const target = await pickTarget(context, source, title);
  const name = sources.length === 1 ? keyText(first.path) : l10n.t('{0} keys and folders', sources.length);
  const isOneKey = sources.length === 1 && first.kind === 'key';
  const picked = await pickPath(context, target, {
    title: `${title}: ${name}`,
    placeholder: l10n.t('Type the path of a folder, which need not exist'),
    folderLabel: (folder) => (move ? l10n.t('Move into {0}', folder) : l10n.t('Copy into {0}', folder)),
    wholeLabel: move ? l10n.t('Move to the top, above all folders') : l10n.t('Copy to the top, above all folders'),
    ...(isOneKey && { newKeyLabel: (key: string) => (move ? l10n.t('Move to {0}', key) : l10n.t('Copy to {0}', key)) }),
    initial: source.hierarchy.parentOf(first.path),
  });
  await transferKeys(context, {
    move,
    source,
    target,
    roots: async (store) => {
      if (isOneKey && picked.kind === 'key') return [{ kind: 'key', from: first.path, to: picked.path }];
      const folder = picked.kind === 'folder' ? picked.path : target.hierarchy.parentOf(picked.path);
      return await rootsAt(sources, { connection: target, folder }, store, move);
    },
  });
}

async function pickTarget({ connections }: CommandContext, source: Connection, title: string): Promise<Connection> {
  const writable = connections.all.filter(({ isReadOnly }) => !isReadOnly);
  const others = writable.filter((connection) => connection !== source);
  if (others.length === 0) return source;
  const items = [...writable.filter((connection) => connection === source), ...others].map((connection) => ({
    label: connection.name,
    description: [
      connection.endpoint,
      ...(connection === source ? [l10n.t('where it is now')] : []),
      ...(connection.isProduction ? [l10n.t('production')] : []),
    ].join(' · '),
    connection,
  }));
  const chosen = await window.showQuickPick(items, { title, placeHolder: l10n.t('To which connection?') });
  if (!chosen) throw cancelled();
  return chosen.connection;
}

async function askNewPath(title: string, target: PathTarget): Promise<Uint8Array> {
  const { connection, kind, path } = target;
  const text = keyText(path);
  const folder = connection.hierarchy.parentOf(path);
  const name = connection.hierarchy.segmentEnd(toBinaryKey(path), folder.length)?.name;
  const typed = await window.showInputBox({
    title: l10n.t('{0} {1}', title, text),
    prompt: kind === 'folder' ? l10n.t('The new prefix of all its keys') : l10n.t('The new key'),
    value: text,
    valueSelection: [keyText(folder).length, keyText(path.subarray(0, name)).length],
    ignoreFocusOut: true,
    validateInput: (value) => problemOf(value, target),
  });
  if (typed === undefined) throw cancelled();
  return parseKeyText(typed);
}

function problemOf(typed: string, { connection: { hierarchy }, path, kind }: PathTarget): string | undefined {
  try {
    const key = parseKeyText(typed);
    if (key.length === 0) return l10n.t('A key has one character at least.');
    if (kind === 'folder' && !hierarchy.isFolder(key))
      return l10n.t('The name of a folder ends with {0}.', hierarchy.separators.map(keyText).join(' '));
    return compareKeys(key, path) === 0 ? l10n.t('This is its name already.') : undefined;
  } catch (error) {
    if (error instanceof KeyTextError) return error.message;
    throw error;
  }
}
