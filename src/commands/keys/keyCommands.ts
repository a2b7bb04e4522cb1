import { env, l10n, Range, ThemeIcon } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { asText } from '../../etcd/utf8.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { singleKeyRange } from '../../etcd/keys/ranges.ts';
import { shownObject } from '../../documents/valueForms.ts';
import { KeyNode } from '../../views/keys/nodes.ts';
import { HitNode } from '../../views/search/hitNode.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { askLifetime } from './lifetimeQuestion.ts';
import { selectedNodes } from '../context/selectedNodes.ts';
import { connectionTarget, folderOf, pathTargets, pickPath, revealPath, writableStore } from '../context/targets.ts';
import { window } from '../../ui/text/window.ts';

/** Opens a key in an editor, for the tree's click and the palette's Open. */
export async function open(context: CommandContext, argument: unknown): Promise<void> {
  const question = { title: l10n.t('Open Key'), placeholder: l10n.t('Type the path of a key') };
  // The palette's Open asks, because it is meant for another key than the one in the active editor.
  const [target] = argument
    ? await pathTargets(context, argument, undefined, question)
    : [await pickPath(context, await connectionTarget(context, argument), question)];
  const fromTree = argument instanceof KeyNode;
  if (target?.kind === 'key') await context.documents.open(target.connection, target.path, fromTree, foundIn(argument));
  else if (target) await revealPath(context, target.connection, target.path);
}

/**
 * Opens the selected key, for the tree's click. The click passes no node, because VS Code forgets the node of a row
 * while it draws the row again.
 */
export async function openSelected(context: CommandContext): Promise<void> {
  const [node] = await selectedNodes(context.treeView);
  if (node) await open(context, node);
}

/** Returns the position of a search's match in the value. */
function foundIn(argument: unknown): Range | undefined {
  const value = argument instanceof HitNode ? argument.hit.value : undefined;
  return value && new Range(value.line, value.span[0], value.line, value.span[1]);
}

/** Finds a key or folder by its path, reveals it in the tree, and opens the key. */
export async function goToKey(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const { kind, path } = await pickPath(context, connection, {
    title: l10n.t('Go to Key'),
    placeholder: l10n.t('Type the path of a key or a folder'),
    folderLabel: (folder) => l10n.t('Show the folder {0} in the tree', folder),
    initial: folderOf(argument),
  });
  if (kind === 'key') await context.documents.open(connection, path);
  await revealPath(context, connection, path);
}

/** Asks for a new key's path and opens an empty document for its value; saving it creates the key. */
export async function newKey(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const store = await writableStore(connection);
  const { path, byButton } = await pickPath(context, connection, {
    title: l10n.t('New Key'),
    placeholder: l10n.t('Type the path of the new key, such as /config/app'),
    newKeyLabel: (key) => l10n.t('Create {0}', key),
    creates: true,
    newKeyButton: { iconPath: new ThemeIcon('clock'), tooltip: l10n.t('Create it with a time to live…') },
    initial: folderOf(argument),
  });
  const { kv } = await store.get(path);
  if (kv) return await context.documents.open(connection, path);
  await store.locks?.check([singleKeyRange(path)]);
  const lifetime = byButton ? await askLifetime(store, keyText(path)) : undefined;
  await context.documents.openDraft(connection, path, lifetime);
}

export async function copyKey(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  const targets = await pathTargets(context, argument, selected, {
    title: l10n.t('Copy Key'),
    placeholder: l10n.t('Type the path of a key'),
  });
  await env.clipboard.writeText(targets.map(({ path }) => asText(path) ?? keyText(path)).join('\n'));
}

export async function copyValue(context: CommandContext, argument: unknown): Promise<void> {
  const [target] = await pathTargets(context, argument, undefined, {
    title: l10n.t('Copy Value'),
    placeholder: l10n.t('Type the path of a key'),
  });
  if (target?.kind !== 'key') return;
  const { kv } = await (await target.connection.store('interactive')).get(target.path);
  if (!kv) throw new EtcdError('notFound', l10n.t('The key {0} no longer exists.', keyText(target.path)));
  const text = (await shownObject(kv.value))?.yaml ?? asText(kv.value);
  await env.clipboard.writeText(text ?? Buffer.from(kv.value).toString('base64'));
  if (text === undefined) await window.showInformationMessage(l10n.t('The value is binary: it was copied as base64.'));
}
