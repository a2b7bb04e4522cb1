import { toBinaryKey } from '../keys/binaryKey.ts';
import { owned } from '../keys/owned.ts';

/** Keys of a list that are kept by name. */
const NAMED = 100;

/** A list of keys that counts all of them and keeps the first ones. */
export class CountedKeys {
  readonly first: Uint8Array[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(key: Uint8Array): void {
    this.#count++;
    if (this.first.length < NAMED) this.first.push(owned(key));
  }
}

/** Why a key was not transferred. */
export type Reason = 'taken' | 'changed' | 'denied' | 'impossible';

/** What a transfer has done so far. Each key is counted once, even if its batch is tried again. */
export class TransferReport {
  /** Keys copied, and deleted at the old name if that was wanted. */
  done = 0;
  /** Keys, of those done, whose new name had the same value already. */
  present = 0;
  overwritten = 0;
  /** Keys, of those done, that no longer expire, because their lease is not valid at the target. */
  withoutLease = 0;
  /** New names with copies of keys that changed meanwhile, and that could not be removed. */
  readonly stale = new CountedKeys();
  /**
   * Old names of keys that were not transferred. `taken`: the new name exists; `changed`: others wrote the key since
   * the preview.
   */
  readonly left: Readonly<Record<Reason, CountedKeys>> = {
    taken: new CountedKeys(),
    changed: new CountedKeys(),
    denied: new CountedKeys(),
    impossible: new CountedKeys(),
  };
  /** The reason for the first impossible key. */
  whyImpossible: string | undefined;
  readonly #settled = new Set<string>();

  /** Number of keys processed. */
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

  /** Ends a batch, whose keys will not be processed again. */
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
