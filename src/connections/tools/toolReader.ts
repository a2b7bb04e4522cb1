import { checkCluster, type Finding } from '../../etcd/cluster/check.ts';
import type { ChildPage, KeySnapshot, KeyStore } from '../../etcd/keyStore.ts';
import { keyHistory, type HistoryEntry } from '../../etcd/past/keyHistory.ts';
import type { KeyQuery } from '../../etcd/search/keyQuery.ts';
import { search } from '../../etcd/search/search.ts';
import type { SearchStep } from '../../etcd/search/searchKeys.ts';
import { maskedScan } from '../../etcd/secrets/maskedScan.ts';
import { readableValue, type ReadableValue } from '../../etcd/secrets/readableValue.ts';
import type { Connection } from '../connection.ts';
import { toolAccess } from './toolAccess.ts';

/**
 * Reads a connection for language models' tools: without questions to the user, and with secrets masked unless the
 * settings show them.
 */
export class ToolReader {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists the first children of a folder. @throws EtcdError */
  async list(prefix: Uint8Array | undefined, most: number, signal: AbortSignal): Promise<ChildPage> {
    const store = await this.#store();
    return await store.listChildren(prefix ?? this.#connection.root).next(most, signal);
  }

  /** @throws EtcdError */
  async read(key: Uint8Array, signal: AbortSignal): Promise<KeySnapshot> {
    return await (await this.#store()).get(key, { signal });
  }

  /** Returns a value as text, as far as tools may see it; undefined if it is no text. */
  async shown(key: Uint8Array, value: Uint8Array): Promise<ReadableValue | undefined> {
    return await readableValue(key, value, this.#masks);
  }

  /** Searches the keys below a folder. @throws EtcdError */
  async *find(query: KeyQuery, folder: Uint8Array | undefined, signal: AbortSignal): AsyncGenerator<SearchStep> {
    const store = await this.#store();
    yield* search(this.#masks ? maskedScan(store) : store, query, folder ?? this.#connection.root, signal);
  }

  /** Yields a key's versions, newest first. @throws EtcdError */
  async *history(key: Uint8Array, signal: AbortSignal): AsyncGenerator<HistoryEntry> {
    yield* keyHistory(await this.#store(), key, signal);
  }

  /** Looks at the cluster, without reading its members' whole databases. @throws EtcdError */
  async health(signal: AbortSignal): Promise<readonly Finding[]> {
    const cluster = await this.#connection.cluster(undefined, 'background');
    return await checkCluster(
      { state: (each) => cluster.state(each), metrics: (member, each) => cluster.metrics(member, each) },
      signal,
    );
  }

  get #masks(): boolean {
    return toolAccess(this.#connection.profile) !== 'full';
  }

  async #store(): Promise<KeyStore> {
    return await this.#connection.store('background');
  }
}
