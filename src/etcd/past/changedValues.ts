import type { KeyStore, KeyValue } from '../keyStore.ts';
import type { ChangedKey, Difference } from './difference.ts';
import { storeAtRevision } from './storeAtRevision.ts';

/** Minimum number of keys whose values one request reads. */
const FEWEST = 4;
const MOST = 128;
/** Bytes of values that one request should bring. */
const WANTED_BYTES = 1_000_000;

/** The store and revision from which to read the values of one side. */
export interface ValueSource {
  readonly store: KeyStore;
  readonly revision: bigint;
}

/** Finds out which of the written keys have another value than before, another lease, or neither. */
export class ChangedValues {
  readonly #signal: AbortSignal | undefined;
  /** Keys of the next request, by the sizes of the values so far. */
  #keys = FEWEST;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** @throws EtcdError `compacted` */
  async classify(
    differences: readonly Difference[],
    left: ValueSource,
    right: ValueSource,
  ): Promise<readonly Difference[]> {
    const classified = [...differences];
    const written = [...differences.entries()].filter((entry): entry is [number, ChangedKey] => isWritten(entry[1]));
    for (let at = 0; at < written.length;) {
      const some = written.slice(at, at + this.#keys);
      at += some.length;
      const [before, after] = await Promise.all([
        this.#read(
          left,
          some.map(([, each]) => each.left.key),
        ),
        this.#read(
          right,
          some.map(([, each]) => each.right.key),
        ),
      ]);
      for (const [index, [place, each]] of some.entries())
        classified[place] = { ...each, kind: kindOf(before[index], after[index]) };
      this.#adapt(some.length, [...before, ...after]);
    }
    return classified;
  }

  async #read({ store, revision }: ValueSource, keys: readonly Uint8Array[]) {
    const { kvs } = await storeAtRevision(store, revision).getMany(keys, { values: true, signal: this.#signal });
    return kvs;
  }

  #adapt(keys: number, read: readonly (KeyValue | undefined)[]): void {
    const bytes = read.reduce((sum, kv) => sum + (kv?.value.length ?? 0), 0);
    const fitting = Math.floor((WANTED_BYTES * keys) / Math.max(bytes, 1));
    this.#keys = Math.max(FEWEST, Math.min(MOST, this.#keys * 2, fitting));
  }
}

function isWritten(difference: Difference): difference is ChangedKey {
  return difference.kind !== 'added' && difference.kind !== 'deleted';
}

function kindOf(before: KeyValue | undefined, after: KeyValue | undefined): ChangedKey['kind'] {
  if (!before || !after || Buffer.compare(before.value, after.value) !== 0) return 'changed';
  return before.lease === after.lease ? 'rewritten' : 'leaseChanged';
}
