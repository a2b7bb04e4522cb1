import { throwIfAborted } from '../cancelled.ts';
import type { KeyRange, KeyStore } from '../keyStore.ts';
import type { FileEntry, FileHeader, FilePart, KeyFileWriter } from './fileEntry.ts';

export interface ExportRequest {
  /** In key order, not overlapping. */
  readonly ranges: readonly KeyRange[];
  /** Prefix that all keys of the ranges share. */
  readonly prefix: Uint8Array;
  /** Also export revisions, versions, leases and their remaining time. */
  readonly facts: boolean;
  readonly signal?: AbortSignal;
  /** @param total number of keys in the ranges read so far */
  readonly progress?: (done: number, total: number) => void;
}

/**
 * Yields the keys of some ranges as the parts of a file, all at one revision if the store has history.
 * @throws EtcdError `compacted` if that revision is compacted before the end
 */
export async function* exportKeys(store: KeyStore, request: ExportRequest): AsyncGenerator<FilePart> {
  const { ranges, prefix, facts, signal, progress } = request;
  const cluster = await store.clusterId?.(signal);
  const remaining = new LeaseTimes(store);
  let revision: bigint | undefined;
  let hasHeader = false;
  let [done, before] = [0, 0];
  for (const range of ranges) {
    let inRange = 0;
    const at = store.capabilities.history ? revision : undefined;
    for await (const page of store.scan(range, { values: true, revision: at, signal })) {
      throwIfAborted(signal);
      revision ??= page.revision;
      if (!hasHeader) yield { header: headerOf(prefix, store, ranges.length, revision, cluster) };
      hasHeader = true;
      const entries: FileEntry[] = [];
      for (const kv of page.kvs) {
        const ttl = facts ? (kv.ttl ?? (await remaining.of(kv.lease, signal))) : undefined;
        entries.push(facts ? { ...kv, ...(ttl !== undefined && { ttl }) } : { key: kv.key, value: kv.value });
      }
      yield { entries };
      inRange = page.total;
      done += page.kvs.length;
      progress?.(done, before + page.total);
    }
    before += inRange;
  }
  if (!hasHeader) yield { header: headerOf(prefix, store, ranges.length, undefined, cluster) };
}

/** Yields the text of a file, in pieces of the size of the store's pages. */
export async function* fileText(parts: AsyncIterable<FilePart>, writer: KeyFileWriter): AsyncGenerator<string> {
  for await (const part of parts) {
    if ('header' in part) yield writer.begin(part.header);
    else yield part.entries.map((entry) => writer.entry(entry)).join('');
  }
  yield writer.end();
}

/** Returns the file's header. v2 has no revision for several ranges, because it reads them one after the other. */
function headerOf(
  prefix: Uint8Array,
  { capabilities: { history } }: KeyStore,
  ranges: number,
  revision: bigint | undefined,
  cluster: string | undefined,
): FileHeader {
  const isOneRevision = revision !== undefined && (history || ranges === 1);
  return { prefix, ...(isOneRevision && { revision }), ...(cluster !== undefined && { cluster }) };
}

/** Remaining seconds of leases; each lease is asked for once. */
class LeaseTimes {
  readonly #store: KeyStore;
  readonly #known = new Map<bigint, number | undefined>();

  constructor(store: KeyStore) {
    this.#store = store;
  }

  async of(lease = 0n, signal?: AbortSignal): Promise<number | undefined> {
    if (lease === 0n) return undefined;
    if (!this.#known.has(lease)) this.#known.set(lease, await this.#store.leases?.timeToLive(lease, signal));
    return this.#known.get(lease);
  }
}
