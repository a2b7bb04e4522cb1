import * as l10n from '@vscode/l10n';
import { batches } from '../batches.ts';
import { EtcdError } from '../errors.ts';
import { toBinaryKey } from '../keyspace/binaryKey.ts';
import type { Change, KeyStore, KeyValue, Lifetime } from '../keyStore.ts';
import { undoneKey, type Undone } from '../putBack.ts';
import type { FileEntry } from './fileEntry.ts';
import type { ImportPlan } from './importPlan.ts';

export interface ImportChoice {
  /** True of the entries to be written, by their index in the plan. */
  readonly takes: (index: number) => boolean;
  /** `stay`: keys keep the lease that they have, new ones get none. `asInFile`: what the file says, as far as it can be had. */
  readonly leases: 'stay' | 'asInFile';
  /** Remember how to undo it, up to so many bytes of memory. */
  readonly undoBytes: number;
}

/** How far an import came. */
export interface ImportPosition {
  /** Index of the first entry that was not looked at. */
  readonly next: number;
  readonly written: number;
}

/** A key that was not written, and why. */
export interface LeftKey {
  readonly key: Uint8Array;
  readonly why: 'changed' | 'refused';
  /** etcd's reason, of a refused one. */
  readonly reason?: string;
}

/** What it takes to remember a change, beside its key and value. */
export const BYTES_OF_A_CHANGE = 200;

/** How many of these are kept by name. */
const LEFT_NAMED = 1000;

interface Wanted {
  readonly index: number;
  readonly entry: FileEntry;
  readonly change: Change & { readonly kind: 'put' };
  /** The file names a lease that has ended, without its time. */
  readonly losesLease: boolean;
}

/**
 * Writes the chosen keys of a plan, each only if it still is as the plan saw it, in transactions of the store's size. After a
 * failure `run` can be called again: it goes on where it stopped, and finds out what became of the transaction that failed.
 */
export class ImportWriter {
  readonly #store: KeyStore;
  readonly #plan: ImportPlan;
  readonly #choice: ImportChoice;
  readonly #leases: FileLeases;
  #next = 0;
  /** From there on, what is done all the same: of a batch that was stopped in the middle. */
  readonly #done = new Set<number>();
  #written = 0;
  #withoutLease = 0;
  #left: LeftKey[] = [];
  #leftCount = { changed: 0, refused: 0 };
  #undo: Undone[] = [];
  #undoBytes = 0;
  #undoIsWhole = true;
  /** The first transaction may have been tried before. */
  #isRetry = false;

