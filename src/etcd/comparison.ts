import { compareKeys, prefixRange } from './keyspace/ranges.ts';
import type { KeyMetadata, KeyStore, KeyValue, ScanPage } from './keyStore.ts';
import { pinnedStore } from './pinnedStore.ts';

/** All keys that begin with a prefix, at a revision or now. */
export interface ComparedSide {
  readonly store: KeyStore;
  readonly prefix: Uint8Array;
  readonly revision?: bigint | undefined;
}

/** A key that differs; `name` is what follows the prefix. */
export type Difference =
  | { readonly kind: 'added'; readonly name: Uint8Array; readonly right: KeyMetadata }
  | { readonly kind: 'deleted'; readonly name: Uint8Array; readonly left: KeyMetadata }
  | { readonly kind: 'changed'; readonly name: Uint8Array; readonly left: KeyMetadata; readonly right: KeyMetadata };

export interface ComparisonBatch {
  readonly differences: readonly Difference[];
  /** Keys of both sides that have been read, of so many. */
  readonly read: number;
  readonly total: number;
  readonly leftRevision: bigint;
  readonly rightRevision: bigint;
}

export interface ComparisonOptions {
  /** What makes two keys of one name differ: their `modRevision`, within a store, for which no value is read; else their values. */
  readonly by: 'revision' | 'value';
  readonly signal?: AbortSignal;
}

/**
 * Compares two sides key by key, both read in key order side by side: memory holds some pages of each, whatever their size.
 * @throws EtcdError `compacted` also where that happens while it is being read
 */
export async function* compareSides(
  left: ComparedSide,
  right: ComparedSide,
  { by, signal }: ComparisonOptions,
): AsyncGenerator<ComparisonBatch> {
  const [before, after] = [new Reader(left, by, signal), new Reader(right, by, signal)];
  try {
    while (await anyKeys(before, after)) {
      const differences = [...merge(before, after, by)];
      yield {
        differences,
        read: before.read + after.read,
        total: before.total + after.total,
        leftRevision: before.revision,
        rightRevision: after.revision,
      };
    }
  } finally {
    await Promise.all([before.close(), after.close()]);
  }
}

async function anyKeys(...readers: readonly Reader[]): Promise<boolean> {
  const filled = await Promise.all(readers.map((reader) => reader.fill()));
  return filled.some(Boolean);
}

/** Up to the end of one of the two pages. */
function* merge(left: Reader, right: Reader, by: ComparisonOptions['by']): Generator<Difference> {
  for (;;) {
    const [before, after] = [left.key, right.key];
    if ((!before && !left.ended) || (!after && !right.ended) || (!before && !after)) return;
    const order = !before ? 1 : !after ? -1 : compareKeys(left.name, right.name);
    if (before && order < 0) yield { kind: 'deleted', name: left.name, left: metadata(before) };
    else if (after && order > 0) yield { kind: 'added', name: right.name, right: metadata(after) };
    else if (before && after && !isSame(before, after, by))
      yield { kind: 'changed', name: left.name, left: metadata(before), right: metadata(after) };
    if (order <= 0) left.advance();
    if (order >= 0) right.advance();
  }
}

function isSame(a: KeyValue, b: KeyValue, by: ComparisonOptions['by']): boolean {
  return by === 'revision' ? a.modRevision === b.modRevision : Buffer.compare(a.value, b.value) === 0;
}

/** The value would be kept as long as the difference is. */
function metadata({ key, createRevision, modRevision, version, lease, ttl }: KeyValue): KeyMetadata {
  return {
    key,
    createRevision,
    modRevision,
    ...(version !== undefined && { version }),
    ...(lease !== undefined && { lease }),
    ...(ttl !== undefined && { ttl }),
  };
}

/** The keys of one side in order, a page at a time. */
class Reader {
  readonly #prefixLength: number;
  readonly #pages: AsyncIterator<ScanPage>;
  #page: readonly KeyValue[] = [];
  #at = 0;
  /** No page follows. */
  ended = false;
  read = 0;
  total = 0;
  revision: bigint;

  constructor({ store, prefix, revision }: ComparedSide, by: ComparisonOptions['by'], signal: AbortSignal | undefined) {
    this.#prefixLength = prefix.length;
    this.revision = revision ?? 0n;
    const source = revision === undefined ? store : pinnedStore(store, revision);
    const pages = source.scan(prefixRange(prefix), { values: by === 'value', signal });
    this.#pages = pages[Symbol.asyncIterator]();
  }

  /** The next key, until the page's end. */
  get key(): KeyValue | undefined {
    return this.#page[this.#at];
  }

  /** What follows the prefix. */
  get name(): Uint8Array {
    return this.key?.key.subarray(this.#prefixLength) ?? new Uint8Array();
  }

  advance(): void {
    this.#at++;
    this.read++;
  }

  /** Gets pages until there is a key; false at the end. */
  async fill(): Promise<boolean> {
    while (!this.key && !this.ended) {
      const { done = false, value } = await this.#pages.next();
      if (done) this.ended = true;
      else {
        this.#page = value.kvs;
        this.#at = 0;
        this.total = value.total;
        this.revision = value.revision;
      }
    }
    return !this.ended;
  }

  async close(): Promise<void> {
    await this.#pages.return?.();
  }
}
