import { owned } from '../keys/owned.ts';
import { compareKeys, prefixRange } from '../keys/ranges.ts';
import type { KeyMetadata, KeyStore, KeyValue, ScanPage } from '../keyStore.ts';
import { ChangedValues } from './changedValues.ts';
import type { Difference } from './difference.ts';
import { storeAtRevision } from './storeAtRevision.ts';

/** All keys that begin with a prefix, at a revision or at present. */
export interface ComparedSide {
  readonly store: KeyStore;
  readonly prefix: Uint8Array;
  readonly revision?: bigint | undefined;
}

export interface ComparisonBatch {
  readonly differences: readonly Difference[];
  /** Keys read so far, of both sides together, and their total. */
  readonly read: number;
  readonly total: number;
  readonly leftRevision: bigint;
  readonly rightRevision: bigint;
}

export interface ComparisonOptions {
  /**
   * What makes two keys of one name differ: their `modRevision`, within one store, for which only the values of the
   * written keys are read; or their values.
   */
  readonly by: 'revision' | 'value';
  readonly signal?: AbortSignal;
}

/**
 * Compares two sides key by key. Both are read in key order, side by side, so memory holds some pages of each, whatever
 * their size.
 * @throws EtcdError `compacted`, even in the middle of reading
 */
export async function* compareSides(
  left: ComparedSide,
  right: ComparedSide,
  { by, signal }: ComparisonOptions,
): AsyncGenerator<ComparisonBatch> {
  const [before, after] = [new Reader(left, by, signal), new Reader(right, by, signal)];
  const values = new ChangedValues(signal);
  try {
    while (await anyKeys(before, after)) {
      const merged = [...merge(before, after, by)];
      const sources = [
        { store: left.store, revision: before.revision },
        { store: right.store, revision: after.revision },
      ] as const;
      yield {
        differences: by === 'revision' ? await values.classify(merged, ...sources) : merged,
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

/** Merges up to the end of one of the two pages. */
function* merge(left: Reader, right: Reader, by: ComparisonOptions['by']): Generator<Difference> {
  for (;;) {
    const [before, after] = [left.key, right.key];
    if ((!before && !left.ended) || (!after && !right.ended) || (!before && !after)) return;
    const order = !before ? 1 : !after ? -1 : compareKeys(left.name, right.name);
    if (before && order < 0) yield { kind: 'deleted', name: owned(left.name), left: metadata(before) };
    else if (after && order > 0) yield { kind: 'added', name: owned(right.name), right: metadata(after) };
    else if (before && after && !isSame(before, after, by))
      yield { kind: 'changed', name: owned(left.name), left: metadata(before), right: metadata(after) };
    if (order <= 0) left.advance();
    if (order >= 0) right.advance();
  }
}

function isSame(a: KeyValue, b: KeyValue, by: ComparisonOptions['by']): boolean {
  return by === 'revision' ? a.modRevision === b.modRevision : Buffer.compare(a.value, b.value) === 0;
}

/** Copies a key without its value, which would stay in memory with its whole page as long as the difference. */
function metadata({ key, createRevision, modRevision, version, lease, ttl }: KeyValue): KeyMetadata {
  return {
    key: owned(key),
    createRevision,
    modRevision,
    ...(version !== undefined && { version }),
    ...(lease !== undefined && { lease }),
    ...(ttl !== undefined && { ttl }),
  };
}

/** Reads the keys of one side in order, page by page. */
class Reader {
  readonly #prefixLength: number;
  readonly #pages: AsyncIterator<ScanPage>;
  #page: readonly KeyValue[] = [];
  #at = 0;
  /** True after the last page. */
  ended = false;
  read = 0;
  total = 0;
  revision: bigint;

  constructor({ store, prefix, revision }: ComparedSide, by: ComparisonOptions['by'], signal: AbortSignal | undefined) {
    this.#prefixLength = prefix.length;
    this.revision = revision ?? 0n;
    const source = revision === undefined ? store : storeAtRevision(store, revision);
    const pages = source.scan(prefixRange(prefix), { values: by === 'value', signal });
    this.#pages = pages[Symbol.asyncIterator]();
  }

  /** The next key of the page; undefined at its end. */
  get key(): KeyValue | undefined {
    return this.#page[this.#at];
  }

  /** The key without the prefix. */
  get name(): Uint8Array {
    return this.key?.key.subarray(this.#prefixLength) ?? new Uint8Array();
  }

  advance(): void {
    this.#at++;
    this.read++;
  }

  /** Reads pages until there is a key; returns false at the end. */
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
