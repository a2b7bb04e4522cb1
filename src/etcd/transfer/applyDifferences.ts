import { throwIfAborted } from '../cancelled.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import { EtcdError } from '../errors.ts';
import type { Change, KeyMetadata, KeyStore, KeyValue } from '../keyStore.ts';
import type { ComparedSide } from '../past/compareSides.ts';
import type { Difference } from '../past/difference.ts';
import { batches } from '../writes/batches.ts';
import { writeGuarded, type GuardedWrite } from '../writes/guardedBatches.ts';
import { bytesOfUndone, type Undone } from '../writes/undone.ts';

/** The side of a comparison that is made like the other one. */
export type ChangedSide = 'left' | 'right';

/** A key that is to be created, overwritten or deleted. */
export interface KeyToApply {
  /** The key in the changed side. */
  readonly key: Uint8Array;
  /** The same key in the other side, whether or not it exists there. */
  readonly sourceKey: Uint8Array;
  /** The key in the other side, as it was compared; undefined if it is to be deleted. */
  readonly source: KeyMetadata | undefined;
  /** The key in the changed side, as it was compared; undefined if it is to be created. */
  readonly target: KeyMetadata | undefined;
}

export interface AppliedDifferences {
  readonly created: number;
  readonly overwritten: number;
  readonly deleted: number;
  /** Keys of which one side has changed since the comparison, and which were left alone. */
  readonly changedSince: readonly Uint8Array[];
  /** Keys that the server refused, each with the reason. */
  readonly refused: readonly { readonly key: Uint8Array; readonly reason: string }[];
  /** How to undo it; undefined if the earlier values are more than `undoBytes`. */
  readonly undo: readonly Undone[] | undefined;
  /** Why it ended early; the rest was not tried. */
  readonly stopped: EtcdError | undefined;
}

export interface ApplyRequest {
  readonly from: ComparedSide;
  readonly to: KeyStore;
  readonly keys: readonly KeyToApply[];
  /** Limit of the earlier values that are kept for undo. */
  readonly undoBytes: number;
  readonly signal: AbortSignal;
  /** Called with the number of keys that are done. */
  readonly advanced: (done: number) => void;
}

// See docs/contributing/decisions/bulk-work.md

/** Values read at a time. */
const READ_AT_ONCE = 20;

/** Returns what makes one side like the other; keys with equal values are left out. */
export function keysToApply(
  differences: readonly Difference[],
  changed: ChangedSide,
  prefixes: Readonly<Record<ChangedSide, Uint8Array>>,
): KeyToApply[] {
  const other = changed === 'right' ? 'left' : 'right';
  return differences.flatMap((difference) => {
    if (difference.kind === 'rewritten' || difference.kind === 'leaseChanged') return [];
    const left = difference.kind === 'added' ? undefined : difference.left;
    const right = difference.kind === 'deleted' ? undefined : difference.right;
    const [source, target] = changed === 'right' ? [left, right] : [right, left];
    const at = (side: ChangedSide) => new Uint8Array(Buffer.concat([prefixes[side], difference.name]));
    return [{ key: at(changed), sourceKey: at(other), source, target }];
  });
}

/**
 * Creates, overwrites and deletes keys, each only if both sides still have exactly what was compared. An existing key
 * keeps its lease; a new one does not expire. Memory holds some values, and those for undo. A failure does not lose what
 * was done before it.
 */
export async function applyDifferences(request: ApplyRequest): Promise<AppliedDifferences> {
  const work = new Application(request);
  const { keys, signal, advanced } = request;
  try {
    for (let at = 0; at < keys.length; at += READ_AT_ONCE) {
      throwIfAborted(signal);
      await work.apply(keys.slice(at, at + READ_AT_ONCE));
      advanced(Math.min(at + READ_AT_ONCE, keys.length));
    }
  } catch (error) {
    if (!EtcdError.is(error)) throw error;
    return work.result(error);
  }
  return work.result();
}

interface Step extends KeyToApply {
  /** Undefined if the key is to be deleted. */
  readonly value: Uint8Array | undefined;
}

class Application {
  readonly #request: ApplyRequest;
  readonly #changedSince: Uint8Array[] = [];
  readonly #refused: { readonly key: Uint8Array; readonly reason: string }[] = [];
  #undo: Undone[] | undefined = [];
  #undoBytes = 0;
  #created = 0;
  #overwritten = 0;
  #deleted = 0;

  constructor(request: ApplyRequest) {
    this.#request = request;
  }

  result(stopped?: EtcdError): AppliedDifferences {
    return {
      created: this.#created,
      overwritten: this.#overwritten,
      deleted: this.#deleted,
      changedSince: this.#changedSince,
      refused: this.#refused,
      undo: this.#undo,
      stopped,
    };
  }

  async apply(keys: readonly KeyToApply[]): Promise<void> {
    const { to } = this.#request;
    const steps = await this.#read(keys);
    const write: GuardedWrite<Step> = {
      stepsOf: (step) => [changeOf(step)],
      onConflict: async (open, conflicts) => {
        const isMet = ({ key }: Step) => conflicts.has(toBinaryKey(key));
        this.#changedSince.push(...open.filter(isMet).map(({ key }) => key));
        return open.filter((step) => !isMet(step));
      },
      onWritten: (done, { revision, previous }) => this.#note(done, revision, previous),
      divides: ['requestTooLarge', 'permissionDenied', 'readOnly', 'unsupported', 'tooManySteps'],
      onRefused: ({ key }, { message }) => void this.#refused.push({ key, reason: message }),
    };
    const bytesOf = ({ key, value }: Step) => key.length + (value?.length ?? 0);
    for (const batch of batches(steps, to.capabilities.transactionSteps, bytesOf)) await writeGuarded(to, batch, write);
  }

  /** Reads the values to write; leaves out keys that are no longer as compared. */
  async #read(keys: readonly KeyToApply[]): Promise<Step[]> {
    const { store, revision } = this.#request.from;
    const { signal } = this.#request;
    const options = { values: true, signal, ...(revision !== undefined && { revision }) };
    const { kvs } = await store.getMany(
      keys.map(({ sourceKey }) => sourceKey),
      options,
    );
    return keys.flatMap((each, index): Step[] => {
      const kv = kvs[index];
      if (kv?.modRevision === each.source?.modRevision) return [{ ...each, value: kv?.value }];
      this.#changedSince.push(each.key);
      return [];
    });
  }

  #note(done: readonly Step[], revision: bigint, previous: readonly KeyValue[]): void {
    const before = new Map(previous.map((kv) => [toBinaryKey(kv.key), kv]));
    for (const { key, value, target } of done) {
      if (value === undefined) this.#deleted++;
      else if (target) this.#overwritten++;
      else this.#created++;
      const kv = before.get(toBinaryKey(key));
      if (kv) this.#remember({ previous: kv, left: value === undefined ? 'absent' : { modRevision: revision } });
      else if (!target) this.#remember({ created: key, left: { modRevision: revision } });
    }
  }

  #remember(change: Undone): void {
    this.#undoBytes += bytesOfUndone(change);
    if (this.#undoBytes > this.#request.undoBytes) this.#undo = undefined;
    this.#undo?.push(change);
  }
}

function changeOf({ key, value, target }: Step): Change {
  if (value !== undefined)
    return { kind: 'put', key, value, expected: target ? { modRevision: target.modRevision } : 'absent' };
  if (!target) throw new EtcdError('unexpected', 'A key that is nowhere cannot differ.');
  return { kind: 'delete', key, expected: { modRevision: target.modRevision } };
}
