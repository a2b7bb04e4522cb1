import {
  commands,
  EventEmitter,
  window,
  type CancellationToken,
  type TreeDataProvider,
  type TreeItem,
  type TreeView,
} from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { Connections } from '../../connections/connections.ts';
import type { KeyRange } from '../../etcd/keyStore.ts';
import { DisposableOwner } from '../../ui/disposable.ts';
import type { KeyTree } from '../keyTree.ts';
import type { HitNode } from './hitNode.ts';
import { KeySearch, type SearchRequest } from './keySearch.ts';
import { hitItem, requestText, searchOnItem, stateText } from './searchItems.ts';

const VIEW = 'etcd.search';

/** The end of a list that could be longer. */
const SEARCH_ON = 'searchOn';

export type SearchViewNode = HitNode | typeof SEARCH_ON;

/** The view of what a search finds, while it finds it. It is there from the first search on. */
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
        // A connection that was removed or changed has closed what the search reads from.
        const used = this.request?.connection;
        if (used && connections.get(used.id) !== used) this.clear();
      }),
    );
  }

  /** Of the search that is shown. */
  get request(): SearchRequest | undefined {
    return this.#search?.request;
  }

  get selection(): readonly HitNode[] {
    return this.#view.selection.filter((node) => node !== SEARCH_ON);
  }

  getTreeItem(node: SearchViewNode): TreeItem {
    if (node !== SEARCH_ON) return hitItem(node, this.#showLines);
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

  /** Shows the view and searches, in place of the search before. */
  async start(request: SearchRequest): Promise<void> {
    this.#showLines = false;
    this.#replace(new KeySearch(request));
    await commands.executeCommand('setContext', 'etcd.searchUsed', true);
    await commands.executeCommand(`${VIEW}.focus`);
    await this.goOn();
  }

  /** Looks for the same once more. */
  async again(): Promise<void> {
    if (!this.request) return;
    this.#replace(new KeySearch(this.request));
    await this.goOn();
  }

  /** Goes on where the search stopped since enough was found. */
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

  /** @param showLines whether the lines of values that were found are shown, which may be secret */
  showLines(showLines: boolean): void {
    this.#showLines = showLines;
    this.#draw();
  }

  /** Leaves out keys that were deleted or renamed. */
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
