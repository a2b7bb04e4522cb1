import { EtcdError } from '../errors.ts';

/** etcd's limit unless its `--max-txn-ops` says otherwise, which no request tells. */
const DEFAULT_OPERATIONS = 128;

/** How many operations a server takes in one transaction, as far as its refusals have shown. */
export class OperationLimit {
  #most = DEFAULT_OPERATIONS;

  get most(): number {
    return this.#most;
  }

  /** Takes note of a failure. @returns whether a transaction of so many operations may succeed in smaller parts */
  learn(failure: unknown, operations: number): boolean {
    if (!EtcdError.is(failure, 'tooManySteps') || operations < 2) return false;
    // The next smaller power of two, as such limits mostly are.
    this.#most = Math.min(this.#most, 2 ** (Math.ceil(Math.log2(operations)) - 1));
    return true;
  }

  /**
   * Asks in as few transactions as the server takes; those after the first one at the first one's revision.
   * @param ask one transaction, each item one operation and one result of it
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
