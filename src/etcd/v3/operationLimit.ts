import { EtcdError } from '../errors.ts';

/** etcd's default of `--max-txn-ops`, whose value no request returns. */
const DEFAULT_OPERATIONS = 128;

/** Number of operations that a server accepts in one transaction, as learned from its refusals. */
export class OperationLimit {
  #most = DEFAULT_OPERATIONS;

  get most(): number {
    return this.#most;
  }

  /** Learns from a failure. @returns whether a transaction with this many operations may succeed in smaller parts */
  learn(failure: unknown, operations: number): boolean {
    if (!EtcdError.is(failure, 'tooManySteps') || operations < 2) return false;
    // The next smaller power of two, as such limits usually are.
    this.#most = Math.min(this.#most, 2 ** (Math.ceil(Math.log2(operations)) - 1));
    return true;
  }

  /**
   * Reads in as few transactions as the server accepts; later ones read at the revision of the first.
   * @param ask sends one transaction, in which each item is one operation with one result
   */
  async read<I, R>(
    items: readonly I[],
    revision: bigint | undefined,
    ask: (part: readonly I[], revision: bigint | undefined) => Promise<Answer<R>>,
  ): Promise<Answer<R>> {
    const results: R[] = [];
    let pinned = revision;
    for (let at = 0; at < items.length;) {
      const part = items.slice(at, at + this.#most);
      try {
        const answer = await ask(part, pinned);
        pinned ??= answer.revision;
        results.push(...answer.results);
        at += part.length;
      } catch (error) {
        if (!this.learn(error, part.length)) throw error;
      }
    }
    return { revision: pinned ?? 0n, results };
  }
}

interface Answer<R> {
  readonly revision: bigint;
  readonly results: readonly R[];
}
