import { l10n, ProgressLocation, window } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { toBinaryKey } from '../etcd/keyspace/binaryKey.ts';
import { keyText, KeyTextError, parseKeyText } from '../etcd/keyspace/keyText.ts';
import { compareKeys, prefixRange, singleKeyRange } from '../etcd/keyspace/ranges.ts';
import { transfer, type TransferResult } from '../etcd/transfer.ts';
import { confirm, confirmByTyping } from '../ui/confirm.ts';
import type { CommandContext } from './commandContext.ts';
import { cancelled, pathTargets, revealPath, writableStore, type PathTarget } from './targets.ts';

const KEYS_NAMED = 5;

/** Gives a key, or all keys of a folder, another name. */
export async function rename(context: CommandContext, argument: unknown): Promise<void> {
  await transferTo(context, argument, true);
}

/** Copies a key, or all keys of a folder, under another name. */
export async function duplicate(context: CommandContext, argument: unknown): Promise<void> {
  await transferTo(context, argument, false);
}

async function transferTo(context: CommandContext, argument: unknown, move: boolean): Promise<void> {
  const title = move ? l10n.t('Rename') : l10n.t('Duplicate');
  const [target] = await pathTargets(context, argument, undefined, {
    title,
    placeholder: l10n.t('Type the path of a key or a folder'),
    folderLabel: (folder) => folder,
  });
  if (!target) return;
  const { connection, kind, path } = target;
  const store = await writableStore(connection);
  const newPath = await askNewPath(title, target);
  const source = kind === 'folder' ? prefixRange(path) : singleKeyRange(path);
  if (!(await confirmTransfer(target, newPath, move, (await store.count([source])).keys))) return;
  const newKey = (key: Uint8Array) => Buffer.concat([newPath, key.subarray(path.length)]);
  const options = {
    location: kind === 'key' ? ProgressLocation.Window : ProgressLocation.Notification,
    title: l10n.t('{0}: {1}', title, keyText(path)),
    cancellable: true,
  };
  try {
    const result = await window.withProgress(options, (report, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      const progress = (done: number, total: number) =>
        report.report({ message: l10n.t('{0} of {1} keys', done.toLocaleString(), total.toLocaleString()) });
      return transfer(store, { source, newKey, move, signal: abort.signal, progress });
    });
    say(result);
    if (move) context.documents.noteDeleted(connection, [source]);
    if (move) context.search.forget(connection, [source]);
  } finally {
    context.tree.refresh(connection);
    context.documents.refresh();
  }
  await revealPath(context, connection, newPath);
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

async function confirmTransfer(
  { connection, kind, path }: PathTarget,
  newPath: Uint8Array,
  move: boolean,
  keys: number,
): Promise<boolean> {
  if (keys === 0) throw new EtcdError('notFound', l10n.t('There is no key at {0} any more.', keyText(path)));
  if (kind === 'key' && !(move && connection.isProduction)) return true;
  const names = [keys.toLocaleString(), keyText(path), keyText(newPath), connection.name];
  const message = move
    ? l10n.t('Move {0} keys from {1} to {2} in {3}?', ...names)
    : l10n.t('Copy {0} keys from {1} to {2} in {3}?', ...names);
  const detail = l10n.t('A key whose new name is taken stays as it is: nothing is overwritten.');
  if (move && connection.isProduction) return await confirmByTyping(message, detail, keyText(path));
  return await confirm(message, detail, move ? l10n.t('Move') : l10n.t('Copy'));
}

function say({ done, taken, changed }: TransferResult): void {
  const count = done === 1 ? l10n.t('1 key done.') : l10n.t('{0} keys done.', done.toLocaleString());
  const sentences = [
    count,
    ...(taken.length > 0 ? [l10n.t('Left where they were, since their new names are taken: {0}.', named(taken))] : []),
    ...(changed.length > 0 ? [l10n.t('Left alone, since others changed them meanwhile: {0}.', named(changed))] : []),
  ];
  if (sentences.length > 1) void window.showWarningMessage(sentences.join(' '));
  else void window.setStatusBarMessage(count, 5000);
}

function named(keys: readonly Uint8Array[]): string {
  return keys.slice(0, KEYS_NAMED).map(keyText).join(', ') + (keys.length > KEYS_NAMED ? ', …' : '');
}
