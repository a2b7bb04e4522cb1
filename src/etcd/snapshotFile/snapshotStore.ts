import { throwIfAborted } from '../cancelled.ts';
import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { SLASHES, type Hierarchy } from '../keys/hierarchy.ts';
import type {
  Capabilities,
  ChildListing,
  ChildPage,
  KeyList,
  KeyPage,
  KeyRange,
  KeySnapshot,
  KeyStore,
  ListOptions,
  ReadOptions,
  ScanOptions,
  ScanPage,
  WatchBatch,
  WatchOptions,
} from '../keyStore.ts';
import type { ChildSpaces } from '../space/keySpace.ts';
import { readOnlyError } from '../readOnlyStore.ts';
import type { SnapshotReader, SnapshotSummary } from './snapshotReader.ts';

/** A reader that answers asynchronously, because it may be in another thread. */
export type RemoteReader = {
  readonly [Name in Exclude<keyof SnapshotReader, 'close'>]: (
    ...args: Parameters<SnapshotReader[Name]>
  ) => Promise<ReturnType<SnapshotReader[Name]>>;
};

/**
 * The keys of a snapshot or `db` file, at present and at each revision that it has. It cannot be written to, and never
 * changes.
 */
export class SnapshotStore implements KeyStore {
  readonly capabilities: Capabilities = {
    writable: false,
    leases: false,
    emptyFolders: false,
    history: true,
    transactionSteps: 1,
    following: 'none',
    tellsEnd: true,
  };
  readonly hierarchy: Hierarchy;
  readonly #reader: RemoteReader;
  readonly #summary: SnapshotSummary;

  constructor(reader: RemoteReader, summary: SnapshotSummary, hierarchy: Hierarchy = SLASHES) {
    this.#reader = reader;
    this.#summary = summary;
    this.hierarchy = hierarchy;
  }

  /** Identifies the file, because the cluster's own id is not in it. */
  clusterId(): Promise<string> {
    const { size, revision, compacted, records, facts } = this.#summary;
    const members = facts.members.map(({ id }) => id).join();
    const digest = createHash('sha256').update([size, revision, compacted, records, members].join(' '));
    return Promise.resolve(`file:${digest.digest('hex').slice(0, 16)}`);
  }

  async contentHash(
    revision: bigint,
    options: { readonly compacted?: bigint; readonly signal?: AbortSignal | undefined } = {},
  ) {
    const own = this.#summary.compacted > 0n ? this.#summary.compacted : -1n;
    const { compacted = own, signal } = options;
    return { hash: await aborting(this.#reader.hashKv(revision, compacted), signal), compacted };
  }

  async get(key: Uint8Array, { revision, signal }: ReadOptions = {}): Promise<KeySnapshot> {
    return await aborting(this.#reader.get(key, revision), signal);
  }

  async getMany(keys: readonly Uint8Array[], { revision, values = false, signal }: ScanOptions = {}) {
    const kvs = await aborting(this.#reader.getMany(keys, revision, values), signal);
    return { revision: revision ?? this.#summary.revision, kvs };
  }

  async folderSpace(prefix: Uint8Array, signal?: AbortSignal): Promise<ChildSpaces> {
    return await aborting(this.#reader.folderSpace(prefix, this.hierarchy.separators), signal);
  }

  listChildren(prefix: Uint8Array, options: ListOptions = {}): ChildListing {
    const { separators } = this.hierarchy;
    const revision = options.revision ?? this.#summary.revision;
    let place: number | undefined;
    let isDone = false;
    const readPage = async (size: number, signal?: AbortSignal): Promise<ChildPage> => {
      if (isDone) return { children: [], done: true, revision };
      const page = await aborting(this.#reader.children({ ...options, prefix, separators, size, place }), signal);
      place = page.next;
      isDone = place === undefined;
      return { children: page.children, done: isDone, revision };
    };
    let last: Promise<unknown> = Promise.resolve();
    return {
      // Calls run one after the other.
      next: (size, signal) => {
        const page = last.then(() => readPage(size, signal));
        last = page.catch(() => undefined);
        return page;
      },
    };
  }

  async *scan(range: KeyRange, { revision, values = false, signal }: ScanOptions = {}): AsyncGenerator<ScanPage> {
    for (let place: number | undefined, isFirst = true; isFirst || place !== undefined; isFirst = false) {
      const page = await aborting(this.#reader.page({ range, revision, values, place }), signal);
      yield { kvs: page.kvs, total: page.total, revision: revision ?? this.#summary.revision };
      place = page.next;
    }
  }

  async *scanKeys(range: KeyRange, { revision, signal }: ScanOptions = {}): AsyncGenerator<KeyPage> {
    for (let place: number | undefined, isFirst = true; isFirst || place !== undefined; isFirst = false) {
      const page = await aborting(this.#reader.keyPage({ range, revision, place }), signal);
      const keys = packedKeys(page.bytes, page.ends);
      yield { keys, total: page.total, revision: revision ?? this.#summary.revision };
      place = page.next;
    }
  }

  async count(ranges: readonly KeyRange[], signal?: AbortSignal): Promise<{ keys: number; revision: bigint }> {
    return { keys: await aborting(this.#reader.count(ranges), signal), revision: this.#summary.revision };
  }

  /** Delivers what happened from a revision to the end of the file, after which nothing happens. */
  async *watch(range: KeyRange, { fromRevision, previous = false, signal }: WatchOptions): AsyncGenerator<WatchBatch> {
    const { revision, compacted } = this.#summary;
    if (fromRevision !== undefined && fromRevision < compacted)
      throw new EtcdError(
        'compacted',
        l10n.t('Changes before revision {0} are compacted, and not in this file.', String(compacted)),
        { oldestRevision: compacted },
      );
    if (fromRevision !== undefined && fromRevision <= revision) {
      yield { revision: fromRevision - 1n, events: [] };
      for (let returned = 0; ;) {
        const batch = await aborting(this.#reader.events({ range, fromRevision, previous, returned }), signal);
        returned += batch.events.length;
        yield { revision: batch.revision, events: batch.events };
        if (batch.done) break;
      }
    }
    throw new EtcdError('unsupported', l10n.t('A file does not change: there is nothing to watch.'));
  }

  put(): Promise<never> {
    return Promise.reject(readOnlyError());
  }

  delete(): Promise<never> {
    return Promise.reject(readOnlyError());
  }

  transact(): Promise<never> {
    return Promise.reject(readOnlyError());
  }
}

function packedKeys(bytes: Uint8Array, ends: Uint32Array): KeyList {
  const key = (index: number): Uint8Array => {
    const end = ends[index];
    if (end === undefined) throw new RangeError(`There is no key ${index}.`);
    return bytes.subarray(ends[index - 1] ?? 0, end);
  };
  return { length: ends.length, key, text: (index) => Buffer.from(key(index)).toString() };
}

/** Drops an answer that nobody waits for any more. */
async function aborting<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const result = await answer;
  throwIfAborted(signal);
  return result;
}