  /** @param from where an import was interrupted, of which no other writer knows any more; what was written before it cannot be undone */
  constructor(store: KeyStore, plan: ImportPlan, choice: ImportChoice, from?: ImportPosition) {
    if (from) [this.#next, this.#written, this.#isRetry] = [from.next, from.written, true];
    this.#store = store;
    this.#plan = plan;
    this.#choice = choice;
    this.#leases = new FileLeases(store);
  }

  get position(): ImportPosition {
    return { next: this.#next, written: this.#written };
  }

  get written(): number {
    return this.#written;
  }

  /** Numbers of keys that were left as they are. */
  get leftCount(): Readonly<Record<LeftKey['why'], number>> {
    return this.#leftCount;
  }

  /** The first of them. */
  get left(): readonly LeftKey[] {
    return this.#left;
  }

  /** How to undo what is written so far; undefined where that is too much to keep. */
  get undo(): readonly Undone[] | undefined {
    return this.#undoIsWhole ? this.#undo : undefined;
  }

  /** Written keys that live for good, since their lease has ended and the file does not tell its time. */
  get withoutLease(): number {
    return this.#withoutLease;
  }

  /** @throws EtcdError what stopped it; nothing is half-written, and another call goes on */
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
      const entries = await this.#plan.spool.from(first);
      const wanted: Wanted[] = [];
      for (const [offset, entry] of entries.entries()) {
        const index = first + offset;
        if (this.#choice.takes(index) && !this.#done.has(index)) wanted.push(await this.#want(index, entry));
      }
      for (const batch of batches(wanted, this.#store.capabilities.transactionSteps, ({ entry }) => bytesOf(entry))) {
        if (signal?.aborted) throw new EtcdError('cancelled', l10n.t('Cancelled.'));
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

  /** All that can be written; the rest is noted as left. */
  async #write(batch: readonly Wanted[]): Promise<void> {
    for (let open = batch; open.length > 0;) {
      let result;
      try {
        result = await this.#store.transact(open.map(({ change }) => change));
      } catch (error) {
        if (!EtcdError.is(error, 'requestTooLarge', 'tooManySteps', 'unsupported')) throw error;
        return await this.#writeInParts(open, error);
      }
      if (result.outcome === 'done') {
        for (const each of open) this.#noteWritten(each);
        this.#remember(open, result.previous, result.revision);
        return;
      }
      const conflicts = new Set(result.conflicts.map(({ key }) => toBinaryKey(key)));
      for (const each of open.filter(({ entry }) => conflicts.has(toBinaryKey(entry.key)))) await this.#settle(each);
      open = open.filter(({ entry }) => !conflicts.has(toBinaryKey(entry.key)));
    }
  }

  /** What is too much for one transaction is tried in halves, down to the one key that the server does not take. */
  async #writeInParts(batch: readonly Wanted[], error: EtcdError): Promise<void> {
    const half = Math.ceil(batch.length / 2);
    const [only] = batch;
    if (batch.length > 1) {
      await this.#write(batch.slice(0, half));
      await this.#write(batch.slice(half));
    } else if (only) this.#leave(only, { key: only.entry.key, why: 'refused', reason: error.message });
  }

  /** A key that is not as the plan saw it: written by a try whose answer was lost, or by others. */
  async #settle(wanted: Wanted): Promise<void> {
    const { entry, change } = wanted;
    const { kv } = await this.#store.get(entry.key);
    if (!kv || Buffer.compare(kv.value, entry.value) !== 0)
      return this.#leave(wanted, { key: entry.key, why: 'changed' });
    this.#noteWritten(wanted);
    // Others have written the same.
    if (!this.#isRetry) return;
    const previous =
      change.expected === 'absent' ? undefined : await this.#before(entry.key, change.expected.modRevision);
    if (previous || change.expected === 'absent') this.#remember([wanted], previous ? [previous] : [], kv.modRevision);
    else this.#undoIsWhole = false;
  }

  async #before(key: Uint8Array, revision: bigint): Promise<KeyValue | undefined> {
    if (!this.#store.capabilities.history) return undefined;
    try {
      return (await this.#store.get(key, { revision })).kv;
    } catch (error) {
      if (EtcdError.is(error, 'compacted')) return undefined;
      throw error;
    }
  }

  #noteWritten({ index, losesLease }: Wanted): void {
    this.#done.add(index);
    this.#written++;
    if (losesLease) this.#withoutLease++;
  }

  #leave({ index }: Wanted, key: LeftKey): void {
    this.#done.add(index);
    this.#leftCount[key.why]++;
    if (this.#left.length < LEFT_NAMED) this.#left.push(key);
  }

  /** @param overwritten those of the written keys that existed, as they were before */
  #remember(written: readonly Wanted[], overwritten: readonly KeyValue[], modRevision: bigint): void {
    const left = { modRevision };
    const created = written.filter(({ change }) => change.expected === 'absent');
    const changes: readonly Undone[] = [
      ...overwritten.map((previous) => ({ previous, left })),
      ...created.map(({ entry }) => ({ created: entry.key, left })),
    ];
    for (const change of changes)
      this.#undoBytes +=
        undoneKey(change).length + ('previous' in change ? change.previous.value.length : 0) + BYTES_OF_A_CHANGE;
    if (this.#undoBytes > this.#choice.undoBytes) this.#undoIsWhole = false;
    if (this.#undoIsWhole) this.#undo.push(...changes);
    else this.#undo = [];
  }
}

/** The leases of a file's keys on this cluster: the same one while it lives, else a new one with the time that was left. */
class FileLeases {
  readonly #store: KeyStore;
  readonly #found = new Map<bigint, Lifetime>();

  constructor(store: KeyStore) {
    this.#store = store;
  }

  async lifetimeOf({ lease = 0n, ttl }: FileEntry): Promise<Lifetime> {
    const { leases } = this.#store;
    if (lease === 0n || !leases) return ttl === undefined ? 'forever' : { ttl };
    let lifetime = this.#found.get(lease);
    if (lifetime === undefined) {
      if ((await leases.timeToLive(lease)) !== undefined) lifetime = { lease };
      else lifetime = ttl === undefined ? 'forever' : { lease: await leases.grant(ttl) };
      this.#found.set(lease, lifetime);
    }
    return lifetime;
  }
}

function bytesOf({ key, value }: FileEntry): number {
  return 2 * key.length + value.length;
}
