import { EtcdError, type EtcdErrorKind } from '../errors.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import type { Change, KeyMetadata, KeyStore, TransactionResult } from '../keyStore.ts';

/** Keys that are not as expected, by their binary keys. */
export type Conflicts = ReadonlyMap<string, KeyMetadata | undefined>;

type Done = Extract<TransactionResult, { readonly outcome: 'done' }>;

/** What the caller of a bulk write decides. */
export interface GuardedWrite<Item> {
  /** Returns the steps of an item, which are carried out together. */
  readonly stepsOf: (item: Item) => readonly Change[];
  /** Called with the items of a transaction in which some keys were not as expected; returns those to try again. */
  readonly onConflict: (items: readonly Item[], conflicts: Conflicts) => Promise<readonly Item[]>;
  /** Called with the items of each transaction before it is sent. */
  readonly beforeSending?: (items: readonly Item[]) => void;
  /** Called with the items of each transaction that was carried out. */
  readonly onWritten: (items: readonly Item[], result: Done) => void;
  /** Errors that smaller transactions may avoid. */
  readonly divides: readonly EtcdErrorKind[];
  /** Called with an item that is refused even alone. It throws if the rest must not be tried. */
  readonly onRefused: (item: Item, error: EtcdError) => void;
  /** Resolves to true if the caller has mended the cause of an error, so that the same items can be tried again. */
  readonly mends?: (items: readonly Item[], error: EtcdError) => Promise<boolean>;
}

/**
 * Writes items, each only if its keys are as expected, in transactions as large as the server accepts. Cut long lists
 * with `batches` first.
 * @throws EtcdError what `divides` does not list, and what the caller throws
 */
export async function writeGuarded<Item>(
  store: Pick<KeyStore, 'transact' | 'capabilities'>,
  items: readonly Item[],
  write: GuardedWrite<Item>,
): Promise<void> {
  let open = items;
  while (open.length > 0) {
    const [first] = open;
    const steps = open.flatMap(write.stepsOf);
    const isTooMuch = steps.length > store.capabilities.transactionSteps || hasTwice(steps);
    if (open.length > 1 && isTooMuch) return await writeInHalves(store, open, write);
    write.beforeSending?.(open);
    try {
      const result = await store.transact(steps);
      if (result.outcome === 'done') return write.onWritten(open, result);
      open = await write.onConflict(
        open,
        new Map(result.conflicts.map(({ key, current }) => [toBinaryKey(key), current])),
      );
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      if (await write.mends?.(open, error)) continue;
      if (!write.divides.includes(error.kind) || !first) throw error;
      if (open.length > 1) return await writeInHalves(store, open, write);
      return write.onRefused(first, error);
    }
  }
}

async function writeInHalves<Item>(
  store: Pick<KeyStore, 'transact' | 'capabilities'>,
  items: readonly Item[],
  write: GuardedWrite<Item>,
): Promise<void> {
  const middle = Math.ceil(items.length / 2);
  await writeGuarded(store, items.slice(0, middle), write);
  await writeGuarded(store, items.slice(middle), write);
}

/** Whether steps write a key twice, which etcd refuses in one transaction. */
function hasTwice(steps: readonly Change[]): boolean {
  return new Set(steps.map(({ key }) => toBinaryKey(key))).size < steps.length;
}
