import type { EtcdError } from '../errors.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import type { Change, Expectation, KeyStore, KeyValue, Lifetime } from '../keyStore.ts';
import { writeGuarded, type Conflicts } from '../writes/guardedBatches.ts';
import { holds, isSameKey, isSource, lifetimeThere, sharesLeases, type TransferPlan } from './transferPlan.ts';
import type { TransferReport } from './transferReport.ts';

/** A key that is being transferred. */
export interface Item {
  readonly kv: KeyValue;
  /** The new name according to the plan. */
  readonly wanted: Uint8Array;
  /** That name, or an alternative. */
  readonly target: Uint8Array;
  readonly expected: Expectation;
  /** True if the target already is as the transfer wants it. */
  readonly present: boolean;
  /** Number of alternatives tried. */
  readonly attempt: number;
}

/** An item whose steps were carried out. */
export interface Written extends Item {
  /** Revision of the transaction; 0 if nothing had to be written. */
  readonly revision: bigint;
  /** The key that was overwritten. */
  readonly previous?: KeyValue;
}

export interface WritingWay {
  readonly stepsOf: (item: Item) => readonly Change[];
  /** Returns the items to try again. */
  readonly onConflict: (items: readonly Item[], conflicts: Conflicts) => Promise<readonly Item[]>;
  /** Called with the items of each transaction before it is sent. */
  readonly beforeSending?: (items: readonly Item[]) => void;
  /** Called with the items of each transaction that was carried out. */
  readonly onWritten: (items: readonly Written[]) => void;
}

/** Keys tried one by one after a permission error, in case the user's roles allow less than they seemed to. */
const MAX_DENIALS = 200;
const MAX_NAMES_TRIED = 1000;
/** Keys read at a time with their values, which may have 1.5 MB each. */
const VALUES_AT_ONCE = 16;

/** Writes items in guarded transactions as large as the server accepts, and resolves conflicts. */
export class TransferWriter {
  readonly #plan: TransferPlan;
  readonly #report: TransferReport;
  readonly #sharesLeases: boolean;
  readonly #endedLeases = new Set<bigint>();
  #denials = 0;

  constructor(plan: TransferPlan, report: TransferReport) {
    this.#plan = plan;
    this.#report = report;
    this.#sharesLeases = sharesLeases(plan);
  }

  lifetimeOf(kv: KeyValue): Lifetime {
    return lifetimeThere(kv, (lease) => this.#sharesLeases && !this.#endedLeases.has(lease));
  }

  /** Returns the step that makes the copy or, if the copy exists, the step that checks it. */
  putOf({ kv, target, expected, present }: Item): Change {
    if (present) return { kind: 'check', key: target, expected };
    return { kind: 'put', key: target, value: kv.value, expected, lifetime: this.lifetimeOf(kv) };
  }

  /**
   * Carries out the steps of items, and reports items that cannot be transferred. @throws EtcdError if the rest must
   * not be tried
   */
  async write(store: KeyStore, items: readonly Item[], way: WritingWay): Promise<void> {
    await writeGuarded(store, items, {
      ...way,
      onWritten: (done, { revision, previous }) => way.onWritten(withPrevious(done, revision, previous)),
      divides: ['requestTooLarge', 'permissionDenied', 'readOnly', 'unsupported', 'tooManySteps'],
      onRefused: (item, error) => this.#leaveOut(item, error),
      mends: async (open, error) => error.kind === 'notFound' && (await this.#dropEndedLeases(open)),
    });
  }

  /** Decides what to do with items whose new names or old keys are not as expected. */
  async resolve(items: readonly Item[], conflicts: Conflicts): Promise<Item[]> {
    const sourceChanged = (item: Item) =>
      this.#plan.source === this.#plan.target && conflicts.has(toBinaryKey(item.kv.key));
    for (const { kv } of items.filter(sourceChanged)) this.#report.leave(kv.key, 'changed');
    const open = items.filter((item) => !sourceChanged(item));
    const met = open.filter(({ target }) => conflicts.has(toBinaryKey(target)));
    const resolved = open.filter(({ target }) => !conflicts.has(toBinaryKey(target)));
    for (let at = 0; at < met.length; at += VALUES_AT_ONCE) {
      const part = met.slice(at, at + VALUES_AT_ONCE);
      const { kvs } = await this.#plan.target.getMany(
        part.map(({ target }) => target),
        { values: true },
      );
      part.forEach((item, index) => resolved.push(...this.#resolveOne(item, kvs[index])));
    }
    return resolved;
  }

  #resolveOne(item: Item, there: KeyValue | undefined): Item[] {
    const { kv, wanted, target, attempt } = item;
    const plan = this.#plan;
    if (!there) return [{ ...item, expected: 'absent', present: false }];
    const expected = { modRevision: there.modRevision };
    if (isSameKey(plan.oneCluster, kv, there)) return this.#giveUp(item);
    if (holds(there, kv, this.lifetimeOf(kv))) return [{ ...item, expected, present: true }];
    const isSeen = there.modRevision <= plan.seen.target;
    if (plan.taken === 'overwrite' && isSeen && !isSource(plan, target)) return [{ ...item, expected, present: false }];
    if (plan.taken !== 'rename' || !plan.alternative || attempt >= MAX_NAMES_TRIED) return this.#giveUp(item);
    // Alternatives are tried in order from the wanted name on, so that a resumed transfer finds its own copies.
    const beside = plan.alternative(wanted, attempt + 1);
    return [{ kv, wanted, target: beside, expected: 'absent', present: false, attempt: attempt + 1 }];
  }

  #giveUp({ kv }: Item): Item[] {
    this.#report.leave(kv.key, 'taken');
    return [];
  }

  /** Notes that one key cannot be transferred. @throws the error itself if it is not about the key */
  #leaveOut(item: Item, error: EtcdError): void {
    if (error.kind === 'tooManySteps') throw error;
    if (error.kind === 'permissionDenied' && ++this.#denials > MAX_DENIALS) throw error;
    this.#report.leave(item.kv.key, error.kind === 'permissionDenied' ? 'denied' : 'impossible', error.message);
  }

  /**
   * Whether a lease of these items has ended or never was one of that cluster: leases of two clusters may have the same
   * id.
   */
  async #dropEndedLeases(items: readonly Item[]): Promise<boolean> {
    const { target } = this.#plan;
    const before = this.#endedLeases.size;
    for (const lease of new Set(items.map(({ kv }) => kv.lease ?? 0n)))
      if (lease !== 0n && (await target.leases?.timeToLive(lease)) === undefined) this.#endedLeases.add(lease);
    return this.#endedLeases.size > before;
  }
}

function withPrevious(items: readonly Item[], revision: bigint, previous: readonly KeyValue[]): Written[] {
  const byKey = new Map(previous.map((kv) => [toBinaryKey(kv.key), kv]));
  return items.map((item) => {
    const before = item.present ? undefined : byKey.get(toBinaryKey(item.target));
    return { ...item, revision: item.present ? 0n : revision, ...(before && { previous: before }) };
  });
}
