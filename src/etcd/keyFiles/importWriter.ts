import { throwIfAborted } from '../cancelled.ts';
import { batches } from '../writes/batches.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import { owned } from '../keys/owned.ts';
import { keyAt } from '../past/keyAt.ts';
import { writeGuarded } from '../writes/guardedBatches.ts';
import type { Change, KeyStore, KeyValue, Lifetime } from '../keyStore.ts';
import { bytesOfUndone, type Undone } from '../writes/undone.ts';
import type { FileEntry } from './fileEntry.ts';
import type { ImportPlan } from './importPlan.ts';

export interface ImportChoice {
  /** Whether to write the entry with this index of the plan. */
  readonly takes: (index: number) => boolean;
  /** `stay`: keys keep their present lease, and new keys get none. `asInFile`: as the file says, if possible. */
  readonly leases: 'stay' | 'asInFile';
  /** Bytes of memory for undoing the import. */
  readonly undoBytes: number;
}

/** How far an import has come. */
export interface ImportPosition {
  /** Index of the first entry that was not processed. */
  readonly next: number;
  readonly written: number;
}

/** A key that was not written, and the reason. */
export interface LeftKey {
  readonly key: Uint8Array;
  readonly why: 'changed' | 'refused';
  /** etcd's reason, if it refused the key. */
  readonly reason?: string;
}

/** Bytes that remembering a change takes, beside its key and value. */
export const BYTES_OF_A_CHANGE = 200;

/** Transactions for which entries are read at a time. */
const TRANSACTIONS_AT_ONCE = 8;

/** Number of skipped keys whose names are kept. */
const LEFT_NAMED = 1000;

interface Wanted {
  readonly index: number;
  readonly entry: FileEntry;
  readonly change: Change & { readonly kind: 'put' };
  /** True if the file names an expired lease without its time to live. */
  readonly losesLease: boolean;
}

/**
 * Writes the chosen keys of a plan, each only if it is still as the plan saw it, in transactions of the store's size.
 * After a failure, `run` can be called again: it continues where it stopped, and finds out what became of the failed
 * transaction.
 */
export class ImportWriter {
  readonly #store: KeyStore;
  readonly #plan: ImportPlan;
  readonly #choice: ImportChoice;
  readonly #leases: FileLeases;
  #next = 0;
  /** Entries after the position that are written already: those of a batch that stopped in the middle. */
  readonly #done = new Set<number>();
  #written = 0;
  #withoutLease = 0;
  #left: LeftKey[] = [];
  #leftCount = { changed: 0, refused: 0 };
  #undo: Undone[] = [];
  #undoBytes = 0;
  #undoIsWhole = true;
  /** True if the first transaction may have been tried before. */
  #isRetry = false;

