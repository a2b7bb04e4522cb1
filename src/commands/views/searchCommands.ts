import { l10n } from 'vscode';
import { savedSearches } from '../../connections/lists/savedSearches.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { HitNode } from '../../views/search/hitNode.ts';
import { pickQuery } from '../../ui/queryPicker.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { savedSearchText } from './savedSearchCommands.ts';
import { selectedNodes } from '../context/selectedNodes.ts';
import { connectionTarget, folderOf, pathTargets, revealPath, TREE_SELECTION } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';

/** Asks for a pattern, and shows the matching keys in a view. */
export async function findKeys(context: CommandContext, argument: unknown): Promise<void> {
  const from = argument === TREE_SELECTION ? (await selectedNodes(context.treeView))[0] : argument;
  const connection = await connectionTarget(context, from);
  // The store is opened first: before, nothing is known about it, and questions would appear twice.
  const { hierarchy } = await connection.store('interactive');
  const folder = folderOf(from) ?? connection.root;
  const where = folder.length === 0 ? connection.name : l10n.t('{0} of {1}', keyText(folder), connection.name);
  const { request } = context.search;
  const saved = savedSearches(connection);
  const answer = await pickQuery({
    title: l10n.t('Find Keys in {0}', where),
    folder,
    separators: hierarchy.separators,
    initial: request?.query,
    saved: saved.map((search) => ({ name: search.name, description: savedSearchText(search) })),
  });
  if (!answer) throw cancelled();
  if ('kind' in answer) return await context.search.start({ connection, folder, query: answer });
  const chosen = saved.find(({ name }) => name === answer.name);
  if (chosen) await context.search.start({ connection, folder: chosen.folder, query: chosen.query });
}

export async function searchAgain({ search }: CommandContext): Promise<void> {
  await search.again();
}

export async function searchOn({ search }: CommandContext): Promise<void> {
  await search.goOn();
}

export function stopSearch({ search }: CommandContext): void {
  search.stop();
}

export function clearSearch({ search }: CommandContext): void {
  search.clear();
}

export function showValueLines({ search }: CommandContext): void {
  search.showLines(true);
}

export function hideValueLines({ search }: CommandContext): void {
  search.showLines(false);
}

/** Reveals a found key in the Keys view. */
export async function revealInTree(context: CommandContext, argument: unknown): Promise<void> {
  const node = argument instanceof HitNode ? argument : context.search.selection[0];
  const [target] = await pathTargets(context, node, undefined, {
    title: l10n.t('Reveal in Keys View'),
    placeholder: l10n.t('Type the path of a key'),
  });
  if (target) await revealPath(context, target.connection, target.path);
}
