import { EtcdError } from '../errors.ts';
import { toBinaryKey } from '../keyspace/binaryKey.ts';
import type { Change, Expectation, KeyMetadata, KeyStore, KeyValue, Lifetime } from '../keyStore.ts';
import { holds, isSameKey, isSource, lifetimeThere, sharesLeases, type TransferPlan } from './transferPlan.ts';
import type { TransferReport } from './transferReport.ts';

/** A key on its way. */
export interface Item {
  readonly kv: KeyValue;
  /** The new name that the plan gives it. */
  readonly wanted: Uint8Array;
  /** That name, or one beside it. */
  readonly target: Uint8Array;
  readonly expected: Expectation;
  /** The target is as the transfer wants it already. */
  readonly present: boolean;
  /** How many names beside the wanted one were tried. */
  readonly attempt: number;
}

/** An item whose steps were carried out. */
export interface Written extends Item {
  /** Of the transaction; 0 where nothing had to be written. */
  readonly revision: bigint;
  /** What was overwritten. */
  readonly previous?: KeyValue;
}

/** The keys that are not as expected, as binary keys. */
export type Conflicts = ReadonlyMap<string, KeyMetadata | undefined>;

export interface WritingWay {
  readonly stepsOf: (item: Item) => readonly Change[];
  /** Which items to try again, and how. */
  readonly onConflict: (items: readonly Item[], conflicts: Conflicts) => Promise<readonly Item[]>;
  /** Hears of the items of each transaction before it is sent. */
  readonly beforeSending?: (items: readonly Item[]) => void;
  /** Hears of them once it was carried out. */
  readonly onWritten: (items: readonly Written[]) => void;
}

/** So many keys are tried one by one where a user's roles do not permit what they seemed to. */
const MOST_DENIALS = 200;
const MOST_NAMES_TRIED = 1000;
/** Values may be 1.5 MB each. */
const VALUES_AT_ONCE = 16;

/** Writes items in guarded transactions as large as the server takes, and decides what becomes of those that meet a conflict. */
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

  /** The step that makes the copy, or where it is there already the one that makes sure of it. */
  putOf({ kv, target, expected, present }: Item): Change {
    if (present) return { kind: 'check', key: target, expected };
    return { kind: 'put', key: target, value: kv.value, expected, lifetime: this.lifetimeOf(kv) };
  }

  /** Carries out the steps of items; those that cannot be are reported. @throws EtcdError where the rest is not to be tried */
  async write(store: KeyStore, items: readonly Item[], way: WritingWay): Promise<void> {
    if (items.length === 0) return;
    const again = (part: readonly Item[]) => this.write(store, part, way);
    const inHalves = async () => {
      const middle = Math.ceil(items.length / 2);
      await again(items.slice(0, middle));
      await again(items.slice(middle));
    };
    const steps = items.flatMap(way.stepsOf);
    const isTooMuch = steps.length > store.capabilities.transactionSteps || hasTwice(steps);
    if (items.length > 1 && isTooMuch) return await inHalves();
    way.beforeSending?.(items);
    try {
      const result = await store.transact(steps);
      if (result.outcome === 'done') return way.onWritten(withPrevious(items, result.revision, result.previous));
      const conflicts = new Map(result.conflicts.map(({ key, current }) => [toBinaryKey(key), current]));
      return await again(await way.onConflict(items, conflicts));
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      if (error.kind === 'notFound' && (await this.#dropEndedLeases(items))) return await again(items);
      const isOfOneKey = EtcdError.is(error, 'requestTooLarge', 'permissionDenied', 'unsupported', 'tooManySteps');
      if (isOfOneKey && items.length > 1) return await inHalves();
      this.#leaveOut(items, error);
    }
  }

  /** What becomes of items whose new names or old keys are not as expected. */
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
    if (plan.taken !== 'rename' || !plan.alternative || attempt >= MOST_NAMES_TRIED) return this.#giveUp(item);
    // Names are tried from the wanted one on, so that a transfer that is resumed finds its own.
    const beside = plan.alternative(wanted, attempt + 1);
    return [{ kv, wanted, target: beside, expected: 'absent', present: false, attempt: attempt + 1 }];
  }

  #giveUp({ kv }: Item): Item[] {
    this.#report.leave(kv.key, 'taken');
    return [];
  }

  /** Takes note of what cannot be done to one key. @throws the error itself where it is not about the key */
  #leaveOut([item]: readonly Item[], error: EtcdError): void {
    if (!item || !EtcdError.is(error, 'requestTooLarge', 'permissionDenied', 'unsupported')) throw error;
    if (error.kind === 'permissionDenied' && ++this.#denials > MOST_DENIALS) throw error;
    this.#report.leave(item.kv.key, error.kind === 'permissionDenied' ? 'denied' : 'impossible', error.message);
  }

  /** Whether some lease of these items has ended, or was never one of that cluster: two may have the same id. */
  async #dropEndedLeases(items: readonly Item[]): Promise<boolean> {
    const { target } = this.#plan;
    const before = this.#endedLeases.size;
    for (const lease of new Set(items.map(({ kv }) => kv.lease ?? 0n)))
      if (lease !== 0n && (await target.leases?.timeToLive(lease)) === undefined) this.#endedLeases.add(lease);
    return this.#endedLeases.size > before;
  }
}

/** etcd takes a key once in a transaction. */
function hasTwice(steps: readonly Change[]): boolean {
  const keys = steps.map(({ key }) => toBinaryKey(key));
  return new Set(keys).size < keys.length;
}

function withPrevious(items: readonly Item[], revision: bigint, previous: readonly KeyValue[]): Written[] {
  const byKey = new Map(previous.map((kv) => [toBinaryKey(kv.key), kv]));
  return items.map((item) => {
    const before = item.present ? undefined : byKey.get(toBinaryKey(item.target));
    return { ...item, revision: item.present ? 0n : revision, ...(before && { previous: before }) };
  });
}
