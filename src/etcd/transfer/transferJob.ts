import { throwIfAborted } from '../cancelled.ts';
import * as l10n from '@vscode/l10n';
import { keysText } from '../countText.ts';
import { batches } from '../writes/batches.ts';
import { EtcdError } from '../errors.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import { compareKeys, singleKeyRange } from '../keys/ranges.ts';
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

// See docs/contributing/decisions/bulk-work.md

export interface TransferOptions {
  readonly signal?: AbortSignal;
  /** Called with the number of keys processed so far, including those of earlier runs. */
  readonly progress?: (handled: number) => void;
  /** Called with the finished keys, as they were before and as they are now, for undo. */
  readonly record?: (written: readonly Written[]) => void;
}

/** How far a transfer has come. */
export interface TransferPosition {
  /** Index of the current root. */
  readonly root: number;
  /** The first of its keys that was not processed; absent at its beginning. */
  readonly next?: Uint8Array;
}

/**
 * Copies or moves keys to new names, in the same store or another one, as a plan says. A key is deleted only in the
 * transaction that creates its copy or, if one transaction cannot do both, after the copy was read back.
 */
export class TransferJob {
  readonly plan: TransferPlan;
  readonly report = new TransferReport();
  readonly #writer: TransferWriter;
  /** The current root, and the first of its keys that was not processed. */
  #root = 0;
  #next: Uint8Array | undefined;
  /** Items that were sent and not answered yet, by their old keys. */
  readonly #underWay = new Map<string, Item>();
  /** True if another job of the same plan was interrupted; what it sent last is unknown. */
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
   * Does the rest of the work. After a failure, another call continues where it stopped.
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
        // The rest is read at a newer revision.
        if (!EtcdError.is(error, 'compacted') || from === this.#next) throw error;
      }
    }
    const { source, move } = this.plan;
    if (move && root.kind === 'folder' && root.from.length > 1) await source.removeEmptyDirectories?.(root.from);
  }

  async #scan(root: TransferRoot, permissions: Permissions, { signal, ...options }: TransferOptions): Promise<void> {
    const { source } = this.plan;
    const whole = rangeOf(root);
    // v2 reads directories only as a whole.
    const range = this.#next && source.capabilities.history ? { start: this.#next, end: whole.end } : whole;
    for await (const { kvs } of source.scan(range, { values: true, ...(signal && { signal }) })) {
      const { transactionSteps } = this.#smallerStore.capabilities;
      const open = kvs.filter(({ key }) => !this.#next || compareKeys(key, this.#next) >= 0);
      for (const batch of batches(open, Math.max(1, Math.floor(transactionSteps / this.#stepsOfKey)), bytesOf)) {
        throwIfAborted(signal);
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

  /** Turns a batch into items, without the keys that must not or cannot be transferred. */
  #admit(root: TransferRoot, batch: readonly KeyValue[], { mayTake, mayPut }: Permissions): Item[] {
    const { seen, target: store } = this.plan;
    const { report } = this;
    return batch.flatMap((kv): Item[] => {
      const target = newKey(root, kv.key);
      const isSelf = this.#isWithinStore && compareKeys(kv.key, target) === 0;
      const problem = target.length === 0 ? l10n.t('A key cannot be empty.') : store.problemOf?.(target, kv.value);
      if (report.isSettled(kv.key)) return [];
      if (kv.modRevision > seen.source) report.leave(kv.key, 'changed');
      else if (isSelf) report.leave(kv.key, 'taken');
      else if (!mayTake(kv.key) || !mayPut(target)) report.leave(kv.key, 'denied');
      else if (problem !== undefined) report.leave(kv.key, 'impossible', problem);
      else return [{ kv, wanted: target, target, expected: 'absent', present: false, attempt: 0 }];
      return [];
    });
  }

  /** Notes keys that others have changed since the preview: the interrupted job may have copied them before that. */
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
      // The server has just refused: a transaction there does not even have room for a key's two steps.
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

  /**
   * Finds out what became of items whose answers were lost. Items whose old names are unchanged are processed again
   * later.
   */
  async #settle({ record }: TransferOptions): Promise<void> {
    for (const [name, item] of this.#underWay) {
      const now = (await this.plan.source.get(item.kv.key)).kv;
      if (now?.modRevision !== item.kv.modRevision) await this.#settleChanged(item, now, record);
      this.#underWay.delete(name);
    }
  }

  /** Finds out who deleted or wrote the old name of an item: this transfer, others, or both. */
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
      // v2 cannot tell a key that was written again from one that was deleted and created.
      report.stale.add(item.target);
      return report.leave(kv.key, 'changed');
    }
    // If the old name is gone or is a new key, this transfer may have deleted it, and the copy may be the only one
    // left.
    const mayBeDone = this.#isAtomic || (plan.move && now?.createRevision !== kv.createRevision);
    if (!mayBeDone) return await withdraw({ plan, report }, written);
    this.#noteDone([written], record);
  }
}

function stopped(error: EtcdError, move: boolean, { done, leftCount: left }: TransferReport): EtcdError {
  const message = move
    ? l10n.t('Stopped after moving {0}; the rest is where it was: {1}', keysText(done), error.message)
    : l10n.t('Stopped after copying {0}: {1}', keysText(done), error.message);
  const more = left > 0 ? ` ${l10n.t('{0} were left as they are.', left)}` : '';
  // A user who cancels work in progress wants to know how far it came.
  return new EtcdError(error.kind === 'cancelled' ? 'unexpected' : error.kind, message + more, { cause: error });
}

/** Size of an item in a transaction, with the old and the new name. */
function bytesOf({ key, value }: KeyValue): number {
  return 3 * key.length + value.length;
}
