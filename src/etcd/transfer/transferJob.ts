import * as l10n from '@vscode/l10n';
import { batches } from '../batches.ts';
import { EtcdError } from '../errors.ts';
import { toBinaryKey } from '../keyspace/binaryKey.ts';
import { compareKeys, singleKeyRange } from '../keyspace/ranges.ts';
import type { KeyValue } from '../keyStore.ts';
import { atomicTransfer } from './atomicTransfer.ts';
import { steppedTransfer, withdraw } from './steppedTransfer.ts';
import {
  holds,
  isSameKey,
  newKey,
  permissionsOf,
  rangeOf,
  type Permissions,
  type TransferPlan,
  type TransferRoot,
} from './transferPlan.ts';
import { TransferReport } from './transferReport.ts';
import { TransferWriter, type Item, type Written } from './transferWriter.ts';

export interface TransferOptions {
  readonly signal?: AbortSignal;
  /** Hears how many keys were looked at so far, those of earlier runs among them. */
  readonly progress?: (handled: number) => void;
  /** Hears of the keys that were done, as they were before and what came of them; for undo. */
  readonly record?: (written: readonly Written[]) => void;
}

/** How far a transfer came. */
export interface TransferPosition {
  /** Index of the root that is under way. */
  readonly root: number;
  /** The first of its keys that was not looked at; none where that is its first one. */
  readonly next?: Uint8Array;
}

/**
 * Copies or moves keys to new names, in the same store or in another one, as a plan says. No key is deleted but in the
 * transaction that creates its copy or, where one transaction cannot have both, after the copy was read again.
 */
export class TransferJob {
  readonly plan: TransferPlan;
  readonly report = new TransferReport();
  readonly #writer: TransferWriter;
  /** The root that is under way, and the first of its keys that was not looked at. */
  #root = 0;
  #next: Uint8Array | undefined;
  /** Items that were sent and not yet heard of, by their old keys. */
  readonly #underWay = new Map<string, Item>();
  /** Another job of the same plan was interrupted, and what it had sent last is not known. */
  readonly #isRestored: boolean;

