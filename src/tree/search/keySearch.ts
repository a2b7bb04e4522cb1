import { EventEmitter } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { rangeContains } from '../../etcd/keyspace/ranges.ts';
import type { KeyRange } from '../../etcd/keyStore.ts';
import { keyMatcher } from '../../etcd/search/keyMatcher.ts';
import type { KeyHit, KeyQuery } from '../../etcd/search/keyQuery.ts';
import { searchKeys, type SearchStep } from '../../etcd/search/searchKeys.ts';
import { DisposableOwner } from '../../ui/disposable.ts';
import { HitNodes, type HitNode } from './hitNode.ts';

/** Results that are shown at first, and that each _Search On_ adds. */
const MOST_HITS = 1000;

/** What is looked for, and where. */
export interface SearchRequest {
  readonly connection: Connection;
  /** Prefix of the keys that are looked at. */
  readonly folder: Uint8Array;
  readonly query: KeyQuery;
}

export type SearchState =
  | { readonly kind: 'running' }
  /** As many hits as were wanted are there. */
  | { readonly kind: 'full' }
  | { readonly kind: 'complete' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: EtcdError };

/** One search from its start to its end: what it found so far, and how far it is. */
export class KeySearch extends DisposableOwner {
  readonly request: SearchRequest;
  readonly #changed = this.own(new EventEmitter<void>());
  /** Something was found, or the search is somewhere else by now. */
  readonly onDidChange = this.#changed.event;
  readonly #abort = new AbortController();
  readonly #nodes: HitNodes;
  #found: HitNode[] = [];
  /** Found beyond what was wanted. */
  #kept: readonly KeyHit[] = [];
  #steps: AsyncIterator<SearchStep> | undefined;
  #state: SearchState = { kind: 'running' };
  #progress = { scanned: 0, total: 0 };

  constructor(request: SearchRequest) {
    super();
    this.request = request;
    this.#nodes = new HitNodes(request.connection);
  }

  get found(): readonly HitNode[] {
    return this.#found;
  }

  get state(): SearchState {
    return this.#state;
  }

  /** Keys looked at so far, and keys to look at as far as that is known. */
  get progress(): { readonly scanned: number; readonly total: number } {
    return this.#progress;
  }

  /** Goes on until so many more keys are found, or none is left. Failures become the state. */
  async goOn(more = MOST_HITS): Promise<void> {
    const wanted = this.#found.length + more;
    this.#setState({ kind: 'running' });
    try {
      const steps = (this.#steps ??= await this.#start());
      this.#take(this.#kept, wanted);
      while (this.#found.length < wanted) {
        const { done, value } = await steps.next();
        if (this.#abort.signal.aborted) return;
        if (done) return this.#setState({ kind: 'complete' });
        this.#progress = value;
        this.#take(value.hits, wanted);
        this.#changed.fire();
      }
      this.#setState({ kind: 'full' });
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      if (!EtcdError.is(error)) throw error;
      this.#setState({ kind: 'failed', error });
    }
  }

  stop(): void {
    this.#abort.abort();
    if (this.#state.kind === 'running') this.#setState({ kind: 'stopped' });
  }

  /** Leaves out keys that are no more. */
  forget(ranges: readonly KeyRange[]): void {
    const isLeft = ({ path }: HitNode) => !ranges.some((range) => rangeContains(range, path));
    this.#found = this.#found.filter(isLeft);
    this.#kept = this.#kept.filter(({ key }) => !ranges.some((range) => rangeContains(range, key)));
    this.#changed.fire();
  }

  override dispose(): void {
    this.#abort.abort();
    super.dispose();
  }

  async #start(): Promise<AsyncIterator<SearchStep>> {
    const { connection, folder, query } = this.request;
    const store = await connection.store('interactive');
    const matcher = keyMatcher(query, folder, store.hierarchy.separators);
    return searchKeys(store, matcher, this.#abort.signal)[Symbol.asyncIterator]();
  }

  #take(hits: readonly KeyHit[], wanted: number): void {
    const room = wanted - this.#found.length;
    this.#found.push(...hits.slice(0, room).map((hit) => this.#nodes.nodeOf(hit)));
    this.#kept = hits.slice(room);
  }

  #setState(state: SearchState): void {
    this.#state = state;
    this.#changed.fire();
  }
}
