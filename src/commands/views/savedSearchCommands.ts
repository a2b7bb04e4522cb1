import { l10n, ThemeIcon, type QuickPickItem } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { deleteSearch, savedSearches, saveSearch, type SavedSearch } from '../../connections/lists/savedSearches.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { pickAnswer } from '../../ui/pickAnswer.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

/** Saves the present search under a name. */
export async function saveThisSearch({ search }: CommandContext): Promise<void> {
  const { request } = search;
  if (!request)
    return void window.showInformationMessage(l10n.t('There is no search to save yet. Run "etcd: Find Keys" first.'));
  const { connection, folder, query } = request;
  const name = await window.showInputBox({
    title: l10n.t('Save Search of {0}', connection.name),
    prompt: l10n.t('Name; a search with the same name is replaced'),
    value: query.pattern,
    ignoreFocusOut: true,
  });
  if (!name) throw cancelled();
  await saveSearch(connection, { name, folder, query });
}

interface SearchItem extends QuickPickItem {
  readonly search?: SavedSearch;
}

/** Lists the saved searches of a connection. A click runs one; its button deletes it. */
export async function showSavedSearches(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const input = window.createQuickPick<SearchItem>();
  const answer = Promise.withResolvers<SavedSearch | undefined>();
  const draw = () => (input.items = itemsOf(connection));
  input.title = l10n.t('Saved Searches of {0}', connection.name);
  input.placeholder = l10n.t('Choose a search to run it');
  input.matchOnDescription = true;
  input.onDidTriggerItemButton(async ({ item: { search } }) => {
    if (!search) return;
    await deleteSearch(connection, search.name);
    draw();
  });
  input.onDidAccept(() => {
    const search = input.selectedItems[0]?.search;
    if (search) answer.resolve(search);
  });
  draw();
  const chosen = await pickAnswer(input, answer);
  if (chosen) await context.search.start({ connection, folder: chosen.folder, query: chosen.query });
}

function itemsOf(connection: Connection): SearchItem[] {
  const items = savedSearches(connection).map((search): SearchItem => ({
    label: search.name,
    description: savedSearchText(search),
    iconPath: new ThemeIcon('bookmark'),
    buttons: [{ iconPath: new ThemeIcon('trash'), tooltip: l10n.t('Delete this search') }],
    search,
  }));
  return items.length > 0
    ? items
    : [{ label: l10n.t('There are no saved searches. Save one from the Search Results view.') }];
}

/** Describes a saved search: its pattern and its folder. */
export function savedSearchText({ folder, query }: SavedSearch): string {
  const facts = [
    query.kind === 'regex' ? `/${query.pattern}/` : query.pattern,
    ...(folder.length > 0 ? [l10n.t('in {0}', keyText(folder))] : []),
    ...(query.values ? [l10n.t('keys and values')] : []),
  ];
  return facts.join(' · ');
}
