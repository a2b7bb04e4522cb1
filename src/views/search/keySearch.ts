import { EventEmitter } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { rangeContains } from '../../etcd/keys/ranges.ts';
import type { KeyRange } from '../../etcd/keyStore.ts';
import type { KeyHit, KeyQuery } from '../../etcd/search/keyQuery.ts';
import type { SearchStep } from '../../etcd/search/searchKeys.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { HitNodes, type HitNode } from './hitNode.ts';

/** Number of results that are shown at first, and that each "Continue Search" adds. */
const MAX_HITS = 1000;

/** A query, and where to search. */
export interface SearchRequest {
  readonly connection: Connection;
  /** Prefix of the keys to search. */
  readonly folder: Uint8Array;
  readonly query: KeyQuery;
}

export type SearchState =
  | { readonly kind: 'running' }
  /** As many hits as requested were found. */
  | { readonly kind: 'full' }
  | { readonly kind: 'complete' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: EtcdError };

/** One search from start to end: its hits so far, and its progress. */
export class KeySearch extends DisposableOwner {
  readonly request: SearchRequest;
  readonly #changed = this.own(new EventEmitter<void>());
  /** Fires when something was found or the progress has changed. */
  readonly onDidChange = this.#changed.event;
  readonly #abort = new AbortController();
  readonly #nodes: HitNodes;
  #found: HitNode[] = [];
  /** Hits beyond the requested number. */
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

  /** Keys searched so far, and keys to search as far as known. */
  get progress(): { readonly scanned: number; readonly total: number } {
    return this.#progress;
  }

  /** Continues until `more` further keys are found or all were searched. A failure becomes the state. */
  async goOn(more = MAX_HITS): Promise<void> {
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

  /** Removes keys that no longer exist. */
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
    const { search } = await import('../../etcd/search/search.ts');
    return search(store, query, folder, this.#abort.signal)[Symbol.asyncIterator]();
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
