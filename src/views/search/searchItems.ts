import { l10n, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { ValueHit } from '../../etcd/search/keyQuery.ts';
import type { Look } from '../keys/layouts/layout.ts';
import { treeItem } from '../keys/treeItems.ts';
import type { HitNode } from './hitNode.ts';
import type { KeySearch, SearchRequest } from './keySearch.ts';

/** Shows a key that was found: its name with the match highlighted, and its folder. */
export function hitItem(node: HitNode, showLines: boolean, look?: Look): TreeItem {
  const item = treeItem(node, look);
  item.command = { command: 'etcd.open', title: l10n.t('Open'), arguments: [node] };
  const { hit, path, parent, name } = node;
  const before = keyText(parent.path).length;
  const [start, end] = hit.span ?? [0, 0];
  if (name.length > 0 && end > before)
    item.label = { label: keyText(name), highlights: [[Math.max(0, start - before), end - before]] };
  const facts = [keyText(parent.path), ...(hit.value ? valueFacts(hit.value, showLines) : [])];
  item.description = facts.filter(Boolean).join(' · ');
  item.accessibilityInformation = { label: [keyText(path), ...facts.slice(1)].join(', ') };
  return item;
}

export function searchOnItem(search: KeySearch): TreeItem {
  const item = new TreeItem(l10n.t('Continue Search'), TreeItemCollapsibleState.None);
  item.id = 'searchOn';
  item.description = l10n.t('{0} shown', search.found.length.toLocaleString());
  item.iconPath = new ThemeIcon('ellipsis');
  item.contextValue = 'searchOn';
  item.command = { command: 'etcd.searchOn', title: l10n.t('Continue Search') };
  return item;
}

/** Describes the search for the view's heading. */
export function requestText({ connection, folder, query }: SearchRequest): string {
  const where = folder.length === 0 ? connection.name : l10n.t('{0} of {1}', keyText(folder), connection.name);
  return l10n.t('{0} in {1}', query.kind === 'regex' ? `/${query.pattern}/` : query.pattern, where);
}

/** Describes the progress of a search in a sentence. */
export function stateText({ state, found, progress }: KeySearch): string {
  const count = found.length.toLocaleString();
  const scanned = progress.scanned.toLocaleString();
  const total = keysText(progress.total);
  switch (state.kind) {
    case 'running':
      if (progress.total === 0) return l10n.t('Searching…');
      return l10n.t('{0} found so far; {1} of {2} searched…', count, scanned, total);
    case 'full':
      return l10n.t('The first {0} that were found; {1} of {2} searched.', count, scanned, total);
    case 'stopped':
      return l10n.t('Stopped: {0} found; {1} of {2} searched.', count, scanned, total);
    case 'failed':
      return state.error.message;
    case 'complete':
      return found.length === 0
        ? l10n.t('Nothing found; {0} searched.', keysText(progress.scanned))
        : l10n.t('{0} found; {1} searched.', count, keysText(progress.scanned));
  }
}

/**
 * Describes the place of a match in the value. Shows its text only if the user asked for that, because screens are
 * shared.
 */
function valueFacts({ line, excerpt }: ValueHit, showLines: boolean): string[] {
  const where = l10n.t('value, line {0}', line + 1);
  return [showLines ? `${where}: ${excerpt.trim()}` : where];
}