  /** @param from where another job of the same plan was interrupted */
  constructor(plan: TransferPlan, from?: TransferPosition) {
    this.plan = plan;
    this.#isRestored = from !== undefined;
    if (from) [this.#root, this.#next] = [from.root, from.next];
    this.#writer = new TransferWriter(plan, this.report);
  }

  get position(): TransferPosition {
    return { root: this.#root, ...(this.#next && { next: this.#next }) };
  }

  /**
   * Does what is left to do. After a failure it goes on where it stopped when it is called again.
   * @throws EtcdError that says how many keys were done before
   */
  async run(options: TransferOptions = {}): Promise<TransferReport> {
    const { report } = this;
    try {
      await this.#settle(options);
      const permissions = await permissionsOf(this.plan, options.signal);
      for (; this.#root < this.plan.roots.length; this.#root++, this.#next = undefined) {
        const root = this.plan.roots[this.#root];
        if (root) await this.#transferRoot(root, permissions, options);
      }
    } catch (error) {
      throw EtcdError.is(error) && report.handled > 0 ? stopped(error, this.plan.move, report) : error;
    }
    return report;
  }

  async #transferRoot(root: TransferRoot, permissions: Permissions, options: TransferOptions): Promise<void> {
    for (let from = this.#next; ; from = this.#next) {
      try {
        await this.#scan(root, permissions, options);
        break;
      } catch (error) {
        // What was not reached yet is read at a newer revision.
        if (!EtcdError.is(error, 'compacted') || from === this.#next) throw error;
      }
    }
    const { source, move } = this.plan;
    if (move && root.kind === 'folder' && root.from.length > 1) await source.removeEmptyDirectories?.(root.from);
  }

  async #scan(root: TransferRoot, permissions: Permissions, { signal, ...options }: TransferOptions): Promise<void> {
    const { source } = this.plan;
    const whole = rangeOf(root);
    // v2 reaches directories as a whole only.
    const range = this.#next && source.capabilities.history ? { start: this.#next, end: whole.end } : whole;
    for await (const { kvs } of source.scan(range, { values: true, ...(signal && { signal }) })) {
      const { transactionSteps } = this.#smallerStore.capabilities;
      const open = kvs.filter(({ key }) => !this.#next || compareKeys(key, this.#next) >= 0);
      for (const batch of batches(open, Math.max(1, Math.floor(transactionSteps / this.#stepsOfKey)), bytesOf)) {
        if (signal?.aborted) throw new EtcdError('cancelled', l10n.t('Cancelled.'));
        if (this.#isRestored) await this.#noteStale(root, batch);
        await this.#transferBatch(this.#admit(root, batch, permissions), options);
        const last = batch.at(-1);
        if (last) this.#next = singleKeyRange(last.key).end;
        options.progress?.(this.report.handled);
      }
    }
  }

  get #isWithinStore(): boolean {
    return this.plan.source === this.plan.target;
  }

  get #isAtomic(): boolean {
    return this.#isWithinStore && this.plan.source.capabilities.transactionSteps >= 2;
  }

  get #smallerStore() {
    const { source, target } = this.plan;
    return source.capabilities.transactionSteps < target.capabilities.transactionSteps ? source : target;
  }

  get #stepsOfKey(): number {
    return this.#isWithinStore ? 2 : 1;
  }

  /** The items of a batch, without what must not or cannot be done. */
  #admit(root: TransferRoot, batch: readonly KeyValue[], { mayTake, mayPut }: Permissions): Item[] {
    const { seen, target: store } = this.plan;
    const { report } = this;
    return batch.flatMap((kv): Item[] => {
      const target = newKey(root, kv.key);
      const isSelf = this.#isWithinStore && compareKeys(kv.key, target) === 0;
      const problem = target.length === 0 ? l10n.t('A key is not empty.') : store.problemOf?.(target, kv.value);
      if (report.isSettled(kv.key)) return [];
      if (kv.modRevision > seen.source) report.leave(kv.key, 'changed');
      else if (isSelf) report.leave(kv.key, 'taken');
      else if (!mayTake(kv.key) || !mayPut(target)) report.leave(kv.key, 'denied');
      else if (problem !== undefined) report.leave(kv.key, 'impossible', problem);
      else return [{ kv, wanted: target, target, expected: 'absent', present: false, attempt: 0 }];
      return [];
    });
  }

  /** Keys that others have changed since they were seen may have been copied before that, by the job that was interrupted. */
  async #noteStale(root: TransferRoot, batch: readonly KeyValue[]): Promise<void> {
    const { seen, target } = this.plan;
    const changed = batch.filter(({ modRevision }) => modRevision > seen.source).map(({ key }) => newKey(root, key));
    if (changed.length === 0) return;
    const { kvs } = await target.getMany(changed);
    for (const kv of kvs) if (kv && kv.modRevision > seen.target) this.report.stale.add(kv.key);
  }

  async #transferBatch(items: readonly Item[], { record }: TransferOptions): Promise<void> {
    const work = {
      plan: this.plan,
      writer: this.#writer,
      report: this.report,
      beforeSending: (sent: readonly Item[]) => {
        for (const item of sent) this.#underWay.set(toBinaryKey(item.kv.key), item);
      },
      done: (written: readonly Written[]) => this.#noteDone(written, record),
    };
    try {
      await (this.#isAtomic ? atomicTransfer : steppedTransfer)(work, items);
    } catch (error) {
      // Learned just now: a transaction there has not even room for the two steps of a key.
      if (!EtcdError.is(error, 'tooManySteps') || this.#isAtomic) throw error;
      await steppedTransfer(work, items);
    }
    this.#underWay.clear();
    this.report.endBatch();
  }

  #noteDone(written: readonly Written[], record: TransferOptions['record']): void {
    for (const { kv, present, previous } of written) {
      this.#underWay.delete(toBinaryKey(kv.key));
      const withoutLease = (kv.lease ?? 0n) !== 0n && this.#writer.lifetimeOf(kv) === 'forever';
      this.report.finish(kv.key, { present, overwritten: previous !== undefined, withoutLease });
    }
    record?.(written);
  }

  /** Finds out what became of items whose answers did not come. Those whose old names are as they were are met again. */
  async #settle({ record }: TransferOptions): Promise<void> {
    for (const [name, item] of this.#underWay) {
      const now = (await this.plan.source.get(item.kv.key)).kv;
      if (now?.modRevision !== item.kv.modRevision) await this.#settleChanged(item, now, record);
      this.#underWay.delete(name);
    }
  }

  /** The old name of an item is gone or was written: by this transfer, by others, or by one after the other. */
  async #settleChanged(item: Item, now: KeyValue | undefined, record: TransferOptions['record']): Promise<void> {
    const { plan, report } = this;
    const { kv, expected } = item;
    const there = (await plan.target.get(item.target)).kv;
    const isCopy =
      there !== undefined &&
      !isSameKey(plan.oneCluster, kv, there) &&
      holds(there, kv, this.#writer.lifetimeOf(kv)) &&
      (expected === 'absent' || expected.modRevision !== there.modRevision);
    if (!isCopy) return report.leave(kv.key, 'changed');
    const written: Written = { ...item, revision: there.modRevision };
    if (plan.move && now && !plan.source.capabilities.history) {
      // v2 does not tell a key that was written anew from one that was deleted and created.
      report.stale.add(item.target);
      return report.leave(kv.key, 'changed');
    }
    // Where the old name is a new key, or none, this transfer may have deleted it: then its copy is all there is.
    const mayBeDone = this.#isAtomic || (plan.move && now?.createRevision !== kv.createRevision);
    if (!mayBeDone) return await withdraw({ plan, report }, written);
    this.#noteDone([written], record);
  }
}

function stopped(error: EtcdError, move: boolean, { done, leftCount: left }: TransferReport): EtcdError {
  const message = move
    ? l10n.t('{0} keys were moved before this happened, the others are where they were: {1}', done, error.message)
    : l10n.t('{0} keys were copied before this happened: {1}', done, error.message);
  const more = left > 0 ? ` ${l10n.t('{0} were left as they are.', left)}` : '';
  // A user who cancels what has begun wants to know how far it came.
  return new EtcdError(error.kind === 'cancelled' ? 'unexpected' : error.kind, message + more, { cause: error });
}

/** With room for the old and the new name. */
function bytesOf({ key, value }: KeyValue): number {
  return 3 * key.length + value.length;
}