  /**
   * @param from position of an interrupted import whose writer no longer exists; what was written before it cannot be
   * undone
   */
  constructor(store: KeyStore, plan: ImportPlan, choice: ImportChoice, from?: ImportPosition) {
    if (from) [this.#next, this.#written, this.#isRetry] = [from.next, from.written, true];
    this.#store = store;
    this.#plan = plan;
    this.#choice = choice;
    this.#leases = new FileLeases(store, plan.isOfCluster);
  }

  get position(): ImportPosition {
    return { next: this.#next, written: this.#written };
  }

  get written(): number {
    return this.#written;
  }

  /** Numbers of keys that were not written, by reason. */
  get leftCount(): Readonly<Record<LeftKey['why'], number>> {
    return this.#leftCount;
  }

  /** The first keys that were not written. */
  get left(): readonly LeftKey[] {
    return this.#left;
  }

  /** How to undo what was written so far; undefined if that is too much to keep. */
  get undo(): readonly Undone[] | undefined {
    return this.#undoIsWhole ? this.#undo : undefined;
  }

  /**
   * Number of written keys that no longer expire, because their lease has ended and the file does not have its time.
   */
  get withoutLease(): number {
    return this.#withoutLease;
  }

  /** @throws EtcdError what stopped it; no key is half-written, and another call continues */
  async run(signal?: AbortSignal, progress?: (done: number) => void): Promise<void> {
    try {
      await this.#run(signal, progress);
    } catch (error) {
      this.#isRetry = true;
      throw error;
    }
  }

  async #run(signal?: AbortSignal, progress?: (done: number) => void): Promise<void> {
    while (this.#next < this.#plan.length) {
      const first = this.#next;
      const steps = this.#store.capabilities.transactionSteps;
      // A multiple of the steps, so that no transaction is sent half full.
      const entries = await this.#plan.spool.from(first, steps * TRANSACTIONS_AT_ONCE);
      const wanted: Wanted[] = [];
      for (const [offset, entry] of entries.entries()) {
        const index = first + offset;
        if (this.#choice.takes(index) && !this.#done.has(index)) wanted.push(await this.#want(index, entry));
      }
      for (const batch of batches(wanted, steps, ({ entry }) => bytesOf(entry))) {
        throwIfAborted(signal);
        await this.#write(batch);
        this.#next = (batch.at(-1)?.index ?? first) + 1;
        this.#done.clear();
        this.#isRetry = false;
        progress?.(this.#written);
      }
      this.#next = first + entries.length;
    }
  }

  async #want(index: number, entry: FileEntry): Promise<Wanted> {
    const { key, value, lease } = entry;
    const lifetime = this.#choice.leases === 'stay' ? 'keep' : await this.#leases.lifetimeOf(entry);
    const change = { kind: 'put' as const, key, value, expected: this.#plan.expected(index), lifetime };
    return { index, entry, change, losesLease: lifetime === 'forever' && lease !== undefined };
  }

  /** Writes all keys of a batch that can be written, and notes the others. */
  async #write(batch: readonly Wanted[]): Promise<void> {
    await writeGuarded(this.#store, batch, {
      stepsOf: ({ change }) => [change],
      onConflict: async (items, conflicts) => {
        const isMet = ({ entry }: Wanted) => conflicts.has(toBinaryKey(entry.key));
        for (const each of items.filter(isMet)) await this.#settle(each);
        return items.filter((each) => !isMet(each));
      },
      onWritten: (items, { previous, revision }) => {
        for (const each of items) this.#noteWritten(each);
        this.#remember(items, previous, revision);
      },
      divides: ['requestTooLarge', 'tooManySteps', 'readOnly', 'unsupported'],
      onRefused: (wanted, { message }) =>
        this.#leave(wanted, { key: wanted.entry.key, why: 'refused', reason: message }),
    });
  }

  /**
   * Finds out why a key is not as the plan saw it: an attempt whose answer was lost has written it, or someone else
   * has.
   */
  async #settle(wanted: Wanted): Promise<void> {
    const { entry, change } = wanted;
    const { kv } = await this.#store.get(entry.key);
    if (!kv || Buffer.compare(kv.value, entry.value) !== 0)
      return this.#leave(wanted, { key: entry.key, why: 'changed' });
    this.#noteWritten(wanted);
    // Someone else has written the same value.
    if (!this.#isRetry) return;
    const previous =
      change.expected === 'absent' ? undefined : await keyAt(this.#store, entry.key, change.expected.modRevision);
    if (previous || change.expected === 'absent') this.#remember([wanted], previous ? [previous] : [], kv.modRevision);
    else this.#undoIsWhole = false;
  }

  #noteWritten({ index, losesLease }: Wanted): void {
    this.#done.add(index);
    this.#written++;
    if (losesLease) this.#withoutLease++;
  }

  #leave({ index }: Wanted, key: LeftKey): void {
    this.#done.add(index);
    this.#leftCount[key.why]++;
    if (this.#left.length < LEFT_NAMED) this.#left.push({ ...key, key: owned(key.key) });
  }

  /** @param overwritten those of the written keys that existed, as they were before */
  #remember(written: readonly Wanted[], overwritten: readonly KeyValue[], modRevision: bigint): void {
    const left = { modRevision };
    const created = written.filter(({ change }) => change.expected === 'absent');
    const changes: readonly Undone[] = [
      ...overwritten.map((previous) => ({ previous, left, mayHaveExpired: this.#choice.leases === 'asInFile' })),
      ...created.map(({ entry }) => ({ created: owned(entry.key), left })),
    ];
    for (const change of changes) this.#undoBytes += bytesOfUndone(change) + BYTES_OF_A_CHANGE;
    if (this.#undoBytes > this.#choice.undoBytes) this.#undoIsWhole = false;
    if (this.#undoIsWhole) this.#undo.push(...changes);
    else this.#undo = [];
  }
}

/**
 * Finds the leases for a file's keys. On the file's own cluster, that is the same lease while it exists; otherwise a
 * new one with the remaining time, because another cluster may have an unrelated lease with the same id.
 */
class FileLeases {
  readonly #store: KeyStore;
  readonly #areOwn: boolean;
  readonly #found = new Map<bigint, Lifetime>();

  constructor(store: KeyStore, areOwn: boolean) {
    this.#store = store;
    this.#areOwn = areOwn;
  }

  async lifetimeOf({ lease = 0n, ttl }: FileEntry): Promise<Lifetime> {
    const { leases } = this.#store;
    if (lease === 0n || !leases) return ttl === undefined ? 'forever' : { ttl };
    let lifetime = this.#found.get(lease);
    if (lifetime === undefined) {
      if (this.#areOwn && (await leases.timeToLive(lease)) !== undefined) lifetime = { lease };
      else lifetime = ttl === undefined ? 'forever' : { lease: await leases.grant(ttl) };
      this.#found.set(lease, lifetime);
    }
    return lifetime;
  }
}

function bytesOf({ key, value }: FileEntry): number {
  return 2 * key.length + value.length;
}
