import { toBinaryKey } from '../keyspace/binaryKey.ts';

/** So many keys of a list are kept by name. */
const NAMED = 100;

/** Keys of which the first are kept, and all are counted. */
export class KeyList {
  readonly first: Uint8Array[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(key: Uint8Array): void {
    this.#count++;
    if (this.first.length < NAMED) this.first.push(key);
  }
}

/** Why a key was left as it was. */
export type Reason = 'taken' | 'changed' | 'denied' | 'impossible';

/** What a transfer has done so far. Each key is counted once, also where its batch is tried again. */
export class TransferReport {
  /** Copied, and where that was asked for deleted at the old name. */
  done = 0;
  /** Of those done: the new name had the same value already. */
  present = 0;
  overwritten = 0;
  /** Of those done: their lease means nothing there, so that they live for good. */
  withoutLease = 0;
  /** New names with copies of keys that changed meanwhile, and that could not be taken back. */
  readonly stale = new KeyList();
  /** Old names. Taken: the new name is; changed: since it was seen, by others. */
  readonly left: Readonly<Record<Reason, KeyList>> = {
    taken: new KeyList(),
    changed: new KeyList(),
    denied: new KeyList(),
    impossible: new KeyList(),
  };
  /** Why, of the first that is impossible. */
  whyImpossible: string | undefined;
  readonly #settled = new Set<string>();

  /** Keys that were looked at. */
  get handled(): number {
    return this.done + this.leftCount;
  }

  get leftCount(): number {
    return Object.values(this.left).reduce((sum, { count }) => sum + count, 0);
  }

  isSettled(key: Uint8Array): boolean {
    return this.#settled.has(toBinaryKey(key));
  }

  leave(key: Uint8Array, reason: Reason, why?: string): void {
    if (!this.#settle(key)) return;
    this.left[reason].add(key);
    if (reason === 'impossible') this.whyImpossible ??= why;
  }

  finish(key: Uint8Array, facts: { present: boolean; overwritten: boolean; withoutLease: boolean }): void {
    if (!this.#settle(key)) return;
    this.done++;
    if (facts.present) this.present++;
    if (facts.overwritten) this.overwritten++;
    if (facts.withoutLease) this.withoutLease++;
  }

  /** A batch is done with: its keys are not met again. */
  endBatch(): void {
    this.#settled.clear();
  }

  #settle(key: Uint8Array): boolean {
    const name = toBinaryKey(key);
    if (this.#settled.has(name)) return false;
    this.#settled.add(name);
    return true;
  }
}
