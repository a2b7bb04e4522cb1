import { l10n } from 'vscode';
import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import { keyText, keyTextProblem, parseKeyText } from '../../etcd/keys/keyText.ts';
import { compareKeys } from '../../etcd/keys/ranges.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionOfAll, pathTargets, pickPath, writableStore } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import type { PathTarget } from '../context/pathTarget.ts';
import { pickTarget } from '../context/pickTarget.ts';
import { rootsAt } from './transferDestination.ts';
import { transferKeys } from './transferFlow.ts';
import { window } from '../../ui/text/window.ts';

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
  const wish = { move, source: connection, target: connection, roots: async () => roots };
  await transferKeys(context, { ...wish, isAgreed: kind === 'key', isQuiet: true });
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
    placeholder: l10n.t('Type the path of a folder. It does not have to exist'),
    folderLabel: (folder) => (move ? l10n.t('Move into {0}', folder) : l10n.t('Copy into {0}', folder)),
    wholeLabel: move ? l10n.t('Move to the top, above all folders') : l10n.t('Copy to the top, above all folders'),
    ...(isOneKey && { newKeyLabel: (key: string) => (move ? l10n.t('Move to {0}', key) : l10n.t('Copy to {0}', key)) }),
    creates: true,
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
  const problem = keyTextProblem(typed);
  if (problem !== undefined) return problem;
  const key = parseKeyText(typed);
  if (key.length === 0) return l10n.t('Enter at least one character.');
  if (kind === 'folder' && !hierarchy.isFolder(key))
    return l10n.t('The name of a folder ends with {0}.', hierarchy.separators.map(keyText).join(' '));
  return compareKeys(key, path) === 0 ? l10n.t('That is already its name.') : undefined;
}
