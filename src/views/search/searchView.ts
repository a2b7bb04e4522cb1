import {
  commands,
  EventEmitter,
  type CancellationToken,
  type TreeDataProvider,
  type TreeItem,
  type TreeView,
} from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { Connections } from '../../connections/connections.ts';
import type { KeyRange } from '../../etcd/keyStore.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { KeyTree } from '../keys/keyTree.ts';
import type { HitNode } from './hitNode.ts';
import { KeySearch, type SearchRequest } from './keySearch.ts';
import { hitItem, requestText, searchOnItem, stateText } from './searchItems.ts';
import { window } from '../../ui/text/window.ts';

const VIEW = 'etcd.search';

/** Last row of a list that can be continued. */
const SEARCH_ON = 'searchOn';

export type SearchViewNode = HitNode | typeof SEARCH_ON;

/** The view of a search's results, which appear as they are found; hidden before the first search. */
export class SearchView extends DisposableOwner implements TreeDataProvider<SearchViewNode> {
  readonly #tree: KeyTree;
  readonly #changed = this.own(new EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: TreeView<SearchViewNode>;
  #search: KeySearch | undefined;
  #showLines = false;
  #menus = '';

  constructor(tree: KeyTree, connections: Connections) {
    super();
    this.#tree = tree;
    this.#view = this.own(window.createTreeView(VIEW, { treeDataProvider: this, canSelectMany: true }));
    this.own(
      connections.onDidChange(() => {
        // When a connection was removed or changed, the store that the search reads from is closed.
        const used = this.request?.connection;
        if (used && connections.get(used.id) !== used) this.clear();
      }),
    );
  }

  /** Request of the search that is shown. */
  get request(): SearchRequest | undefined {
    return this.#search?.request;
  }

  get selection(): readonly HitNode[] {
    return this.#view.selection.filter((node) => node !== SEARCH_ON);
  }

  getTreeItem(node: SearchViewNode): TreeItem {
    if (node !== SEARCH_ON) return hitItem(node, this.#showLines, this.#tree.looks.of(node));
    if (!this.#search) throw new Error('only a search can go on');
    return searchOnItem(this.#search);
  }

  getChildren(node?: SearchViewNode): SearchViewNode[] {
    if (node || !this.#search) return [];
    const { found, state } = this.#search;
    return state.kind === 'full' ? [...found, SEARCH_ON] : [...found];
  }

  async resolveTreeItem(item: TreeItem, node: SearchViewNode, token: CancellationToken): Promise<TreeItem> {
    return node === SEARCH_ON ? item : await this.#tree.resolveTreeItem(item, node, token);
  }

  /** Shows the view and searches; ends the search before. */
  async start(request: SearchRequest): Promise<void> {
    this.#showLines = false;
    this.#replace(new KeySearch(request));
    await this.#tree.looks.load();
    await commands.executeCommand('setContext', 'etcd.searchUsed', true);
    await commands.executeCommand(`${VIEW}.focus`);
    await this.goOn();
  }

  /** Repeats the search. */
  async again(): Promise<void> {
    if (!this.request) return;
    this.#replace(new KeySearch(this.request));
    await this.goOn();
  }

  /** Continues a search that stopped at the requested number of hits. */
  async goOn(): Promise<void> {
    const search = this.#search;
    if (search) await window.withProgress({ location: { viewId: VIEW } }, () => search.goOn());
  }

  stop(): void {
    this.#search?.stop();
  }

  clear(): void {
    this.#replace(undefined);
  }

  /** @param showLines whether to show the matching lines of values, which may be secret */
  showLines(showLines: boolean): void {
    this.#showLines = showLines;
    this.#draw();
  }

  /** Removes keys that were deleted or renamed. */
  forget(connection: Connection, ranges: readonly KeyRange[]): void {
    if (this.request?.connection === connection) this.#search?.forget(ranges);
  }

  override dispose(): void {
    this.#search?.dispose();
    super.dispose();
  }

  #replace(search: KeySearch | undefined): void {
    this.#search?.dispose();
    this.#search = search;
    search?.onDidChange(() => this.#draw());
    this.#draw();
  }

  #draw(): void {
    const search = this.#search;
    this.#view.description = search ? requestText(search.request) : '';
    this.#view.message = search ? stateText(search) : '';
    const values = search?.found.some(({ hit }) => hit.value) ?? false;
    this.#setMenus([search?.state.kind ?? 'empty', ...(values ? [this.#showLines ? 'lines' : 'noLines'] : [])]);
    this.#changed.fire(undefined);
  }

  #setMenus(words: readonly string[]): void {
    const state = words.join(';');
    if (state === this.#menus) return;
    this.#menus = state;
    void commands.executeCommand('setContext', 'etcd.searchState', state);
  }
}
